"""Twilio: our client of its REST interface, and the door for its webhooks. Calls and texts share them."""
