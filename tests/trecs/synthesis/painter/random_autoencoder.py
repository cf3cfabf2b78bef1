"""An autoencoder with random weights: narrow, or as wide as the published one and in its files."""

from pathlib import Path

import torch

from trecs.synthesis.painter.autoencoder import (
    CHANNELS,
    DECODER,
    ENCODER,
    Autoencoder,
    Decoder,
    Encoder,
)


def random_autoencoder(channels: int = 4, seed: int = 0) -> Autoencoder:
    torch.manual_seed(seed)
    return Autoencoder(Encoder(channels), Decoder(channels))


def save_random_autoencoder(folder: Path) -> Autoencoder:
    """Writes files such as the published ones, in float16; returns what they hold."""
    autoencoder = random_autoencoder(CHANNELS)
    folder.mkdir(parents=True, exist_ok=True)
    for module, name in ((autoencoder.encoder, ENCODER), (autoencoder.decoder, DECODER)):
        module.half()
        torch.save(module.state_dict(), folder / name)
        module.float()
    return autoencoder
