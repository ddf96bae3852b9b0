"""Doors to spreadsheet programs: the same functions in each of them, derived from the one definition."""
