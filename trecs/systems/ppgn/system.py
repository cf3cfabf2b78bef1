"""Draws sentences with PPGN: a chain of codes, whose pictures are shown."""

import torch
from torch import Tensor, nn

from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.caption_system import CaptionSystem, Told, pixels
from trecs.systems.parts.vocabulary import Caption
from trecs.systems.ppgn.config import PpgnConfig
from trecs.systems.ppgn.network import PlugAndPlay
from trecs.systems.ppgn.sampler import Epsilons, Moment, Seen, chain

SHOWN = 20  # frames of a chain, besides the last one


class Ppgn(CaptionSystem):
    """Samples a code by what is likely and by what fits the sentence."""

    kind, title, config_type = "ppgn", "PPGN", PpgnConfig

    @classmethod
    def made(cls, config: PpgnConfig) -> nn.Module:
        """All networks but the text encoder."""
        return PlugAndPlay(config)

    def paint(self, told: Told, caption: Caption, generator: torch.Generator) -> Drawing:
        """The picture of the chain's last code, and those of some before it."""
        networks = self.networks.generator
        assert isinstance(networks, PlugAndPlay)
        moments = sampled(networks, told.sentence, generator)
        pictures = [pixels(moment.picture[0]) for moment in moments]
        every = -(-len(pictures) // SHOWN)
        shown = pictures[:-1:every] + pictures[-1:]
        return Drawing(pictures[-1], frames=tuple(map(Frame, shown)))


@torch.inference_mode(False)
def sampled(networks: PlugAndPlay, sentence: Tensor, generator: torch.Generator) -> list[Moment]:
    """The chains of sentences (B, D) from noise on; the noise is the generator's, on the CPU."""
    config, sentence = networks.config, sentence.clone()  # one that gradients may pass
    size = len(sentence), config.code, config.places, config.places

    def drawn() -> Tensor:
        return torch.randn(size, generator=generator).to(sentence)

    def look(code: Tensor) -> Seen:
        return networks.look(code, sentence)

    return list(
        chain(
            look,
            drawn(),
            noise=drawn,
            epsilons=Epsilons(config.prior, config.condition, config.noise),
            steps=(config.first_step, config.last_step),
            updates=config.updates,
            bounds=(-config.bound, config.bound),
        )
    )
