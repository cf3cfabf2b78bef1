"""The dual encoder: descriptions and scenes as vectors whose product says how well they match.

The paper (section 2) trains one on images and narratives; ours sees a scene's masks alone (label,
box, area), because the library has no photos. Both sides are reconstructed, and trained with
InfoNCE in `trecs.scenes.encoder`. The product of a text's and a scene's vector is a mean of two
cosines: of labels named and labels shown, and of two learned summaries.
"""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from files.errors import InputError
from files.locks import locked
from files.text import decoded
from files.weights import load_config, load_module, save_weights
from files.whole import write_atomically
from retrieval.encoder_config import EncoderConfig
from retrieval.library import LOCK, SceneLibrary, busy, write_embeddings
from retrieval.scene_side import SceneMasks, SceneSide, batch_of
from retrieval.text_side import TextSide
from retrieval.words import normalise
from segmentation.labels import COUNT

KIND = "encoder"
MAX_WORDS = 256  # later words of a description are not read
SCENES_AT_ONCE = 512


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
            content = (folder / "vocab.txt").read_bytes()
        except OSError as error:
            raise InputError(
                f"The vocabulary '{folder}/vocab.txt' cannot be read ({error}); restore the file "
                "or train again with `trecs train encoder`."
            ) from error
        vocabulary = decoded(content, f"The vocabulary '{folder}/vocab.txt'").split()
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
    def encode_text(
        self, words: Sequence[str], labels: NDArray[np.floating] | None = None
    ) -> NDArray[np.float32]:
        """A description as a vector (D,) float32; without a known word, a neutral one.

        `labels`: how surely it speaks of each label, (182,) in [0, 1], or so for every word,
        (N, 182), such as a tagger's probabilities. Without them the words alone are read.
        """
        numbers = torch.tensor([self.numbers(words) or [0]])
        given = labels is not None and labels.size > 0
        weights = np.zeros(COUNT, np.float32)
        if labels is not None and given:
            weights = np.asarray(labels, np.float32).reshape(-1, COUNT).max(0)
        vectors, _ = self.text(numbers, torch.from_numpy(weights)[None], torch.tensor([given]))
        vector: NDArray[np.float32] = vectors[0].numpy()
        return vector

    @torch.inference_mode()
    def encode_scenes(self, library: SceneLibrary) -> NDArray[np.float32]:
        """All scenes of a library as vectors (S, D) float32."""
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

    def check_embedded(self, library: SceneLibrary) -> None:
        """Raises InputError where another encoder embedded a library's scenes."""
        if library.encoder_fingerprint != self.fingerprint:
            raise InputError(
                f"The scenes of '{library.folder}' were embedded by another encoder than the one "
                "that is to search them; embed them again with `trecs library embed`."
            )

    def embed(self, folder: Path) -> None:
        """Gives the library in a folder this encoder's embeddings of its scenes.

        Raises InputError where another process writes the library.
        """
        with locked(folder / LOCK, busy(folder)):
            scenes = self.encode_scenes(SceneLibrary.open(folder))
            write_embeddings(folder, scenes, self.fingerprint)

    def _number(self, word: str) -> int:
        """A word's number or, where unknown, that of its owner (`dog's`) or singular; else 0."""
        for ending in ("", "'s", "s", "es"):
            form = word.removesuffix(ending)
            if number := self._numbers.get(form):
                return number
        return 0
