"""What comes from a disk and goes to it: weights, pictures, and errors in words."""
