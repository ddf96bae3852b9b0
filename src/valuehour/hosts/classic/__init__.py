"""Excel on Windows: an add-in in VBA whose functions are calculated by a Python of the user's own."""
