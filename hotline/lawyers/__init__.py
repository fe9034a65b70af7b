"""Pages for the lawyers of 12348."""
