"""The words with their labels."""
