"""VGG-16 up to its fourth group of convolutions, for the optional perceptual losses.

The weights are not ours and not shipped: the user names a file.
"""

from itertools import pairwise
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from files.released import read_state

GROUPS = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512))
CHANNELS = tuple(group[-1] for group in GROUPS)
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class VggFeatures(nn.Module):
    """Feature maps after each group (Simonyan and Zisserman, 2015), normalised per position."""

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.groups = nn.ModuleList(
            nn.Sequential(
                *(
                    layer
                    for inputs, outputs in pairwise(group)
                    for layer in (nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU())
                )
            )
            for group in GROUPS
        )
        self.register_buffer("mean", torch.tensor(MEAN).view(3, 1, 1))
        self.register_buffer("deviation", torch.tensor(DEVIATION).view(3, 1, 1))

    @staticmethod
    def load(path: Path) -> "VggFeatures":
        """Reads a state dict of any VGG-16 (torchvision's, LPIPS's): its first convolutions.

        Raises InputError where the file is missing or holds other layers.
        """
        network = VggFeatures()
        try:
            state = read_state(path)
            kernels = [name for name, value in state.items() if value.shape[2:] == (3, 3)]
            kernels = [name for name in kernels if state[name].shape[1] > 1]
            with torch.no_grad():
                convs = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
                for conv, name in zip(convs, kernels, strict=False):
                    conv.weight.copy_(state[name])
                    conv.bias.copy_(state[name.removesuffix("weight") + "bias"])  # type: ignore[union-attr]
                if len(kernels) < len(convs):
                    raise ValueError(f"only {len(kernels)} convolutions")
        except Exception as error:
            raise InputError(
                f"'{path}' is no usable VGG-16 ({error}); expected its state dict as a .pth file."
            ) from error
        return network.eval().requires_grad_(False)

    def forward(self, picture: Tensor) -> list[Tensor]:
        """Features of a picture (B, 3, H, W) in [-1, 1] at full, half, quarter and eighth size."""
        x = ((picture + 1) / 2 - self.mean) / self.deviation
        features = []
        for i, group in enumerate(self.groups):
            x = group(functional.max_pool2d(x, 2) if i else x)
            features.append(functional.normalize(x.float(), dim=1) * x.shape[1] ** 0.5)
        return features
