"""The dual encoder: descriptions and scenes as vectors whose cosine says how well they match.

The paper (section 2) trains one on images and narratives; ours sees a scene's masks alone (label,
box, area), because the library has no photos. Both sides are reconstructed: small, pooled by
attention, trained with InfoNCE in `trecs.training.encoder`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from retrieval.library import SceneLibrary, write_embeddings
from retrieval.weights import load_config, load_module, save_weights, write_atomically
from segmentation.errors import InputError
from segmentation.labels import COUNT, FIRST_STUFF

KIND = "encoder"
GEOMETRY = 8  # numbers that describe a mask besides its label
MAX_WORDS = 256  # later words of a description are not read
MAX_MASKS = 64  # of a scene; the largest are read
SCENES_AT_ONCE = 512


@dataclass(frozen=True)
class EncoderConfig:
    """The dual encoder's sizes."""

    words: int  # in the vocabulary, without the unknown word
    word_width: int = 96
    width: int = 128
    heads: int = 4
    dimension: int = 128

    @staticmethod
    def tiny(words: int) -> "EncoderConfig":
        """The same networks, small enough for tests."""
        return EncoderConfig(words, word_width=8, width=8, heads=2, dimension=6)


class AttentionPool(nn.Module):
    """A weighted mean of a sequence for each head, its weights from a linear score."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.score = nn.Linear(width, heads)
        self.value = nn.Linear(width, width)
        self.heads = heads

    def forward(self, items: Tensor, present: Tensor) -> Tensor:
        """Pools (B, N, width) to (B, width); `present` (B, N) bool, at least one a row."""
        scores = self.score(items).masked_fill(~present.unsqueeze(2), -1e4)
        weights = scores.softmax(1)  # (B, N, heads)
        values = self.value(items).unflatten(2, (self.heads, -1))  # (B, N, heads, width/heads)
        pooled: Tensor = (weights.unsqueeze(3) * values).sum(1).flatten(1)
        return pooled


class TextSide(nn.Module):
    """Words, each seen with its neighbours, pooled to a vector."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.word = nn.Embedding(config.words + 1, config.word_width, padding_idx=0)
        self.context = nn.Conv1d(config.word_width, config.width, 3, padding=1)
        self.alone = nn.Linear(config.word_width, config.width)
        self.pool = AttentionPool(config.width, config.heads)
        self.out = nn.Linear(config.width, config.dimension)

    def forward(self, words: Tensor) -> Tensor:
        """Unit vectors (B, dimension) of word numbers (B, N) int64; 0 stands for no word."""
        embedded = self.word(words)  # (B, N, word_width)
        context = self.context(embedded.transpose(1, 2)).transpose(1, 2)
        items = functional.gelu(self.alone(embedded) + context)  # (B, N, width)
        present = words > 0
        present = present | ~present.any(1, keepdim=True)
        return functional.normalize(self.out(self.pool(items, present)), dim=1)


class SceneSide(nn.Module):
    """Masks as a set of (label, geometry), pooled to a vector."""

    def __init__(self, config: EncoderConfig) -> None:
        super().__init__()
        self.label = nn.Embedding(COUNT, config.word_width)
        self.item = nn.Sequential(
            nn.Linear(config.word_width + GEOMETRY, config.width),
            nn.GELU(),
            nn.Linear(config.width, config.width),
            nn.GELU(),
        )
        self.pool = AttentionPool(config.width, config.heads)
        self.out = nn.Linear(config.width, config.dimension)

    def forward(self, labels: Tensor, geometry: Tensor, present: Tensor) -> Tensor:
        """Unit vectors (B, dimension) of scenes of up to N masks.

        `labels` (B, N) int64, `geometry` (B, N, 8) float, `present` (B, N) bool.
        """
        items = self.item(torch.cat((self.label(labels), geometry), 2))
        return functional.normalize(self.out(self.pool(items, present)), dim=1)


class DualEncoder(nn.Module):
    """Both sides and the vocabulary, whose first word has number 1."""

    def __init__(self, config: EncoderConfig, vocabulary: Sequence[str]) -> None:
        super().__init__()
        self.config = config
        self.vocabulary = tuple(vocabulary)
        self.text = TextSide(config)
        self.scene = SceneSide(config)
        self._numbers = {word: i for i, word in enumerate(self.vocabulary, 1)}

    @classmethod
    def load(cls, folder: Path) -> "DualEncoder":
        """Loads an encoder; raises InputError where the folder does not hold a whole one."""
        config = load_config(folder, KIND, EncoderConfig)
        try:
            vocabulary = (folder / "vocab.txt").read_text("utf-8").split()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"The vocabulary '{folder}/vocab.txt' cannot be read ({error}); restore the file "
                "or train again with `trecs train encoder`."
            ) from error
        if len(vocabulary) != config.words:
            raise InputError(
                f"'{folder}/vocab.txt' has {len(vocabulary)} words; config.json says "
                f"{config.words}. Both files must come from one training."
            )
        return load_module(folder, lambda: cls(config, vocabulary))

    def save(self, folder: Path) -> None:
        """Stores the encoder: configuration, weights, vocabulary."""
        write_atomically(folder / "vocab.txt", ("\n".join(self.vocabulary) + "\n").encode())
        save_weights(folder, KIND, self.config, self.state_dict())

    @cached_property
    def fingerprint(self) -> str:
        """Tells encoders apart: 16 hexadecimal digits of a hash of the weights and the words."""
        digest = hashlib.sha256("\n".join(self.vocabulary).encode())
        for name, tensor in sorted(self.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()[:16]

    def numbers(self, words: Sequence[str]) -> list[int]:
        """The numbers of the known words among the first MAX_WORDS."""
        found = (self._number(normalise(word)) for word in words[:MAX_WORDS])
        return [number for number in found if number]

    @torch.inference_mode()
    def encode_text(self, words: Sequence[str]) -> NDArray[np.float32]:
        """A description as a unit vector (D,) float32; without a known word, a neutral one."""
        numbers = torch.tensor([self.numbers(words) or [0]])
        vector: NDArray[np.float32] = self.text(numbers)[0].numpy()
        return vector

    @torch.inference_mode()
    def encode_scenes(self, library: SceneLibrary) -> NDArray[np.float32]:
        """All scenes of a library as unit vectors (S, D) float32."""
        starts = library.scene_starts
        vectors = np.zeros((library.scene_count, self.config.dimension), np.float32)
        order = np.argsort(np.diff(starts), kind="stable")
        for part in np.array_split(order, -(-len(order) // SCENES_AT_ONCE)):
            scenes = [
                SceneMasks(
                    library.labels[starts[i] : starts[i + 1]],
                    library.boxes[starts[i] : starts[i + 1]],
                    library.areas[starts[i] : starts[i + 1]],
                )
                for i in part
            ]
            vectors[part] = self.scene(*batch_of(scenes)).numpy()
        return vectors

    def embed(self, folder: Path) -> None:
        """Gives the library in a folder this encoder's embeddings of its scenes."""
        write_embeddings(folder, self.encode_scenes(SceneLibrary.open(folder)), self.fingerprint)

    def _number(self, word: str) -> int:
        """A word's number or, where unknown, its singular's; else 0."""
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            if number := self._numbers.get(form):
                return number
        return 0


@dataclass(frozen=True, eq=False)
class SceneMasks:
    """What the encoder sees of a scene: `labels` (M,), `boxes` (M, 4), `areas` (M,)."""

    labels: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    areas: NDArray[np.float32]


def batch_of(scenes: Sequence[SceneMasks]) -> tuple[Tensor, Tensor, Tensor]:
    """Scenes padded to one length: labels (B, N), geometry (B, N, 8), present (B, N)."""
    longest = min(max((len(scene.labels) for scene in scenes), default=0), MAX_MASKS)
    shape = (len(scenes), max(longest, 1))
    labels, present = np.zeros(shape, np.int64), np.zeros(shape, bool)
    geometry = np.zeros((*shape, GEOMETRY), np.float32)
    for i, scene in enumerate(scenes):
        kept = np.argsort(-scene.areas, kind="stable")[:MAX_MASKS]
        count = max(len(kept), 1)
        labels[i, : len(kept)] = scene.labels[kept]
        geometry[i, : len(kept)] = _geometry(
            scene.labels[kept], scene.boxes[kept], scene.areas[kept]
        )
        present[i, :count] = True
    return torch.from_numpy(labels), torch.from_numpy(geometry), torch.from_numpy(present)


def normalise(word: str) -> str:
    """Lower case, letters, digits and inner apostrophes only."""
    return "".join(c for c in word.lower() if c.isalnum() or c == "'").strip("'")


def _geometry(
    labels: NDArray[np.uint8], boxes: NDArray[np.float32], areas: NDArray[np.float32]
) -> NDArray[np.float32]:
    """(M, 8): centre, width, height, root and logarithm of the area, thing or stuff, one."""
    left, top, right, bottom = boxes.T
    columns = (
        left + right - 1,
        top + bottom - 1,
        right - left,
        bottom - top,
        np.sqrt(areas),
        0.25 * np.log(areas + 1e-4) + 1,
        labels < FIRST_STUFF,
        np.ones(len(labels)),
    )
    return np.stack(columns, 1).astype(np.float32)
