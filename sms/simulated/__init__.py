"""The simulated carrier: a program of its own, which Hotline knows only by address and signature."""
