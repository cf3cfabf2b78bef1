"""Measures the pictures of an evaluation's folder, finished or not, a row a system."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

from files.pictures import read_rgb
from files.progress import progress_bar
from segmentation.canvas import read_label_map
from trecs.data.squeezing import squeezed
from trecs.evaluation.cases import Case, Cases, squeezed_labels
from trecs.evaluation.drawing import Plan
from trecs.evaluation.estimates import Estimate, Texts, estimates
from trecs.evaluation.instruments.instruments import Instruments
from trecs.evaluation.instruments.plugins import Encoder
from trecs.evaluation.looking import BATCH, Seen, View, batches, look
from trecs.evaluation.run_folder import Key, RunFolder
from trecs.systems import registry

CONTROL_TITLE = "real photos, half against half"
TEXTS_AT_ONCE = 64


@dataclass(frozen=True, eq=False)
class Told:
    """What is kept of a case, without its trace: its numbers among photos and texts, and the rest.

    `tags`: the reference label of each word. `image` and `labels`: its photo and that one's label
    map.
    """

    photo: int
    text: int
    caption: str
    image: Path | None
    labels: Path | None
    tags: NDArray[np.uint8] | None


@dataclass(frozen=True)
class Row:
    """A system's measures by title. `against`: so many real photos. `missing`: not drawn yet.

    `seconds`: the median of what a picture took, on the machine that drew it; None without one.
    """

    system: str
    title: str
    pictures: int
    against: int
    missing: int
    failed: int
    seconds: float | None
    estimates: dict[str, Estimate]


@dataclass(frozen=True)
class Measured:
    """The rows, how many narratives and photos they are of, and among how many texts one is own."""

    rows: tuple[Row, ...]
    narratives: int
    photos: int
    candidates: int


class Measurement:
    """What was asked of a folder and what is there.

    Raises InputError where none of the narratives can be drawn.
    """

    def __init__(
        self, run: RunFolder, cases: Cases, plan: Plan, systems: Sequence[str], size: int
    ) -> None:
        plan.check(cases)
        self.run, self.systems, self.size = run, systems, size
        finished = {drawn.key: drawn for drawn in run.drawn()}
        self.tags = {key: drawn.tags for key, drawn in finished.items()}
        self.seconds = {key: drawn.seconds for key, drawn in finished.items()}
        self.failed = {failed.key for failed in run.failed()} - self.tags.keys()
        self.told: dict[str, Told] = {}
        self.wanted: list[tuple[str, int]] = []
        photos: dict[str, int] = {}
        for case, take in plan.wanted(cases):
            self.wanted.append((case.name, take))
            if isinstance(case, Case) and take == 0:
                self.told[case.name] = Told(
                    photos.setdefault(case.photo, len(photos)),
                    len(self.told),
                    case.narrative.caption,
                    case.image,
                    case.labels,
                    case.tags,
                )

    def measure(self, instruments: Instruments) -> Measured:
        """Looks at all pictures; the control and every system get a row."""
        texts = Texts(
            np.array([told.photo for told in self.told.values()]),
            self._encoded(instruments.damsm),
            self._encoded(instruments.encoder),
        )
        photos = self._photos()
        real = None
        if instruments.eyes and photos:
            stacks = (
                instruments.eyes.look(np.stack([self._photo(told) for told in part]))[0]
                for part in batches(progress_bar(photos, "real photos", unit="photo"), BATCH)
            )
            real = np.concatenate(list(stacks))
        prefix = instruments.eyes.prefix if instruments.eyes else ""
        rows, cards = [self._control(photos, real, texts, instruments)], registry.cards()
        for name in self.systems:
            keys = self._drawn(name)
            seen = look(map(self._view, progress_bar(keys, name, unit="picture")), instruments)
            lacking = [key for key in self._keys(name) if key not in self.tags]
            failed = sum(key in self.failed for key in lacking)
            rows.append(
                Row(
                    name,
                    cards[name].title,
                    len(keys),
                    len(photos),
                    len(lacking) - failed,
                    failed,
                    median(self.seconds[key] for key in keys) if keys else None,
                    estimates(seen, real, texts, prefix),
                )
            )
        candidates = min(100, len(texts.photos) - int(np.bincount(texts.photos).max()) + 1)
        return Measured(tuple(rows), len(self.told), len(photos), candidates)

    def examples(self, count: int) -> Iterator[tuple[str, list[NDArray[np.uint8] | None]]]:
        """Some texts, evenly spaced, with their photo and each system's first picture."""
        names = [name for name, take in self.wanted if take == 0 and name in self.told]
        for name in (names[i * len(names) // count] for i in range(min(count, len(names)))):
            told = self.told[name]
            pictures = [self._photo(told) if told.image else None]
            for system in self.systems:
                key = Key(system, name, 0)
                pictures.append(_pixels(self.run.picture(key)) if key in self.tags else None)
            yield told.caption, pictures

    def _control(
        self,
        photos: Sequence[Told],
        real: NDArray[np.float32] | None,
        texts: Texts,
        instruments: Instruments,
    ) -> Row:
        """One half of the real photos, drawn by chance, as if they were pictures of the other."""
        order = np.random.default_rng(0).permutation(len(photos))
        half = len(order) // 2
        first, second = order[:half], order[half : 2 * half]

        def views() -> Iterator[View]:
            pairs = zip(first, second, strict=True)
            for i, j in progress_bar(pairs, "control", half, unit="photo"):
                told = photos[i]
                yield View(
                    self._photo(told),
                    told.photo,
                    told.text,
                    beside=self._photo(photos[j]),
                    told=squeezed_labels(told.labels, self.size),
                    reference=told.tags,
                )

        seen = look(views(), instruments) if half else Seen()
        other = None if real is None else real[second]
        prefix = instruments.eyes.prefix if instruments.eyes else ""
        found = estimates(seen, other, texts, prefix)
        return Row("real", CONTROL_TITLE, half, half, 0, 0, None, found)

    def _view(self, key: Key) -> View:
        told, tags = self.told[key.case], self.tags[key]
        labels = self.run.labels(key)
        return View(
            _pixels(self.run.picture(key)),
            told.photo,
            told.text,
            beside=self._photo(told) if told.image else None,
            told=read_label_map(labels) if labels.is_file() else None,
            truth=squeezed_labels(told.labels, self.size),
            tags=None if tags is None else np.array(tags, np.uint8),
            reference=told.tags,
        )

    def _encoded(self, encoder: Encoder | None) -> NDArray[np.floating] | None:
        """The vectors of all texts, (T, D)."""
        if encoder is None:
            return None
        captions = [told.caption for told in self.told.values()]
        parts = [encoder.texts(part) for part in batches(captions, TEXTS_AT_ONCE)]
        return np.concatenate([np.asarray(part) for part in parts])

    def _photos(self) -> list[Told]:
        """The first case of each photo that is there."""
        return list({t.photo: t for t in reversed(self.told.values()) if t.image}.values())[::-1]

    def _photo(self, told: Told) -> NDArray[np.uint8]:
        assert told.image is not None
        return squeezed(read_rgb(told.image, "photo"), self.size)

    def _keys(self, system: str) -> list[Key]:
        return [Key(system, name, take) for name, take in self.wanted]

    def _drawn(self, system: str) -> list[Key]:
        return [key for key in self._keys(system) if key in self.tags]


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.array(read_rgb(path), np.uint8)
