"""One matter on two hotlines: its case number, and every move between 12345 and 12348 (M03, Z02)."""
