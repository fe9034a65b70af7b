"""The people who answer: availability, waiting calls, screen pop, wrap-up, their console."""
