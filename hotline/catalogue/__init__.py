"""What a matter can be: hotlines, categories and items, in versions; the classifier."""
