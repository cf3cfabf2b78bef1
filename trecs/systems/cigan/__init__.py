"""CI-GAN (Wang et al., ACM MM 2021): a style-based GAN, its inverse, and words in its codes."""
