"""Organisations with systems of their own: a JSON API with keys, and signed web-hooks out."""
