"""A person, known by a telephone number."""
