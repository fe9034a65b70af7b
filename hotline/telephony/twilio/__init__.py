"""Twilio, and whatever speaks like it: REST control here, webhooks in ivr/twilio."""
