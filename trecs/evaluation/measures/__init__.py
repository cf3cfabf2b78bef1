"""Measures, each a pure function."""
