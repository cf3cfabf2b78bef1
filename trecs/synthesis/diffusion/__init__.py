"""Pictures by a diffusion pipeline of the `diffusers` library, held to our canvas.

Reconstructed; the paper paints with SPADE alone. It is ControlNet (Zhang, Rao, Agrawala, ICCV
2023) or GLIGEN (Li et al., CVPR 2023) on this studio's canvases. The library is an extra:
`pip install .[diffusion]`.
"""
