"""Pages of dispatchers (the review desk) and of organisations (their in-tray)."""
