"""Regions that nobody drew get a trace."""
