"""The people who talk to callers: their presence, their calls, their tickets."""
