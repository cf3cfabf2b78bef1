"""What trainings on photos and their captions share: the batches, the sheet, what is written."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.described import Described, described_photos, load_squares, random_crops
from trecs.learning.loop import Recipe, train
from trecs.learning.run import Run
from trecs.systems.parts.caption_system import CaptionNetworks, CaptionSystem, TextConfig, Told
from trecs.systems.parts.damsm import Damsm
from trecs.systems.parts.damsm_training import captions
from trecs.systems.parts.text_encoder import TextBatch
from trecs.systems.parts.vocabulary import Caption, CaptionVocabulary, tokens

Config = TypeVar("Config", bound=TextConfig)
AT_ONCE = 64  # captions that are encoded together
MOST = 4_000  # captions that tell how sentences are spread
SHOWN = 8  # texts of the sheet that every save draws

Examples = tuple[Tensor, list[tuple[int, ...]]]
"""Photos (B, 3, S, S) in [-1, 1], all different, and a caption of each."""


def text_of(damsm: Damsm, config: Config) -> Config:
    """A system's numbers with those of the text encoder that it reads by."""
    known = damsm.networks.config
    return replace(config, vocabulary=known.vocabulary, embedding=known.embedding,
                   text=known.text, words=known.words)  # fmt: skip


def trainable_photos(
    dataset: Dataset, batch: int, least: int = 2, known: Collection[str] | None = None
) -> list[Described]:
    """The photos of all sets that have a text, or a known word in one, and are not held back.

    Raises InputError where no batch of different photos can be drawn.
    """
    every = described_photos(dataset, sets=EVERY_SET)
    if known is None:
        photos, having = [one for one in every if any(map(tokens, one.texts))], "a text"
    else:
        words, having = frozenset(known), "a known word"
        photos = [
            one for one in every if any(words.intersection(tokens(text)) for text in one.texts)
        ]
    if not least <= batch <= len(photos):
        raise InputError(
            f"A batch of {batch} cannot be drawn from the {len(photos)} photos with {having} in "
            f"'{dataset.folder}'; expected {least} to {len(photos)}."
        )
    return photos


class CaptionBatches:
    """Random batches of photos in memory: those of step n depend on the seed and n alone."""

    def __init__(
        self,
        photos: Sequence[Described],
        vocabulary: CaptionVocabulary,
        words: int,
        *,
        side: int,
        batch: int,
        seed: int,
    ) -> None:
        self.vocabulary, self._side, self._batch, self._seed = vocabulary, side, batch, seed
        self.squares = load_squares([one.photo for one in photos], side)
        self.captions = captions(photos, vocabulary, words)

    def __getitem__(self, step: int) -> Examples:
        """The batch of a step."""
        rng = np.random.default_rng((self._seed, step))
        chosen, texts = self._drawn(rng)
        return self._cropped(chosen, rng), texts

    def _cropped(self, chosen: NDArray[Any], rng: np.random.Generator) -> Tensor:
        """Windows (B, 3, S, S) of photos."""
        return random_crops(self.squares[chosen], self._side, rng)

    def _drawn(self, rng: np.random.Generator) -> tuple[NDArray[Any], list[tuple[int, ...]]]:
        """The numbers of different photos, and a caption of each."""
        chosen = rng.choice(len(self.squares), self._batch, replace=False)
        return chosen, [self.captions[i][rng.integers(len(self.captions[i]))] for i in chosen]


class CaptionRecipe(Recipe[Examples]):
    """Trains what a caption system draws by, reading as the DAMSM does.

    `networks`: those of the system, whose text encoder begins as the DAMSM's and is frozen.
    """

    log_every = 20
    networks: CaptionNetworks

    def __init__(
        self, system: type[CaptionSystem], config: Any, damsm: Damsm, batches: CaptionBatches
    ) -> None:
        self.system, self.source, self._batches = system, batches, batches
        self.networks = system.networks_of(config)
        state = damsm.networks.text_encoder.state_dict()
        self.networks.text_encoder.load_state_dict(state, strict=False)
        self.networks.text_encoder.eval().requires_grad_(False)

    def begin(self) -> None:
        """Moves what reads."""
        self.networks.text_encoder.to(self.run.fabric.device)

    def examples(self, batch: Examples) -> tuple[Tensor, Told]:
        """This process's photos and what their captions say."""
        photos, texts = batch
        device = self.run.fabric.device
        told = self.networks.read(TextBatch.of(texts[self.part], device))
        return self.run.fabric.to_device(photos[self.part]), told

    def export(self, folder: Path, done: int) -> None:
        """Writes the system."""
        self.model().save(folder)

    def sheet(self, done: int) -> NDArray[np.uint8]:
        """The photo and three pictures of the same few training texts."""
        model, rows = self.model(), []
        squares, texts = self._batches.squares, self._batches.captions
        for index in range(0, len(squares), max(len(squares) // SHOWN, 1)):
            numbers = texts[index][0]
            words = tuple(model.vocabulary.words[number] for number in numbers)
            caption = Caption(words, numbers)
            pictures = [self.shown(model, index, caption, seed) for seed in range(3)]
            side = len(pictures[0])
            photo = cv2.resize(squares[index], (side, side), interpolation=cv2.INTER_AREA)
            rows.append(np.concatenate([photo, *pictures], 1))
        return np.concatenate(rows)

    def shown(
        self, model: CaptionSystem, index: int, caption: Caption, seed: int
    ) -> NDArray[np.uint8]:
        """A picture (S, S, 3) of a photo's caption."""
        return model.painted(caption, seed).picture

    def model(self) -> CaptionSystem:
        """A copy of what has been learnt, since a system that is in use learns no more."""
        config: TextConfig = self.networks.config
        networks = self.system.networks_of(config).to(self.run.fabric.device)
        for own, learnt in zip(
            (networks.text_encoder, networks.generator), self.learnt(), strict=True
        ):
            own.load_state_dict(learnt.state_dict())
        return self.system(networks, self._batches.vocabulary)

    def learnt(self) -> tuple[nn.Module, nn.Module]:
        """What reads and what draws, as they are kept."""
        return self.networks.text_encoder, self.kept


def train_by_captions(
    recipe: Callable[[Any, Damsm, Any], CaptionRecipe],
    training: Any,  # the numbers that the recipe is made of
    dataset: Dataset,
    folder: Path,  # the run: state.pt, log/, samples.png and model/, what is kept
    *,
    batches: Callable[..., CaptionBatches] = CaptionBatches,  # of what it learns
    least: int = 2,  # photos in a batch
    damsm: Path | Damsm = BUNDLED / "damsm",  # the matching model, whose text encoder reads
    seed: int = 0,
    minutes: float | None = None,
    precision: str = "32-true",
) -> None:
    """Trains on the photos that are not held back, going on from the folder's state if any.

    `training`: its `batch` has so many photos, and its `networks` draw pictures of their `side`.
    Raises InputError where there are too few photos with a text, or a folder is damaged.
    """
    damsm = Damsm.load(damsm) if isinstance(damsm, Path) else damsm
    training = replace(training, networks=text_of(damsm, training.networks))
    drawn = batches(
        trainable_photos(dataset, training.batch, least),
        damsm.vocabulary,
        training.networks.words,
        side=training.networks.side,
        batch=training.batch,
        seed=seed,
    )
    with Run(folder, seed=seed, minutes=minutes, precision=precision) as run:
        train(recipe(training, damsm, drawn), run, seed=seed)


@torch.no_grad()
def sentences_of(networks: CaptionNetworks, texts: Sequence[Sequence[tuple[int, ...]]]) -> Tensor:
    """The features (N, D) of captions, of many at most MOST, evenly taken."""
    every = [caption for some in texts for caption in some]
    every = every[:: -(-len(every) // MOST)]
    return torch.cat([
        networks.read(TextBatch.of(every[start : start + AT_ONCE])).sentence
        for start in range(0, len(every), AT_ONCE)
    ])  # fmt: skip
