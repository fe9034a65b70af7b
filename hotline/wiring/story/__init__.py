"""`hotline story`: one whole story on a fresh temporary instance, each step with its evidence."""
