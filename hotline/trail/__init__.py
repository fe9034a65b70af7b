"""The trail: facts sealed by a chain of hashes, so that whoever touches one afterwards is found (R01)."""
