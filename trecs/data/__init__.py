"""Photos, label maps and narratives for training: downloaded, prepared, labelled and read.

The simulated annotator, which traces what nobody did, is here, too.
"""
