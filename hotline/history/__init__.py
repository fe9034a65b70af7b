"""Matters of systems this one took the place of: read-only, beside the tickets (R06)."""
