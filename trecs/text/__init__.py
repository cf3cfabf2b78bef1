"""Words, word pieces and phrases; no networks."""
