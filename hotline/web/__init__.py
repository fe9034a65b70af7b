"""What all pages share: layout, access, errors. No page of its own audience."""
