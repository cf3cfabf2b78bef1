"""A small data folder with traced narratives, and systems that paint at once."""

import json
import time
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import NAMES
from trecs.narrative import Narrative
from trecs.systems.card import Card
from trecs.systems.interface import Drawing, Home, System

DOG, GRASS, SKY = 17, 123, 156
WORDS = ("a", "dog", "on", "the", "grass")
TAGS = (DOG, DOG, GRASS, GRASS, GRASS)
SIZE = 64


def write_data(folder: Path, count: int = 4, *, bad: tuple[int, ...] = ()) -> Path:
    """Writes `count` photos with a traced narrative each; those of the lines `bad` are no JSON."""
    for part in ("images", "labels"):
        (folder / "coco" / part).mkdir(parents=True, exist_ok=True)
    (folder / "narratives").mkdir(exist_ok=True)
    traced, tagged = [], []
    for number in range(1, count + 1):
        labels = np.full((80, 100), GRASS, np.uint8)
        labels[: 10 * (number % 5)], labels[50:, 30 + number : 60] = SKY, DOG
        pixels = np.random.default_rng(number).integers(256, size=(80, 100, 3)).astype(np.uint8)
        name = f"{number:012d}"
        Image.fromarray(pixels).save(folder / "coco" / "images" / f"{name}.jpg")
        Image.fromarray(labels).save(folder / "coco" / "labels" / f"{name}.png")
        traced.append("{" if number in bad else json.dumps(record(number)))
        tagged.append(
            json.dumps(
                {
                    "image_id": number,
                    "annotator_id": 7,
                    "words": WORDS,
                    "tags": [NAMES[tag] for tag in TAGS],
                }
            )
        )
    (folder / "narratives" / "localized_dev.jsonl").write_text("".join(f"{x}\n" for x in traced))
    (folder / "narratives" / "dev.jsonl").write_text("".join(f"{x}\n" for x in tagged))
    return folder


def record(number: int) -> dict[str, object]:
    """A traced narrative of a photo, a second a word."""
    return {
        "image_id": str(number),
        "annotator_id": 7,
        "caption": "A dog on the grass .",
        "timed_caption": [
            {"utterance": word, "start_time": i, "end_time": i + 1}
            for i, word in enumerate([*"A dog on the grass".split(), "."])
        ],
        "traces": [[{"x": 0.5, "y": 0.1 * i, "t": i / 2} for i in range(9)]],
    }


def card(name: str) -> Card:
    """The card of a system that is called so, titled "painter"."""
    return Card(
        name,
        Path(name),
        "",
        "painter",
        "painter",
        paper="none",
        year=2000,
        sees=("words",),
        sizes=(),
        published=None,
        licence="mit",
        system="a:B",
        train=None,
        released=None,
        noise=True,
        control=False,
        page="absent",
        order=1,
    )


class Painter(System):
    """Paints the colour of a narrative and a seed, after a while."""

    def __init__(self, seconds: float = 0.0, refuses: str = "", breaks: bool = False) -> None:
        self.seconds, self.refuses, self.breaks = seconds, refuses, breaks
        self.drawn = 0
        self.seeds: list[int] = []

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        return ()

    @classmethod
    def load(cls, home: Home, device: str) -> "Painter":
        return cls()

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """An even picture; an error where the narrative is the one that it refuses."""
        time.sleep(self.seconds)
        self.drawn += 1
        self.seeds.append(seed)
        if self.breaks:
            raise ZeroDivisionError("by zero")
        if narrative.image_id == self.refuses:
            raise InputError("not this one")
        colour = zlib.crc32(f"{narrative.image_id}/{seed}".encode()) % 256
        labels = np.full((SIZE, SIZE), DOG, np.uint8)
        return Drawing(
            np.full((SIZE, SIZE, 3), colour, np.uint8),
            Canvas(labels, np.zeros_like(labels, np.int32)),
            np.array(TAGS, np.uint8),
        )
