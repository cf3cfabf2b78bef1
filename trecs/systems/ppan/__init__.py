"""PPAN (Gao et al., AAAI 2019): a pyramid of maps, three judges, and a frozen network's eyes."""
