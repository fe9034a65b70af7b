"""The telephone dialogue: what a caller hears and presses, whatever telephone system carries it."""
