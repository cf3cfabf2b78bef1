"""The paper's first stage: a label for every word."""
