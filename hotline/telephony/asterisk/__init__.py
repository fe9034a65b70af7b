"""Asterisk 22: its configuration, its process, its manager interface (AMI)."""
