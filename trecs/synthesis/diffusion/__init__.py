"""Pictures by a diffusion pipeline of the `diffusers` library, held to our canvas by a ControlNet.

Reconstructed; the paper paints with SPADE alone. It is ControlNet (Zhang, Rao, Agrawala, ICCV 2023)
on this studio's canvases. The library is an extra: `pip install .[diffusion]`.
"""
