"""What comes from a disk and goes to it: weights, and errors in words."""
