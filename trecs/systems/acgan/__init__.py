"""AC-GAN (Odena et al., ICML 2017): pictures of a class, which the judge must name, too."""
