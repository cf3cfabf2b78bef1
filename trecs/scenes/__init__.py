"""How what retrieval needs is learnt: the scene encoder, shapes and layouts."""
