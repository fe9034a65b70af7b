"""Work orders: which department or firm does the work, offers, returns, answers, their console."""
