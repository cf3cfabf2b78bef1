"""Scenes and their masks on disk, the dual encoder, the index, and the choice of masks.

Knows `segmentation`, not `trecs`.
"""
