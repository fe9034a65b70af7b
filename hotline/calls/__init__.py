"""A call and its legs, from the ring to the hang-up."""
