"""TReCS: tag, align, retrieve, compose, synthesize (Koh et al., WACV 2021, figure 2)."""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from retrieval.background import background
from retrieval.choice import Query, choose, place
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.weights import BUNDLED
from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.composition import compose as compose_canvas
from segmentation.errors import InputError
from segmentation.labels import NAMES
from trecs.alignment import Region, align, align_strokes
from trecs.generators.generator import Generator
from trecs.narrative import Narrative
from trecs.result import Result, Retrieval, Scene
from trecs.tagger import Tagger, Tags
from trecs.trace_predictor import TracePredictor

SCENES = 50  # found: masks come from the first five (paper, section 2), then from more


class TReCS:
    """The pipeline. Each stage is a method on typed data; `stages` runs them one by one."""

    def __init__(
        self,
        tagger: Tagger,
        predictor: TracePredictor,
        encoder: DualEncoder,
        library: SceneLibrary,
        generator: Generator,
    ) -> None:
        self.tagger = tagger
        self.predictor = predictor
        self.encoder = encoder
        self.library = library
        self.generator = generator

    @classmethod
    def from_pretrained(
        cls,
        path: Path | str | None = None,
        *,
        library: Path | str | None = None,
        generator: str | None = None,
    ) -> "TReCS":
        """Loads the models of a checkpoint folder; the default is the one that is bundled.

        `library`: another scene library than the folder's. `generator`: the name of another
        generator's folder in it. A GPU is used where there is one. Raises InputError where a
        part is missing, damaged or foreign.
        """
        folder = Path(path) if path is not None else BUNDLED
        if not folder.is_dir():
            raise InputError(
                f"No checkpoints in '{folder}'; expected a folder with tagger, trace, encoder, "
                "generator and library, such as the repository's `checkpoints`."
            )
        name = generator or "generator"
        parts = sorted(part.name for part in folder.iterdir() if part.is_dir())
        if name not in parts:
            raise InputError(
                f"No generator '{name}' in '{folder}'; there is {', '.join(parts) or 'nothing'}."
            )
        encoder = DualEncoder.load(folder / "encoder")
        scenes = SceneLibrary.open(Path(library) if library is not None else folder / "library")
        if scenes.encoder_fingerprint != encoder.fingerprint:
            raise InputError(
                f"The scenes of '{scenes.folder}' were embedded by another encoder than that of "
                f"'{folder}'; embed them again with `trecs library build`."
            )
        device = "cuda" if torch.cuda.is_available() else "cpu"
        return cls(
            Tagger.load(folder / "tagger"),
            TracePredictor.load(folder / "trace"),
            encoder,
            scenes,
            Generator.load(folder / name, device),
        )

    def __call__(self, narrative: Narrative, seed: int = 0, *, size: int = 256) -> Result:
        """Draws a narrative; the same narrative, seed and size give the same result.

        Raises InputError where the narrative has neither strokes nor a word that is known.
        """
        *_, result = self.stages(narrative, seed, size=size)
        return result

    def stages(self, narrative: Narrative, seed: int = 0, *, size: int = 256) -> Iterator[Result]:
        """Yields the result after each stage: tag, align, retrieve, compose, synthesize."""
        result = Result(narrative, seed=seed)
        clock = _Clock()
        tags = self.tag(narrative)
        yield (result := result.timed("tag", clock.lap(), tags=tags))
        regions = self.align(narrative, tags, seed)
        yield (result := result.timed("align", clock.lap(), regions=regions))
        retrieval = self.retrieve(narrative, regions)
        yield (result := result.timed("retrieve", clock.lap(), retrieval=retrieval))
        placements = self.place(retrieval)
        canvas = self.compose(retrieval, size, placements)
        yield (result := result.timed("compose", clock.lap(), placements=placements, canvas=canvas))
        image = self.synthesize(canvas, seed)
        yield result.timed("synthesize", clock.lap(), image=image)

    def tag(self, narrative: Narrative) -> Tags:
        """Names the label that each word speaks of (paper, section 2.1)."""
        words = [word.text for word in narrative.words]
        if not words:
            return Tags(np.zeros(0, np.uint8), np.zeros((0, len(NAMES)), np.float32))
        return self.tagger.tag(words)

    def align(self, narrative: Narrative, tags: Tags, seed: int = 0) -> tuple[Region, ...]:
        """Cuts words and trace into regions; those that nobody drew get a predicted trace."""
        if not narrative.words:
            return align_strokes(narrative, self.predictor.guess_label)
        return self.predictor.complete(narrative, align(narrative, tags), seed)

    def retrieve(self, narrative: Narrative, regions: Sequence[Region]) -> Retrieval:
        """Finds the scenes most similar to the text and chooses masks (paper, section 2).

        Without words the labels' names serve as text.
        """
        words = [word.text for word in narrative.words]
        words = words or [part for r in regions for part in NAMES[r.label].split("-")]
        count = min(SCENES, self.library.scene_count)
        found = self.library.search(self.encoder.encode_text(words), count)
        queries = [Query(r.label, r.hull, drawn=not r.predicted) for r in regions]
        names = self.library.scene_names
        return Retrieval(
            tuple(Scene(scene, names[scene], score) for scene, score in found),
            choose(self.library, found, queries),
        )

    def place(self, retrieval: Retrieval) -> tuple[Placement, ...]:
        """The chosen masks where they go, one for each region."""
        return tuple(place(self.library, choice) for choice in retrieval.choices)

    def compose(
        self,
        retrieval: Retrieval,
        size: int = 256,
        placements: Sequence[Placement] | None = None,
    ) -> Canvas:
        """Lays the chosen masks over one another (paper, section 2).

        What no mask covers is filled from the scenes that were found, by vote. `placements`:
        those of `place`, where they are at hand.
        """
        scenes = [(scene.index, scene.similarity) for scene in retrieval.scenes]
        wanted = [choice.query.label for choice in retrieval.choices]
        behind = background(self.library, scenes, wanted, size)
        if placements is None:
            placements = self.place(retrieval)
        return compose_canvas(placements, size, behind)

    def synthesize(self, canvas: Canvas, seed: int = 0) -> NDArray[np.uint8]:
        """Draws the canvas at its own size, (H, W, 3) uint8 RGB (paper, section 2)."""
        return self.generator.render(canvas, seed, canvas.label_map.shape[0])


class _Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap, or since the start."""
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return seconds
