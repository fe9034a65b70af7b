"""What a matter can be: hotlines, categories and items, in versions, edited as drafts."""
