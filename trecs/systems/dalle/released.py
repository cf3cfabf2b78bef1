"""The discrete VAE that DALL-E's authors released, in our format; no transformer was released.

Their encoder.pkl and decoder.pkl are whole modules, which only code of theirs can make, so they are
refused; wanted are the state dicts in them, saved by who trusts the files:

    torch.save(torch.load("encoder.pkl", weights_only=False).state_dict(), "encoder.pth")
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from files.errors import InputError
from files.released import fitted, read_state
from files.weights import save_weights
from files.whole import write_atomically
from trecs.systems.dalle.config import DvaeConfig
from trecs.systems.dalle.dvae import Decoder, Encoder
from trecs.systems.dalle.dvae_training import KIND
from trecs.systems.parts.released_networks import length

BEGINNING = "blocks.input.w"
NAMES = {"encoder": "the encoder of DALL-E's VAE", "decoder": "the decoder of DALL-E's VAE"}
CARD = """\
---
license: mit
library_name: trecs-studio
tags: [trecs, image-generation, dalle]
---
# DALL-E's discrete VAE, the authors' weights

Imported by `trecs weights import dalle` from the authors' {files}: {codes:,} codes, stored as
float32. It draws nothing by itself: `trecs train dalle --dvae` trains a transformer over its
tokens.

- **Data**: 250 million pairs of pictures and texts, as the authors report.
- **Licence**: that of the authors' code (github.com/openai/DALL-E, a modified MIT licence).
- **Recipe**: Ramesh et al.: Zero-Shot Text-to-Image Generation, ICML 2021. Names and numbers are
  theirs; nothing was trained here.
- **Numbers**: not measured here.
- **Limits**: a token stands for 8x8 pixels, so that letters and small faces are lost.
"""


def import_dalle(paths: Sequence[Path], out: Path) -> None:
    """Writes the folder `out` from the state dicts of encoder and decoder, in any order.

    The sizes are read off the files. Raises InputError where one is missing, given twice, does not
    fit the other one, or is none of the authors'.
    """
    states, files = dict[str, dict[str, Tensor]](), dict[str, Path]()
    for path in paths:
        state = read_state(path, (BEGINNING,))
        kind = "encoder" if length(state, BEGINNING, 3, 0) == 7 else "decoder"
        if kind in files:
            raise InputError(f"'{files[kind]}' and '{path}' are both {NAMES[kind]}; give one.")
        states[kind], files[kind] = state, path
    if missing := [what for kind, what in NAMES.items() if kind not in files]:
        raise InputError(f"There is missing: {missing[0]}. Give a state dict of each.")
    config = _config(states["encoder"], states["decoder"])
    try:
        with torch.device("meta"):
            networks = {"encoder": Encoder(config), "decoder": Decoder(config)}
    except ArithmeticError as error:
        raise InputError(
            f"'{files['encoder']}' and '{files['decoder']}' are not DALL-E's VAE: their sizes do "
            "not go together."
        ) from error
    whole = {
        f"{kind}.{name}": tensor
        for kind, network in networks.items()
        for name, tensor in fitted(
            states[kind], network.state_dict(), files[kind], f"{NAMES[kind]} that goes with both"
        ).items()
    }
    save_weights(out, KIND, config, whole)
    told = " and ".join(f"`{files[kind].name}`" for kind in NAMES)
    write_atomically(out / "README.md", CARD.format(files=told, codes=config.codes).encode())


def _config(encoder: Mapping[str, Tensor], decoder: Mapping[str, Tensor]) -> DvaeConfig:
    """The sizes of the files' networks; those of the published ones where a file does not tell."""
    official = DvaeConfig.official()
    blocks = {name.split(".")[2] for name in encoder if name.startswith("blocks.group_1.")}
    last = length(decoder, "blocks.output.conv.w", 1, official.hidden)
    return DvaeConfig(
        codes=length(encoder, "blocks.output.conv.w", 0, official.codes),
        looking=length(encoder, BEGINNING, 0, official.looking),
        hidden=last,
        first=length(decoder, BEGINNING, 0, official.first),
        blocks=len(blocks) or official.blocks,
    )
