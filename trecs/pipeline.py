"""TReCS: tag, align, retrieve, compose, synthesize (Koh et al., WACV 2021, figure 2)."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from files.weights import BUNDLED
from retrieval.background import background
from retrieval.choice import Choice, choose
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.placing import place
from retrieval.query import Query
from segmentation.canvas import Canvas
from segmentation.composition import Placement
from segmentation.composition import compose as compose_canvas
from segmentation.labels import NAMES
from trecs.alignment.mentioned import as_mentioned
from trecs.alignment.model import PLACELESS, AlignmentModel
from trecs.alignment.regions import Region, align, align_strokes
from trecs.device import best_device
from trecs.hub import OnHub, checkpoint_folder, copied
from trecs.installed import card_text, generator_folder
from trecs.narrative import Narrative
from trecs.prediction.predictor import TracePredictor
from trecs.result import Result, Retrieval, Scene
from trecs.synthesis.generator import Generator
from trecs.tagging.reading import reading
from trecs.tagging.tagger import Tagger, Tags
from trecs.text.phrases import things_named
from trecs.text.said import Said

SCENES = 50  # found: masks come from the first five (paper, section 2), then from more


class TReCS(OnHub):
    """The pipeline. Each stage is a method on typed data; `stages` runs them one by one.

    `from_pretrained` loads one, `save_pretrained` and `push_to_hub` pass it on.
    """

    def __init__(
        self,
        tagger: Tagger,
        predictor: TracePredictor,
        encoder: DualEncoder,
        library: SceneLibrary,
        generator: Generator,
        aligner: AlignmentModel = PLACELESS,
        cards: Mapping[str, str] | None = None,  # model cards, which go with the parts
    ) -> None:
        self.tagger = tagger
        self.aligner = aligner
        self.predictor = predictor
        self.encoder = encoder
        self.library = library
        self.generator = generator
        self.cards = cards or {}

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls,
        path: Path | str | None = None,
        *,
        library: Path | str | None = None,
        generator: str | None = None,
        revision: str | None = None,
        token: str | None = None,
        device: str | None = None,
    ) -> "TReCS":
        """Loads the models of a checkpoint folder; the default is the one that is bundled.

        `path`: a folder, or a repository on the Hugging Face Hub ("user/repo", of which
        `revision` and `token` may be told). `library`: another scene library than the folder's.
        `generator`: another generator, see `trecs.installed.generator_folder`. `device`: what
        renders; a GPU where there is one, if none is named. Raises InputError where a part is
        missing, damaged or foreign.
        """
        folder = checkpoint_folder(path or BUNDLED, revision=revision, token=token)
        parts = {name: folder / name for name in ("tagger", "trace", "encoder", "alignment")}
        if not parts["alignment"].is_dir():  # a checkpoint from before there was one
            parts["alignment"] = BUNDLED / "alignment"
        parts["generator"] = generator_folder(folder, generator)
        parts["library"] = Path(library) if library is not None else folder / "library"
        encoder = DualEncoder.load(parts["encoder"])
        scenes = SceneLibrary.open(parts["library"])
        if scenes.encoder_fingerprint != encoder.fingerprint:
            raise InputError(
                f"The scenes of '{scenes.folder}' were embedded by another encoder than that of "
                f"'{folder}'; embed them again with `trecs library embed`."
            )
        return cls(
            Tagger.load(parts["tagger"]),
            TracePredictor.load(parts["trace"]),
            encoder,
            scenes,
            Generator.load(parts["generator"], device or best_device()),
            AlignmentModel.load(parts["alignment"]),
            {name: text for name, part in parts.items() if (text := card_text(part))},
        )

    def save_parts(self, folder: Path) -> None:
        """Writes the models and the scene library, each into its folder."""
        self.tagger.save(folder / "tagger")
        self.predictor.save(folder / "trace")
        self.aligner.save(folder / "alignment")
        self.encoder.save(folder / "encoder")
        self.generator.save(folder / "generator")
        copied(self.library.folder, folder / "library")

    def __call__(
        self,
        narrative: Narrative,
        seed: int = 0,
        *,
        picture_seed: int | None = None,
        size: int = 256,
    ) -> Result:
        """Draws a narrative; the same narrative, seeds and size give the same result.

        `seed` serves the canvas and the picture, unless the picture has a seed of its own. Raises
        InputError where the narrative has neither strokes nor a word that is known.
        """
        *_, result = self.stages(narrative, seed, picture_seed=picture_seed, size=size)
        return result

    def stages(
        self,
        narrative: Narrative,
        seed: int = 0,
        *,
        picture_seed: int | None = None,
        size: int = 256,
    ) -> Iterator[Result]:
        """Yields the result after each stage: tag, align, retrieve, compose, synthesize.

        Arguments as for a call.
        """
        if picture_seed is None:
            picture_seed = seed
        result = Result(narrative, seed=seed)
        clock = _Clock()
        tags = self.tag(narrative)
        yield (result := result.timed("tag", clock.lap(), tags=tags))
        regions = self.align(narrative, tags, seed)
        yield (result := result.timed("align", clock.lap(), regions=regions))
        retrieval = self.retrieve(narrative, regions, tags)
        yield (result := result.timed("retrieve", clock.lap(), retrieval=retrieval))
        placements = self.place(retrieval)
        canvas = self.compose(retrieval, size, placements)
        yield (result := result.timed("compose", clock.lap(), placements=placements, canvas=canvas))
        image = self.synthesize(canvas, picture_seed)
        yield result.timed("synthesize", clock.lap(), image=image, picture_seed=picture_seed)

    def tag(self, narrative: Narrative) -> Tags:
        """Names the label that each word speaks of (paper, section 2.1), and what else is said."""
        words = [word.text for word in narrative.words]
        if not words:
            return Tags(np.zeros(0, np.uint8), np.zeros((0, len(NAMES)), np.float32))
        return reading(words, self.tagger.tag(words), self.tagger.knows)

    def align(self, narrative: Narrative, tags: Tags, seed: int = 0) -> tuple[Region, ...]:
        """Cuts words and trace into regions; those that nobody drew get a predicted trace."""
        if not narrative.words:
            return align_strokes(narrative, self.predictor.guess_label)
        regions = as_mentioned(align(narrative, tags, self.aligner), tags.said)
        return self.predictor.complete(narrative, regions, seed, tags.said)

    def retrieve(
        self, narrative: Narrative, regions: Sequence[Region], tags: Tags | None = None
    ) -> Retrieval:
        """Finds the scenes most similar to the text and chooses masks (paper, section 2).

        `tags`: those of `tag`; their probabilities say which labels the scenes should show.
        Without them, or without words, those of the regions count, and without words the labels'
        names serve as text.
        """
        words = [word.text for word in narrative.words]
        words = words or [part for r in regions for part in NAMES[r.label].split("-")]
        count = min(SCENES, self.library.scene_count)
        wanted = np.zeros(len(NAMES), np.float32)
        wanted[[region.label for region in regions]] = 1
        if tags is not None and len(tags.labels):
            wanted = tags.probabilities.max(0)
        found = self.library.search(self.encoder.encode_text(words, wanted), count)
        said = tags.said if tags is not None else Said()
        queries = [
            Query(region.label, region.hull, not region.predicted, count, region.strokes)
            for region, count in zip(regions, _named(regions, said, words), strict=True)
        ]
        names = self.library.scene_names
        return Retrieval(
            tuple(Scene(scene, names[scene], score) for scene, score in found),
            choose(self.library, found, queries),
            said.denied,
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
        behind = background(self.library, scenes, wanted, size, retrieval.denied)
        if placements is None:
            placements = self.place(retrieval)
        return compose_canvas(placements, size, behind)

    def recomposed(self, result: Result, choices: Sequence[Choice], size: int = 256) -> Result:
        """A result whose masks were found, with other choices of them and no picture yet.

        The canvas is composed anew, without what was painted on it.
        """
        assert result.retrieval is not None
        clock = _Clock()
        retrieval = replace(result.retrieval, choices=tuple(choices))
        placements = self.place(retrieval)
        canvas = self.compose(retrieval, size, placements)
        found = replace(result.uncomposed(), retrieval=retrieval)
        return found.timed("compose", clock.lap(), placements=placements, canvas=canvas)

    def canvas(self, narrative: Narrative, tags: Tags, size: int = 256) -> Canvas:
        """The canvas of a narrative whose words are tagged already."""
        regions = self.align(narrative, tags)
        return self.compose(self.retrieve(narrative, regions, tags), size)

    def synthesize(self, canvas: Canvas, seed: int = 0) -> NDArray[np.uint8]:
        """Draws the canvas at its own size, (H, W, 3) uint8 RGB (paper, section 2)."""
        return self.generator.render(canvas, seed, canvas.label_map.shape[0])


def _named(regions: Sequence[Region], said: Said, words: Sequence[str]) -> list[int]:
    """How many things each region's mask shows; of regions with the same words each shows one."""
    spans = [(region.label, region.start, region.stop) for region in regions]
    shared = Counter(spans)
    named = []
    for label, start, stop in spans:
        count = said.count(label, start, stop)
        if shared[label, start, stop] > 1:
            named.append(1)
        elif count and not said.guessed(label, start, stop):
            named.append(count)
        else:
            named.append(things_named(words[start:stop]))
    return named


class _Clock:
    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self) -> float:
        """Seconds since the last lap, or since the start."""
        now = time.perf_counter()
        seconds, self._last = now - self._last, now
        return seconds
