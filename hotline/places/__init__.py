"""Places as people name them: roads, estates, crossings, landmarks; and from words to an area."""
