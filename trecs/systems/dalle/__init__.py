"""DALL-E (Ramesh et al., ICML 2021): words and a picture's tokens are one sequence."""
