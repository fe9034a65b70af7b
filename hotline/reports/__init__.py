"""What managers read: every figure with numerator, denominator and definition."""
