"""Trace and words, taken down on one clock."""
