"""Trains CLIP on photos and captions: each photo finds its caption among those of the batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from files.errors import InputError
from trecs.data.dataset import Dataset
from trecs.learning.augmentation import Jitter
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import parted, warmup_cosine
from trecs.learning.run import Run
from trecs.systems.parts.caption_training import CaptionBatches, Examples, trainable_photos
from trecs.systems.parts.clip_network import LARGEST_SCALE, Clip, ClipConfig, contrastive_loss
from trecs.systems.parts.clip_tokens import WordTokens
from trecs.systems.parts.contrastive import MARKS, Contrastive
from trecs.systems.parts.vocabulary import CaptionVocabulary


@dataclass(frozen=True)
class ClipTraining:
    """The numbers of a training; what the authors have stands beside.

    Of `networks` the vocabulary is the most tokens that there may be.
    """

    networks: ClipConfig = field(default_factory=ClipConfig.bundled)
    steps: int = 1_100
    batch: int = 128  # 32,768
    rate: float = 1e-3  # 5e-4 for ViT-B/32
    decay: float = 0.2  # of weights; norms and biases keep theirs, as in the paper
    warmup: int = 100  # 2,000 steps, then a cosine to 0
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-6
    average: float = 0.99  # decay of the averaged weights, which are what is exported
    jitter: float = 0.3  # of colours; the authors crop alone
    hidden: float = 0.1  # share of a text's words that a step leaves out
    masked: float = 0.5  # share of a photo's patches likewise, but in the last `whole` steps
    whole: int = 100

    @staticmethod
    def tiny() -> "ClipTraining":
        """The same path, small enough for tests."""
        return ClipTraining(ClipConfig.tiny(40), steps=4, batch=3, warmup=1, whole=1)


def train_clip(
    training: ClipTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/ and model/, what is kept
    *,
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    Raises InputError where there are too few photos with a text, or a folder is damaged.
    """
    if training.networks.tokens != "words":
        raise InputError("CLIP is trained on whole words here; expected 'tokens' to be 'words'.")
    photos = trainable_photos(dataset, training.batch)
    texts = (text for photo in photos for text in photo.texts)
    words = CaptionVocabulary.of(texts).words[: training.networks.vocabulary - MARKS]
    tokens = WordTokens(CaptionVocabulary(words))
    photos = trainable_photos(dataset, training.batch, known=words)
    config = replace(training.networks, vocabulary=tokens.vocabulary)
    batches = CaptionBatches(
        photos,
        tokens.words,
        config.words - MARKS,
        side=config.side,
        batch=training.batch,
        seed=seed,
    )
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(ClipRecipe(replace(training, networks=config), tokens, batches), run, seed=seed)


class ClipRecipe(Recipe[Examples]):
    """The paper's figure 3; in its share, where there are processes."""

    averaged = "clip"
    least = 2
    log_every = 20
    kept: Clip

    def __init__(self, training: ClipTraining, tokens: WordTokens, batches: CaptionBatches) -> None:
        self.steps, self.batch, self.average = training.steps, training.batch, training.average
        self.training, self.tokens, self.source = training, tokens, batches
        self.network = Clip(training.networks)
        optimizer = torch.optim.AdamW(
            [
                {"params": group, "weight_decay": decay}
                for group, decay in zip(parted(self.network), (training.decay, 0.0), strict=True)
            ],
            training.rate,
            training.betas,
            training.epsilon,
        )
        self.players = {"clip": Player(self.network, optimizer, self._factor)}

    def _factor(self, step: int) -> float:
        return warmup_cosine(step, self.training.steps, self.training.warmup)

    def settings(self) -> dict[str, Any]:
        """The words that have numbers."""
        return {"vocabulary": list(self.tokens.words.words)}

    def turns(self, batch: Examples, step: int) -> Iterator[Turn]:
        """Its only turn."""
        photos, texts = batch
        read = [hidden(text, self.training.hidden) for text in texts]
        numbers = self.tokens.marked(read[self.part], self.training.networks.words)
        jitter = Jitter.drawn(self.batch, self.training.jitter)
        device = self.run.fabric.device
        views = jitter.of(self.part, device)(self.run.fabric.to_device(photos[self.part]))
        kept = self._kept(step)
        kept = kept if kept is None else kept[self.part].to(device)
        with torch.no_grad():
            self.network.logit_scale.clamp_(max=LARGEST_SCALE)
        logits = self.players["clip"](views.clamp(-1, 1), numbers.to(device), kept)
        yield "clip", {"match": contrastive_loss(logits.float())}

    def _kept(self, step: int) -> Tensor | None:
        """The patches (B, K) that the step looks at; None for all.

        A half costs half, and no photo is seen twice alike (FLIP, Li et al., CVPR 2023).
        """
        training, config = self.training, self.training.networks
        if step >= training.steps - training.whole or len(config.picture_layers) > 1:
            return None
        patches = (config.side // config.patch) ** 2
        count = max(round(patches * (1 - training.masked)), 1)
        return torch.rand(self.batch, patches).topk(count, 1).indices

    def export(self, folder: Path, done: int) -> None:
        """Writes a copy, for a model that is in use learns no more."""
        network = Clip(self.training.networks)
        network.load_state_dict(self.kept.state_dict())
        Contrastive(network, self.tokens).save(folder)


def hidden(text: Sequence[int], share: float) -> list[int]:
    """A text without a share of its words, drawn at random; of all, one stays."""
    kept = [word for word, one in zip(text, torch.rand(len(text)), strict=True) if one >= share]
    return kept or list(text[:1])
