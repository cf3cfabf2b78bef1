"""GAN-INT-CLS (Reed et al., ICML 2016): the first pictures that a GAN drew of sentences."""
