"""Pictures, videos and papers that belong to a ticket (A09)."""
