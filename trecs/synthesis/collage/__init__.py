"""Pictures of things that were photographed: a library's photos cut out, pasted and harmonised.

Reconstructed; the paper paints with SPADE alone. It is the photo collage of Sketch2Photo (Chen et
al., SIGGRAPH Asia 2009) on this studio's canvases.
"""
