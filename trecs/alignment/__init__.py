"""The paper's second stage: words and strokes become regions."""
