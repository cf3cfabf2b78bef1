"""Trains DALL-E (Ramesh et al., ICML 2021) on photos and captions: the VAE, then what foretells."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from files.weights import BUNDLED
from trecs.data.dataset import Dataset
from trecs.data.described import random_crops
from trecs.learning.loop import Player, Turn, train
from trecs.learning.optimization import parted, warmup_cosine
from trecs.learning.run import Run
from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.dvae import mapped
from trecs.systems.dalle.dvae_training import Crops, Dvae, DvaeTraining, train_dvae
from trecs.systems.dalle.losses import token_loss
from trecs.systems.dalle.network import DalleNetworks, Foretelling
from trecs.systems.dalle.system import Dalle
from trecs.systems.dalle.transformer import Transformer
from trecs.systems.parts.caption_system import CaptionSystem, pixels
from trecs.systems.parts.caption_training import (
    AT_ONCE,
    CaptionBatches,
    CaptionRecipe,
    Examples,
    trainable_photos,
)
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.vocabulary import Caption, CaptionVocabulary

BEGUN = 0.1  # deviation of the numbers as which words, tokens and places begin


@dataclass(frozen=True)
class DalleTraining:
    """The numbers of a training; the paper's stand beside."""

    networks: DalleConfig = field(default_factory=DalleConfig)
    vae: DvaeTraining = field(default_factory=DvaeTraining)
    steps: int = 2_000  # 430,000
    batch: int = 64  # 1,024
    views: int = 2  # random crops of each photo that are made tokens of (one, anew each time)
    rate: float = 2e-3  # AdamW (4.5e-4)
    warmup: int = 100  # steps until the rate is whole; then it falls in a cosine (5,000)
    betas: tuple[float, float] = (0.9, 0.96)  # (0.9, 0.96)
    decay: float = 4.5e-2  # of matrices (4.5e-2)
    clip: float = 4.0  # the gradient's largest norm (4)
    average: float = 0.995  # decay of the averaged weights, which are what is exported (0.99)

    @staticmethod
    def tiny() -> "DalleTraining":
        """The same path, small enough for tests."""
        return DalleTraining(
            DalleConfig.tiny(), DvaeTraining.tiny(), steps=4, batch=2, views=1, warmup=1
        )


class TokenBatches(CaptionBatches):
    """Random batches of tokens (B, N) of views of different photos, and a caption of each.

    The frozen encoder looks once at a few views of each photo, half of them mirrored.
    """

    def look(self, dvae: Dvae, views: int, device: torch.device) -> None:
        """Makes tokens of all photos, which depend on the encoder and the seed alone."""
        found, encoder = [], dvae.encoder.to(device)
        for view in range(views):
            for start in range(0, len(self.squares), AT_ONCE):
                rng = np.random.default_rng((self._seed, view, start))
                crops = random_crops(self.squares[start : start + AT_ONCE], self._side, rng)
                found.append(encoder.tokens(mapped(crops.to(device))).flatten(1).cpu())
        self.tokens = torch.cat(found).unflatten(0, (views, -1))  # (V, P, N)

    def __getitem__(self, step: int) -> Examples:
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen, texts = self._drawn(rng)
        views = rng.integers(len(self.tokens), size=len(chosen))
        return self.tokens[views, chosen], texts


class DalleRecipe(CaptionRecipe):
    """Words and tokens are foretold, each from those before it."""

    averaged = "transformer"
    kept: Foretelling
    source: TokenBatches

    def __init__(
        self, training: DalleTraining, damsm: Damsm, batches: TokenBatches, dvae: Dvae
    ) -> None:
        super().__init__(Dalle, training.networks, damsm, batches)
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        networks = self.networks.generator
        assert isinstance(networks, DalleNetworks)
        self._training, self._dvae = training, dvae
        begin(networks.transformer, damsm)
        foretelling = Foretelling(networks.transformer)
        decaying, others = parted(foretelling)
        groups: list[dict[str, Any]] = [
            {"params": decaying},
            {"params": others, "weight_decay": 0},
        ]
        optimizer = torch.optim.AdamW(
            groups, training.rate, training.betas, weight_decay=training.decay
        )
        self._player = Player(
            foretelling,
            optimizer,
            lambda step: warmup_cosine(step, training.steps, training.warmup),
            training.clip,
        )
        self.players = {"transformer": self._player}

    def settings(self) -> dict[str, Any]:
        """The VAE, by what its codes mean: other codes are other tokens."""
        codes = self._dvae.decoder.get_parameter("blocks.input.w")
        return {"codes": hashlib.sha256(codes.numpy().tobytes()).hexdigest()}

    def begin(self) -> None:
        """Makes photos tokens."""
        super().begin()
        with torch.no_grad():
            self.source.look(self._dvae, self._training.views, self.run.fabric.device)

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """Its only turn."""
        tokens, texts = batch
        said = self.kept.transformer.padded(texts[self.part])
        said, drawn = self.run.fabric.to_device((said, tokens[self.part]))
        with self.run.fabric.autocast():
            words, pictures = self._player(said, drawn)
        yield "transformer", {"tokens": token_loss(words.float(), said, pictures.float(), drawn)}

    def shown(
        self, model: CaptionSystem, index: int, caption: Caption, seed: int
    ) -> NDArray[np.uint8]:
        """One candidate, of which a sheet shows several."""
        drawing = model.networks.generator
        assert isinstance(drawing, DalleNetworks)
        return pixels(drawing([caption.numbers], torch.Generator().manual_seed(seed))[0])

    def learnt(self) -> tuple[nn.Module, nn.Module]:
        """Nothing that reads, and the averaged transformer beside the VAE's decoder."""
        networks = DalleNetworks(self._training.networks)
        networks.transformer.load_state_dict(self.kept.transformer.state_dict())
        networks.decoder.load_state_dict(self._dvae.decoder.state_dict())
        return self.networks.text_encoder, networks


@torch.no_grad()
def begin(transformer: Transformer, damsm: Damsm) -> None:
    """Words begin as those of the DAMSM where they have as many numbers, all as small ones."""
    for table in (
        transformer.words.weight,
        transformer.word_places.weight,
        transformer.tokens.weight,
        transformer.rows,
        transformer.columns,
    ):
        nn.init.normal_(table, std=BEGUN)
    known = damsm.networks.text_encoder.encoder.weight[: transformer.config.vocabulary]
    if known.shape[1] == transformer.config.width:
        transformer.words.weight[: len(known)] = known * BEGUN / known.std()


def train_dalle(
    training: DalleTraining,
    dataset: Dataset,
    folder: Path,  # the run: that of the VAE in vae/, and state.pt, log/, samples.png and model/
    *,
    damsm: Path | Damsm = BUNDLED / "damsm",  # the matching model, whose words it knows
    dvae: Path | None = None,  # a trained VAE; None: one is trained first
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, or a folder is damaged.
    """
    began = time.monotonic()
    damsm = Damsm.load(damsm) if isinstance(damsm, Path) else damsm
    vocabulary = CaptionVocabulary(damsm.vocabulary.words[: training.networks.vocabulary])
    config = replace(training.networks, vocabulary=len(vocabulary))
    batch = max(training.batch, training.vae.batch) if dvae is None else training.batch
    photos = trainable_photos(dataset, batch, 1, vocabulary.words)
    given: dict[str, Any] = {"side": config.side, "seed": seed}
    batches = TokenBatches(photos, vocabulary, config.words, batch=training.batch, **given)
    if dvae is None:
        crops = Crops(batches.squares, batch=training.vae.batch, **given)
        if not train_dvae(training.vae, config.vae, crops, folder / "vae", seed=seed,
                          minutes=minutes, precision=precision):  # fmt: skip
            return
    vae = Dvae.read(dvae or folder / "vae" / "model")
    training = replace(training, networks=replace(config, **asdict(vae.config)))
    left = minutes and max(minutes - (time.monotonic() - began) / 60, 0.0)
    with Run(folder, seed=seed, minutes=left, precision=precision) as run:
        train(DalleRecipe(training, damsm, batches, vae), run, seed=seed)
