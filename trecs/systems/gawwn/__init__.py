"""GAWWN (Reed et al., NIPS 2016): what and where, each thing in its box."""
