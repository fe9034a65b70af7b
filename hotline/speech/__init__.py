"""What a caller says becomes words: a port, and a recogniser of our own (docs/decisions/recogniser.md)."""
