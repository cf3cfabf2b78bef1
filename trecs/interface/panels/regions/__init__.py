"""The regions: what was drawn while something was said."""
