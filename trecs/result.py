"""What a narrative turned into, stage by stage, and the files of it."""

import io
import json
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from files.whole import write_atomically
from segmentation.canvas import Canvas, instance_png, label_png, palette_png
from segmentation.composition import Placement
from segmentation.labels import NAMES, value_of
from segmentation.repainting import remaining, repainted
from segmentation.told_colours import ToldColours, told_colours
from segmentation.told_seeds import ToldSeeds, told_seeds
from trecs.arrays import Arrays
from trecs.exchange import Drawn, written
from trecs.narrative import Narrative, dumps
from trecs.picture_record import PictureRecord, png, remembering_png, versions
from trecs.retrieved import Retrieval

if TYPE_CHECKING:
    from segmentation.composition import Placement
    from segmentation.moves import Move
    from trecs.alignment.regions import Region
    from trecs.tagging.tagger import Tags


@dataclass(frozen=True, eq=False)
class Result(Arrays):
    """Everything between a narrative and its picture; what is not computed yet is None.

    `image`: (H, W, 3) uint8 RGB. `seed`: of the canvas, by which its missing traces were predicted;
    `picture_seed`: of the image. Both together draw the narrative again. `seconds`: the time each
    stage took that led to what is here. `placements`: one for each region, what of its mask is on
    the canvas; None where nothing of it is left after the canvas was painted over. `painted`: the
    share of the canvas that was painted by hand, in [0, 1]. `composed`: this result before that;
    None where nobody painted, or where nothing was composed. `moves`: what was done by hand to the
    masks on the canvas, see `segmentation.moves`; placements are those after it, None where all of
    a region's masks were deleted.
    """

    narrative: Narrative
    tags: "Tags | None" = None
    regions: "tuple[Region, ...] | None" = None
    retrieval: Retrieval | None = None
    placements: "tuple[Placement | None, ...] | None" = None
    canvas: Canvas | None = None
    image: NDArray[np.uint8] | None = None
    seed: int | None = None
    picture_seed: int | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    painted: float = 0.0
    composed: "Result | None" = None
    moves: "tuple[Move, ...]" = ()

    def timed(self, stage: str, seconds: float, **computed: Any) -> "Result":
        """This result with what a stage computed and the time it took."""
        return replace(self, seconds={**self.seconds, stage: seconds}, **computed)

    def repainted(self, label_map: NDArray[np.uint8]) -> "Result":
        """This result with its canvas painted over, (H, W) uint8, and no picture yet.

        What was said and drawn, and the masks found for it, stay as they are; placements and times
        are only those of what is on the canvas still. With the canvas's own label map nothing
        changes, and with that of the composition everything is as it was composed.
        """
        if self.canvas is not None and np.array_equal(self.canvas.label_map, label_map):
            return self
        before, left, painted = self.composed or self, None, 1.0
        if before.canvas is not None and before.canvas.label_map.shape == label_map.shape:
            painted = max(before.painted, float((before.canvas.label_map != label_map).mean()))
        if before.canvas is not None and before.placements is not None:
            if np.array_equal(before.canvas.label_map, label_map):
                return before
            left = remaining(before.whole, before.canvas, label_map)
        return replace(
            self.uncomposed(),
            moves=self.moves,
            canvas=repainted(self.canvas, label_map),
            placements=left,
            painted=painted,
            composed=None if left is None else before,
        )

    def on(self, canvas: Canvas) -> "Result":
        """This result with a canvas that was recorded, and no picture yet.

        Where that is another one than was composed (somebody painted, chose other masks, or
        another library is installed by now), the recorded one counts.
        """
        if self.canvas is not None and self.canvas.equals(canvas):
            return self
        return replace(self.repainted(canvas.label_map), canvas=canvas)

    def uncomposed(self) -> "Result":
        """This result as it was before anything was composed."""
        later = ("compose", "synthesize")
        return replace(
            self,
            placements=None,
            canvas=None,
            image=None,
            picture_seed=None,
            seconds={s: time for s, time in self.seconds.items() if s not in later},
            painted=0.0,
            composed=None,
            moves=(),
        )

    @property
    def told_colours(self) -> ToldColours | None:
        """Where on the canvas which colours are told; None where none are."""
        if self.canvas is None or not self.regions:
            return None
        return told_colours(self.canvas, self.regions, self.whole)

    @property
    def told_seeds(self) -> ToldSeeds | None:
        """Where on the canvas the picture is drawn by other seeds; None where nowhere."""
        if self.canvas is None:
            return None
        seeds = self.narrative.seeds.items()
        labels = {value_of(label): seed for label, seed in seeds if isinstance(label, str)}
        return told_seeds(self.canvas, self.regions or (), self.whole, labels)

    @property
    def whole(self) -> "tuple[Placement, ...]":
        """What the canvas was composed of, before anything was painted; one for each region."""
        placements = (self.composed or self).placements or ()
        choices = self.retrieval.choices if self.retrieval else ()
        return tuple(
            Placement(choices[i].query.label, ()) if one is None else one
            for i, one in enumerate(placements)
        )

    @property
    def painted_over(self) -> frozenset[int]:
        """The regions whose mask was placed and is on the canvas no more, by their number: painted
        over, or deleted."""
        return frozenset(i for i, one in enumerate(self.placements or ()) if one is None)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON values: tags, regions, scenes, placements, seeds, times, versions.

        A region's `words` are a span of the narrative's, its `strokes` the numbers of those that
        were drawn for it, its `colours` those that it is to have, as `colour_names` say or as
        somebody chose, and its `seed` its own or null. `notes` say what was mended of the
        narrative. `seed` is the canvas's, as in `seeds`, which has the picture's as well;
        `label_seeds` are those of labels without a region. `unknown` are nouns that no label fits,
        `placements` those on the canvas, `moves` what was done to them by hand, as
        `segmentation.moves` reads it, and `painted` the share of it that was painted by hand.
        """
        words, seeds = self.narrative.words, self.narrative.seeds
        labels = {label: seed for label, seed in seeds.items() if isinstance(label, str)}
        return {
            "seed": self.seed,
            "seeds": {"canvas": self.seed, "picture": self.picture_seed},
            "label_seeds": labels,
            "caption": self.narrative.caption,
            "notes": list(self.narrative.notes),
            "tags": self.tags.to_json(words) if self.tags else [],
            "unknown": list(self.tags.unknown) if self.tags else [],
            "regions": [region.to_json(words) for region in self.regions or ()],
            "scenes": [
                {"name": scene.name, "similarity": round(scene.similarity, 4)}
                for scene in (self.retrieval.scenes if self.retrieval else ())
            ],
            "placements": self._placements(),
            "moves": [move.to_json() for move in self.moves],
            "painted": round(self.painted, 4),
            "labels": self.canvas.shares if self.canvas else {},
            "seconds": {stage: round(seconds, 4) for stage, seconds in self.seconds.items()},
            "versions": versions(),
        }

    def picture_png(self) -> bytes:
        """The picture as a PNG, which carries what it was drawn from where that is all known."""
        assert self.image is not None
        if self.canvas is None or self.picture_seed is None:
            return png(self.image)
        seeds = (self.seed, self.picture_seed)
        return remembering_png(
            self.image, PictureRecord(self.narrative, self.canvas, *seeds, self.moves)
        )

    def save(self, folder: Path) -> None:
        """Writes image.png, label_map.png, instance_map.png, canvas.png and result.json."""
        for name, content in self._files().items():
            write_atomically(folder / name, content)

    def drawn(self) -> Drawn:
        """The picture and its canvas for other programs; raises InputError without them."""
        return Drawn.of(self.narrative, self.canvas, self.image, self.whole)

    def save_layers(self, path: Path | str) -> list[Path]:
        """Writes the layers, the regions or the trace, as the path's ending says; returns paths.

        `.psd`, `.ora`, `.json` (COCO), `.png` (panoptic, with a `.json`), `.svg` (the trace); see
        docs/layers.md. `on` takes the canvas that `trecs.read_layers` finds in an edited one.
        """
        files = written(self.drawn(), Path(path))
        for place, content in files.items():
            write_atomically(place, content)
        return list(files)

    def to_zip(self) -> bytes:
        """The files of `save`, the narrative, and every mask as a PNG and together as an NPZ.

        The PNGs are numbered as the regions are, from 1. `masks.npz`: masks (N, H, W) bool, labels
        (N,) uint8, boxes (N, 4) float32, regions (N,) int64: the places of theirs in `result.json`.
        """
        files = self._files()
        files["narrative.json"] = dumps(self.narrative).encode()
        placed = [(i, p) for i, p in enumerate(self.placements or ()) if p is not None]
        size = self.canvas.label_map.shape if self.canvas else (1, 1)
        masks = np.zeros((len(placed), *size), bool)
        for full, (region, placement) in zip(masks, placed, strict=True):
            full[:] = placement.mask.render(size[0], size[1])
            name = f"masks/{region + 1:02d}-{NAMES[placement.label]}.png"
            files[name] = label_png(full.astype(np.uint8) * 255)
        arrays = io.BytesIO()
        np.savez_compressed(
            arrays,
            masks=masks,
            labels=np.array([placement.label for _, placement in placed], np.uint8),
            boxes=np.array([p.mask.box for _, p in placed], np.float32).reshape(-1, 4),
            regions=np.array([region for region, _ in placed], np.int64),
        )
        files["masks.npz"] = arrays.getvalue()
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(name, content)
        return packed.getvalue()

    def _files(self) -> dict[str, bytes]:
        files = {}
        if self.image is not None:
            files["image.png"] = self.picture_png()
        if self.canvas is not None:
            files["label_map.png"] = label_png(self.canvas.label_map)
            files["instance_map.png"] = instance_png(self.canvas.instance_map)
            files["canvas.png"] = palette_png(self.canvas)
        text = json.dumps(self.to_json(), indent=2, ensure_ascii=False)
        return {**files, "result.json": text.encode()}

    def _placements(self) -> list[dict[str, Any]]:
        if self.retrieval is None or self.placements is None:
            return []
        whole, touched = self.whole, {move.region for move in self.moves}
        told = []
        for i, (choice, placement) in enumerate(
            zip(self.retrieval.choices, self.placements, strict=True)
        ):
            if placement is not None:
                changed = placement is not whole[i] or i in touched
                now = placement.mask.box if changed else None
                told.append({"region": i, **choice.to_json(now)})
        return told
