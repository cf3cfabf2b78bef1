"""alignDRAW (Mansimov et al., ICLR 2016): a canvas that grows while a caption is attended to."""
