"""The most similar scene of the library, rendered whole."""
