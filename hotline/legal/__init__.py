"""Questions to 12348 that a lawyer answers when the line itself is closed (Z26, M05)."""
