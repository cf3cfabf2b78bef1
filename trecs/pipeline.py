"""TReCS: tag, align, retrieve, compose, synthesize (Koh et al., WACV 2021, figure 2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from files.weights import BUNDLED
from retrieval.background import background
from retrieval.choice import Choice, choose
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from retrieval.placing import place
from retrieval.query import Query
from segmentation.canvas import Canvas
from segmentation.composition import Placement, brought_forward
from segmentation.composition import compose as compose_canvas
from segmentation.labels import NAMES
from segmentation.moves import Move
from segmentation.told_colours import ToldColours
from trecs.alignment.coloured import with_colours
from trecs.alignment.mentioned import as_mentioned, in_front, things_in
from trecs.alignment.model import PLACELESS, AlignmentModel
from trecs.alignment.regions import Region, align, align_strokes
from trecs.alignment.seeded import with_seeds
from trecs.device import best_device
from trecs.hub import OnHub, checkpoint_folder, copied
from trecs.installed import card_text, generator_folder, pipeline_folders, thumbnails_folder
from trecs.learning.clock import Laps
from trecs.narrative import Narrative
from trecs.painting import InPlace, in_place_of, painted
from trecs.picture_record import PictureRecord
from trecs.prediction.predictor import TracePredictor
from trecs.recomposing import recompose, recomposed, redrawn
from trecs.result import Result
from trecs.retrieved import Retrieval, Scene
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.synthesis.generator import Generator
from trecs.synthesis.painter.distilled import save_drawing
from trecs.tagging.reading import reading
from trecs.tagging.tagger import Tagger, Tags
from trecs.text.said import Said

SEEDLESS = "This generator draws no region apart, so that the regions' own seeds change nothing."
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
        in_place: InPlace | None = None,  # draws in the generator's place
    ) -> None:
        self.tagger = tagger
        self.aligner = aligner
        self.predictor = predictor
        self.encoder = encoder
        self.library = library
        self.generator = generator
        self.cards = cards or {}
        self.in_place = in_place

    @classmethod
    def from_pretrained(  # type: ignore[override]
        cls,
        path: Path | str | None = None,
        *,
        library: Path | str | None = None,
        generator: str | None = None,
        autoencoder: Path | None = None,
        diffusion: DiffusionSettings | None = None,
        revision: str | None = None,
        token: str | None = None,
        device: str | None = None,
    ) -> "TReCS":
        """Loads the models of a checkpoint folder; the default is the one that is bundled.

        `path`: a folder, or a repository on the Hugging Face Hub ("user/repo", of which
        `revision` and `token` may be told). `library`: another scene library than the folder's.
        `generator`: another generator, see `trecs.installed.generator_folder`, or "collage", which
        the painter paints over if its `autoencoder`'s folder is told, or "diffusers", by the
        settings `diffusion`. `device`: what renders; a GPU where there is one, if none is named.
        Raises InputError where a part is missing or unusable.
        """
        folder = checkpoint_folder(path or BUNDLED, revision=revision, token=token)
        parts = pipeline_folders(folder, library)
        parts["generator"] = generator_folder(folder, generator)
        encoder = DualEncoder.load(parts["encoder"])
        scenes = SceneLibrary.open(parts["library"])
        encoder.check_embedded(scenes)
        stage = thumbnails_folder(folder)
        device = device or best_device()
        drawing = Generator.load(parts["generator"], device, thumbnails=stage)
        pasting = (scenes, encoder, drawing, parts["painter"], autoencoder)
        return cls(
            Tagger.load(parts["tagger"]),
            TracePredictor.load(parts["trace"]),
            encoder,
            scenes,
            drawing,
            AlignmentModel.load(parts["alignment"]),
            {name: text for name, part in parts.items() if (text := card_text(part))},
            in_place_of(generator, pasting, diffusion or DiffusionSettings(), device),
        )

    @property
    def reseeds(self) -> bool:
        """Whether regions can have seeds of their own; see `Generator.reseeds`."""
        return self.in_place is None and self.generator.reseeds

    def save_parts(self, folder: Path) -> None:
        """Writes the models and the scene library, each into its folder."""
        self.tagger.save(folder / "tagger")
        self.predictor.save(folder / "trace")
        self.aligner.save(folder / "alignment")
        self.encoder.save(folder / "encoder")
        self.generator.save(folder / "generator")
        if self.generator.flow is not None:
            save_drawing(thumbnails_folder(folder), self.generator.flow, self.generator.thumbnails)
        copied(self.library.folder, folder / "library")

    def __call__(
        self,
        narrative: Narrative,
        seed: int = 0,
        *,
        picture_seed: int | None = None,
        size: int = 256,
        colours: Mapping[int | str, str | None] | None = None,
        region_seeds: Mapping[int | str, int | None] | None = None,
    ) -> Result:
        """Draws a narrative; the same narrative, seeds and size give the same result.

        `seed` serves the canvas, and the picture where that has none of its own. `colours`,
        `region_seeds`: of words' things, as `Narrative.coloured` and `.seeded` take them, beside
        its own: {"bus": "red"}, {"cow": 7}. Raises InputError without strokes or a known word.
        """
        narrative = narrative.also_coloured(colours or {}).also_seeded(region_seeds or {})
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
        picture_seed = seed if picture_seed is None else picture_seed
        if narrative.seeds and not self.reseeds and SEEDLESS not in narrative.notes:
            narrative = replace(narrative, notes=(*narrative.notes, SEEDLESS))
        result = Result(narrative, seed=seed)
        clock = Laps()
        tags = self.tag(narrative)
        yield (result := result.timed("tag", clock.lap(), tags=tags))
        regions = self.align(narrative, tags, seed)
        regions = with_seeds(with_colours(regions, narrative, tags.said), narrative)
        yield (result := result.timed("align", clock.lap(), regions=regions))
        retrieval = self.retrieve(narrative, regions, tags)
        yield (result := result.timed("retrieve", clock.lap(), retrieval=retrieval))
        placements = self.place(retrieval)
        canvas = self.compose(retrieval, size, placements)
        yield (result := result.timed("compose", clock.lap(), placements=placements, canvas=canvas))
        image = self.synthesize(canvas, picture_seed, result.told_colours, result)
        yield result.timed("synthesize", clock.lap(), image=image, picture_seed=picture_seed)

    def redrawn(
        self, record: PictureRecord, *, picture_seed: int | None = None, size: int | None = None
    ) -> Result:
        """Draws again what a picture remembers: its narrative, on its canvas, by its seeds.

        `picture_seed` and `size` change those of the record's.
        """
        return redrawn(self, record, picture_seed, size)

    def tag(self, narrative: Narrative) -> Tags:
        """Names the label that each word speaks of (paper, section 2.1), and what else is said."""
        words = [word.text for word in narrative.words]
        if not words:
            return Tags(np.zeros(0, np.uint8), np.zeros((0, len(NAMES)), np.float32))
        if not narrative.labels:
            self.tagger.check(words)
        (tags,) = self.tagger.tag_all([words])
        return reading(words, tags, self.tagger.knows, narrative.labels)

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

        `tags`: those of `tag`, whose probabilities say which labels the scenes should show; without
        them, or words, the regions' labels do, and without words their names serve as text.
        """
        words = [word.text for word in narrative.words]
        words = words or [part for r in regions for part in NAMES[r.label].split("-")]
        count = min(SCENES, self.library.scene_count)
        wanted = np.isin(np.arange(len(NAMES)), [region.label for region in regions]).astype("f4")
        if tags is not None and len(tags.labels):
            wanted = tags.probabilities.max(0)
        found = self.library.search(query := self.encoder.encode_text(words, wanted), count)
        said = tags.said if tags is not None else Said()
        queries = [
            Query(region.label, region.hull, not region.predicted, count, region.strokes)
            for region, count in zip(regions, things_in(regions, said, words), strict=True)
        ]
        return Retrieval(
            tuple(Scene(one, self.library.scene_names[one], score) for one, score in found),
            choose(self.library, found, queries),
            said.denied,
            tuple(in_front(regions, said)),
            query,
        )

    def place(self, retrieval: Retrieval) -> tuple[Placement, ...]:
        """The chosen masks where they go, one for each region."""
        placements = [place(self.library, choice) for choice in retrieval.choices]
        return tuple(brought_forward(placements, retrieval.in_front))

    def compose(
        self,
        retrieval: Retrieval,
        size: int = 256,
        placements: Sequence[Placement] | None = None,
    ) -> Canvas:
        """Lays the chosen masks over one another (paper, section 2).

        What no mask covers is filled by vote of the scenes found. `placements`: those of `place`.
        """
        scenes = [(scene.index, scene.similarity) for scene in retrieval.scenes]
        wanted = [choice.query.label for choice in retrieval.choices]
        behind = background(self.library, scenes, wanted, size, retrieval.denied)
        return compose_canvas(placements or self.place(retrieval), size, behind)

    def recomposed(
        self,
        result: Result,
        choices: Sequence[Choice] | None = None,
        size: int = 256,
        moves: Sequence[Move] | None = None,
    ) -> Result:
        """A result whose masks were found, with other choices or moves of them, and no picture yet.

        What is not told stays. The canvas is composed anew, without what was painted on it.
        """
        return recomposed(self, result, choices, moves, size)

    def recompose(
        self, result: Result, moves: Sequence[Move], *, picture_seed: int | None = None
    ) -> Result:
        """A result with its masks moved, see `segmentation.moves`, drawn anew; by its own seed
        unless another is told. Raises InputError for a move of a mask that is not there."""
        return recompose(self, result, moves, picture_seed)

    def canvas(self, narrative: Narrative, tags: Tags, size: int = 256) -> Canvas:
        """The canvas of a narrative whose words are tagged already."""
        regions = self.align(narrative, tags)
        return self.compose(self.retrieve(narrative, regions, tags), size)

    def synthesize(
        self,
        canvas: Canvas,
        seed: int = 0,
        told: ToldColours | None = None,
        result: Result | None = None,
    ) -> NDArray[np.uint8]:
        """Draws the canvas at its own size, (H, W, 3) uint8 RGB (paper, section 2).

        `told`: colours of its regions. `result`: what it is of, whose regions' own seeds count, and
        whose masks a collage pastes.
        """
        if self.in_place is not None:
            return painted(self.in_place, self, canvas, seed, told, result)
        seeds = result.told_seeds if result else None
        return self.generator.render(canvas, seed, len(canvas.label_map), told, seeds)
