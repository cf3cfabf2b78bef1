"""Scenes and their masks on disk, the dual encoder, the index, and the choice of masks.

Scenes come from COCO's files or from a shape and a layout model, which are here, too. Knows
`segmentation`, not `trecs`.
"""
