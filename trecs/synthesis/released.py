"""SPADE's released COCO-Stuff generator (Park et al., CVPR 2019) as one of our generators."""

from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.released import fitted, read_state
from files.weights import save_weights
from files.whole import write_atomically
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator

RELEASED = "latest_net_G.pth"
TELLING = ("G_middle_0.conv_0.bias",)
VAE = (
    "'{path}' is a generator of SPADE that was trained with a VAE (--use_vae): it begins with the "
    "code of a picture that an encoder (netE) made, not with the label map. Give the weights of a "
    "generator that was trained without one, such as the released coco_pretrained/latest_net_G.pth."
)
FIRST = 16  # times ngf: the channels of the first layer
CARD = """\
---
license: cc-by-nc-sa-4.0
library_name: trecs-studio
tags: [trecs, image-generation, spade]
datasets: [coco-stuff]
---
# SPADE, the authors' COCO-Stuff generator

Imported by `trecs weights import spade` from the authors' `{name}`: {parameters:,} parameters,
{stored}. `trecs draw` and `trecs render` use it with `--generator` and its name.

- **Data**: COCO-Stuff, 118,000 training photos, as the authors report.
- **Licence**: CC BY-NC-SA 4.0, the authors' (github.com/NVlabs/SPADE): not for commercial use.
- **Recipe**: Park, Liu, Wang, Zhu: Semantic Image Synthesis with Spatially-Adaptive Normalization,
  CVPR 2019. Names and numbers are theirs; nothing was trained here.
- **Numbers**: the paper's, on COCO-Stuff at 256x256: FID 22.6, mIoU 37.4. Not measured here.
- **Limits**: a label map and its instances decide everything: the seed changes nothing.
"""


def import_spade(path: Path, out: Path, *, half: bool = False) -> None:
    """Writes the generator's folder `out` from the released file, or the folder it lies in.

    `half` stores float16. The width (ngf) is read off the file. Raises InputError where the file
    is not SPADE's COCO-Stuff generator.
    """
    path = path / RELEASED if path.is_dir() else path
    released = read_state(path, TELLING)
    if "fc.weight" in released and released["fc.weight"].dim() == 2:
        raise InputError(VAE.format(path=path))
    config = SpadeConfig.official(_ngf(released))
    with torch.device("meta"):
        network = SpadeGenerator(config)
    what = "SPADE's COCO-Stuff generator (latest_net_G.pth)"
    state = fitted(released, network.state_dict(), path, what)
    if half:
        state = {n: t.half() if t.is_floating_point() else t for n, t in state.items()}
    save_weights(out, "generator", config, state)
    card = CARD.format(
        name=path.name,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        stored="stored as float16" if half else "stored as float32",
    )
    write_atomically(out / "README.md", card.encode())


def _ngf(released: dict[str, Tensor]) -> int:
    """The width; that of the published network where the file does not tell."""
    bias = released.get("fc.bias")
    if bias is None or bias.dim() != 1 or len(bias) < FIRST:
        return 64
    return len(bias) // FIRST
