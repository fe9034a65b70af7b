"""Pages for managers and supervisors."""
