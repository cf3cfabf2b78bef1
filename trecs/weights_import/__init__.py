"""Others' released weights into our format."""
