"""The nouns every part shares, and (in `wiring`) the assembly of the whole."""
