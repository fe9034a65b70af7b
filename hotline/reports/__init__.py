"""What managers read: every figure with numerator, denominator, exclusions and definition."""
