"""AUDIENCE everybody on the staff: signing in and out, the language, the way home, a number for a purpose."""
