"""Metrics, each a pure function."""
