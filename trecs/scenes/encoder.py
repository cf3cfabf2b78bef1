"""Trains the dual encoder: descriptions against scenes in one batch."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED
from retrieval import layouts
from retrieval.encoder import DualEncoder
from retrieval.encoder_config import EncoderConfig
from retrieval.library import SceneLibrary
from retrieval.words import normalise
from trecs.data.dataset import Dataset
from trecs.learning.loop import Player, Recipe, Turn, train
from trecs.learning.optimization import warmup_cosine
from trecs.learning.run import Run
from trecs.scenes import encoder_data
from trecs.scenes.encoder_batches import Batch, Examples, Noise
from trecs.scenes.encoder_data import Pair


@dataclass(frozen=True)
class EncoderTraining:
    """The numbers of an encoder training."""

    # The vocabulary's size is filled in.
    model: EncoderConfig = field(default_factory=lambda: EncoderConfig(words=0))
    steps: int = 600
    batch: int = 256
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warmup: int = 50
    temperature: float = 0.05  # of the similarities, at the start; it is learned
    soft_share: float = 0.2  # of the target that goes to scenes with similar labels
    soft_temperature: float = 0.1  # of the label sets' IoU in that share
    told_weight: float = 0.2  # of the loss that reads the labels told off the text
    noise: Noise = field(default_factory=Noise)
    variants: int = 3  # laid-out scenes of a narrative, and templates of a scene
    shares: tuple[tuple[str, float], ...] = (  # of a batch, by source
        ("narrative", 0.35),
        ("photo", 0.1),
        ("caption", 0.25),
        ("template", 0.3),
    )
    least_count: int = 2  # of a word in the vocabulary
    sets: tuple[str, ...] = ("coco", "flickr")  # of photos
    least_accuracy: float = 0.6  # expected of the label maps that scenes are made of

    def of_every_set(self) -> "EncoderTraining":
        """The same with the photos whose maps networks made, too: twenty times the narratives."""
        told = {**dict(self.shares), "narrative": 0.15, "photo": 0.3}
        return replace(self, sets=encoder_data.DESCRIBED, shares=tuple(told.items()))

    @staticmethod
    def tiny() -> "EncoderTraining":
        """The same loop, small enough for tests."""
        return EncoderTraining(model=EncoderConfig.tiny(0), steps=4, batch=8, warmup=1, variants=1)


def train_encoder(
    training: EncoderTraining,
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/ and model/
    *,
    layout: Path = BUNDLED / "layout",
    library: Path = BUNDLED / "library",  # generated scenes
    embed: Path | None = None,  # a library that gets the new encoder's embeddings
    maps: str = "drawn",  # label maps to learn from: those that people drew, or "all"
    seed: int = 0,
    minutes: float | None = None,
) -> None:
    """Trains on narratives, photos and scenes, going on from the folder's state if any.

    Raises InputError where the data have no narratives, a folder is not what it should be, or the
    run was begun with other data.
    """
    training = training.of_every_set() if maps == "all" else training
    pairs = _pairs(training, dataset, layout, library, seed)
    with Run(folder, seed=seed, minutes=minutes) as run:
        recipe = EncoderRecipe(training, pairs, seed)
        train(recipe, run, seed=seed)
    if embed is not None and run.main:
        recipe.encoder.cpu().eval().embed(embed)


class _Learner(nn.Module):
    """The encoder with what only its training needs: the scale of the similarities."""

    def __init__(self, encoder: DualEncoder, temperature: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.log_scale = nn.Parameter(torch.tensor(float(-np.log(temperature))))

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Text vectors, their labels' logits, scene and negative vectors, all by row; the scale."""
        text, logits = self.encoder.text(batch.words, batch.weights, batch.given)
        shown = (t.flatten(0, 1) for t in (batch.labels, batch.geometry, batch.present))
        scene, negative = self.encoder.scene(*shown).unflatten(0, (-1, 2)).unbind(1)
        return text, logits, scene, negative, self.log_scale.exp().clamp(max=100.0)


class Batches:
    """Random batches: those of step n depend on the seed and n alone."""

    def __init__(self, training: EncoderTraining, examples: Examples, seed: int) -> None:
        self._examples, self._batch, self._seed = examples, training.batch, seed
        self._chances = _chances(training, examples.pairs)

    def __getitem__(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        picked = rng.choice(len(self._chances), self._batch, p=self._chances)
        return self._examples.batch(picked, rng)


class EncoderRecipe(Recipe[Batch]):
    """Texts and scenes learn to find each other in a batch, and texts to tell their labels."""

    def __init__(self, training: EncoderTraining, pairs: list[Pair], seed: int) -> None:
        self._training = training
        vocabulary = _vocabulary([pair.words for pair in pairs], training.least_count)
        self.encoder = DualEncoder(replace(training.model, words=len(vocabulary)), vocabulary)
        _set_rarity(self.encoder, pairs)
        self.steps, self.batch = training.steps, training.batch
        self.source = Batches(training, Examples(pairs, self.encoder, training.noise), seed)
        learner = _Learner(self.encoder, training.temperature)
        self._learner = Player(
            learner,
            torch.optim.AdamW(
                learner.parameters(), training.learning_rate, weight_decay=training.weight_decay
            ),
            lambda step: warmup_cosine(step, training.steps, training.warmup),
        )
        self.players = {"learner": self._learner}

    def settings(self) -> dict[str, Any]:
        """The words that have numbers."""
        return {"vocabulary": list(self.encoder.vocabulary)}

    def turns(self, batch: Batch, step: int) -> Iterator[Turn]:
        """Its only turn."""
        training, batch = self._training, self.run.fabric.to_device(batch)
        *vectors, scale = self._learner(batch.taken(self.part))
        text, logits, scene, negative = map(self.run.gather, vectors)
        alike = (_iou(batch.label_sets()) / training.soft_temperature).softmax(1)
        own = torch.eye(len(alike), device=alike.device)
        contrast = contrastive_loss(
            scale * text @ torch.cat((scene, negative)).T,
            (1 - training.soft_share) * own + training.soft_share * alike,
        )
        hits = (text @ scene.T).argmax(1) == torch.arange(len(text), device=text.device)
        self.run.note(recall_in_batch=hits.float().mean())
        reading = training.told_weight * told_loss(logits, batch.told, batch.known)
        yield "learner", {"contrast": contrast, "reading": reading}

    def export(self, folder: Path, done: int) -> None:
        """Writes the encoder, without the scale."""
        self.encoder.save(folder)


def _pairs(
    training: EncoderTraining, dataset: Dataset, layout: Path, library: Path, seed: int
) -> list[Pair]:
    rng, variants = np.random.default_rng(seed), training.variants
    model, generated = layouts.load(layout), SceneLibrary.open(library)
    pairs = encoder_data.narrative_pairs(dataset, model, variants, rng)
    if not pairs:
        raise InputError(
            f"'{dataset.folder}' holds no narratives to learn from; expected "
            "narratives/train.jsonl in it (`trecs data prepare` makes it)."
        )
    photos = list(encoder_data.training_scenes(dataset, training.sets, training.least_accuracy))
    pairs += encoder_data.photo_pairs(dataset, photos)
    scenes = [*(scene for _, scene in photos), *encoder_data.scenes_of(generated)]
    pairs += encoder_data.template_pairs(scenes, variants, rng)
    return [pair for pair in pairs if len(pair.scene.labels) and pair.words]


def _vocabulary(texts: Sequence[Sequence[str]], least_count: int) -> list[str]:
    """The normalised words of different texts, the most frequent first."""
    counts = Counter(normalise(word) for words in set(map(tuple, texts)) for word in words)
    del counts[""]
    often = [word for word, count in counts.items() if count >= least_count]
    return sorted(often, key=lambda word: (-counts[word], word))


def _chances(training: EncoderTraining, pairs: list[Pair]) -> NDArray[np.float64]:
    """How likely each pair is drawn: the sources' shares, spread evenly inside each."""
    shares = dict(training.shares)
    counts = Counter(pair.source for pair in pairs)
    chances = np.array([shares[pair.source] / counts[pair.source] for pair in pairs])
    return chances / chances.sum()


def _set_rarity(encoder: DualEncoder, pairs: list[Pair]) -> None:
    """Starts the labels' worth, on both sides, at the root of their inverse scene frequency."""
    rarity = 1 - np.log(encoder_data.frequency_of(pairs) + 1e-4)
    with torch.no_grad():
        for side in (encoder.text, encoder.scene):
            side.rarity.copy_(torch.from_numpy(0.5 * np.log(rarity)))


def contrastive_loss(similarities: Tensor, targets: Tensor) -> Tensor:
    """InfoNCE both ways with soft targets, in nats.

    `similarities` (B, B + H) of texts (rows) with their scenes and H further ones that fit no
    text, already divided by the temperature; `targets` (B, B) non-negative, rescaled here to sum
    to one a row and a column.
    """
    rows = targets / targets.sum(1, keepdim=True)
    columns = targets / targets.sum(0, keepdim=True)
    own = similarities[:, : len(targets)]
    to_scenes = -(rows * similarities.log_softmax(1)[:, : len(targets)]).sum(1).mean()
    to_texts = -(columns * own.log_softmax(0)).sum(0).mean()
    return 0.5 * (to_scenes + to_texts)


def told_loss(logits: Tensor, told: Tensor, known: Tensor) -> Tensor:
    """The cross entropy of the labels a text speaks of, in nats a text.

    `logits`, `told` (B, 182), the latter of zeros and ones; texts whose labels are not `known`
    (B,) bool do not count.
    """
    losses = functional.binary_cross_entropy_with_logits(logits, told, reduction="none").sum(1)
    return (losses * known).sum() / known.sum().clamp(min=1)


def _iou(shown: Tensor) -> Tensor:
    """The IoU (B, B) of label sets (B, L)."""
    common = shown @ shown.T
    sizes = shown.sum(1)
    return common / (sizes[:, None] + sizes - common).clamp(min=1)
