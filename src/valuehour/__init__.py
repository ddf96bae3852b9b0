"""Value-per-hour accounting for business workflows, where the work happens: in the spreadsheet."""

__version__ = "0.1.0"
