"""Several things of one noun phrase: each its own box within the box of all (reconstructed)."""

from collections.abc import Sequence

import numpy as np

from segmentation.masks import Box

MARGIN = 0.92  # of its cell that a thing takes at most
SMALLER = 0.8  # the smallest of a group, beside the largest


def side_by_side(box: Box, count: int, aspect: float, rng: np.random.Generator) -> Sequence[Box]:
    """`count` boxes in a box, in rows, the last row in front.

    `aspect`: width / height of one thing. Cells are filled as far as the aspect allows; who stands
    where in a row is as the generator has it.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top

    def high(rows: int) -> float:
        return min(height / rows, width / -(-count // rows) / aspect)

    rows = max(range(1, count + 1), key=high)
    boxes: list[Box] = []
    for row in range(rows):
        across = len(range(row, count, rows))
        for column in range(across):
            tall = high(rows) * MARGIN * rng.uniform(SMALLER, 1)
            wide = tall * aspect
            cell = width / across
            loose = max(cell - wide, 0)
            x = left + (column + 0.5) * cell + (rng.random() - 0.5) * 0.6 * loose
            ground = top + (row + 1) * height / rows
            y = ground - rng.random() * 0.4 * max(height / rows - tall, 0)
            boxes.append((x - wide / 2, y - tall, x + wide / 2, y))
    return boxes
