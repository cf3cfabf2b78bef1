"""A recording becomes words with times, on this machine (the extra `speech`)."""

MODEL = "base.en"
"""The network that is taken where none is named; 145 MB from the Hugging Face Hub, once."""
