"""Citizens a person shall ring back, and why."""
