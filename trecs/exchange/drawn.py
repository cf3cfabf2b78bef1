"""What goes out: a picture with its canvas cut into the regions that are seen on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.composition import Placement, single_things
from segmentation.labels import UNLABELED, is_thing
from trecs.narrative import Narrative


@dataclass(frozen=True, eq=False)
class Part:
    """All pixels of an instance of a thing, or of one label of stuff.

    `number`: the instance's; 0 for stuff, for unlabeled, and for things that nobody told apart.
    `mask`: (H, W) bool, not empty.
    """

    label: int
    number: int
    mask: NDArray[np.bool_]

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels."""
        rows, columns = np.flatnonzero(self.mask.any(1)), np.flatnonzero(self.mask.any(0))
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


@dataclass(frozen=True, eq=False)
class Drawn:
    """A picture and what it was drawn from.

    `image`: (H, W, 3) uint8 RGB, of the canvas's size. `shapes`: the whole masks of instances, by
    their numbers, (H, W) bool: also what other things hide of them. Raises InputError where the
    picture has another size than the canvas.
    """

    narrative: Narrative
    canvas: Canvas
    image: NDArray[np.uint8]
    shapes: Mapping[int, NDArray[np.bool_]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.image.shape[:2] != self.canvas.label_map.shape:
            (height, width), (rows, columns) = self.image.shape[:2], self.canvas.label_map.shape
            raise InputError(
                f"The picture is {width}x{height} but its canvas is {columns}x{rows}, so that "
                "nothing can be cut from it; draw it at the canvas's size."
            )

    @classmethod
    def of(
        cls,
        narrative: Narrative,
        canvas: Canvas | None,
        image: NDArray[np.uint8] | None,
        placements: Sequence[Placement],
    ) -> "Drawn":
        """With the masks of the placements that the canvas was composed of, before any painting.

        Raises InputError where there is no canvas or no picture of it.
        """
        if image is None or canvas is None:
            raise InputError(
                "There is no picture with a canvas to save in layers; draw one with a system that "
                "composes a canvas, such as trecs."
            )
        shapes = {
            number: thing.mask.render(*canvas.label_map.shape)
            for number, (_, thing) in enumerate(single_things(placements), 1)
            if (canvas.label_map[canvas.instance_map == number] == thing.label).all()
        }
        return cls(narrative, canvas, image, shapes)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        height, width = self.canvas.label_map.shape
        return height, width

    def parts(self) -> list[Part]:
        """What the canvas consists of, from bottom to top: unlabeled, stuff, things.

        They do not overlap and cover all of it. Stuff stands by area, the largest first, things by
        their numbers, which grow from back to front.
        """
        labels, instances = self.canvas.label_map, self.canvas.instance_map
        things = np.where([is_thing(value) for value in range(256)], 1, 0)[labels]
        codes = labels.astype(np.int64) + 256 * np.where(things, instances, 0)
        parts = [Part(code % 256, code // 256, codes == code) for code in np.unique(codes).tolist()]
        return sorted(parts, key=_order)


def _order(part: Part) -> tuple[int, int, int]:
    level = 0 if part.label == UNLABELED else 2 if is_thing(part.label) else 1
    return level, part.number if level == 2 else -int(part.mask.sum()), part.label
