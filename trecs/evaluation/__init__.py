"""How good systems are: their pictures drawn, measured and shown to people.

Measures and the networks that they look through have a folder each.
"""
