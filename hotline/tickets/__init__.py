"""A citizen's matter, its one state machine and its clocks."""
