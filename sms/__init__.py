"""Short messages out and in: templates, segments, providers, receipts, replies."""
