"""Networks that measure, and how those of our own learn."""
