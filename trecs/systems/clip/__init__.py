"""CLIP (Radford et al., ICML 2021): two encoders that find each other, and what draws by them."""
