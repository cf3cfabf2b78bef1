"""Contact sheets: pictures in labelled columns, to look at."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

GAP = 4
HEAD = 20


def contact_sheet(
    columns: Sequence[str],
    rows: Sequence[Sequence[NDArray[np.uint8]]],
    *,
    side: int = 160,  # of each picture on the sheet, pixels
    blocks: int = 2,  # stretches of rows that stand beside one another
) -> Image.Image:
    """Draws rows of pictures (S, S, 3) uint8 RGB under their columns' titles, on white."""
    deep = -(-len(rows) // blocks)
    wide = len(columns) * (side + GAP) + 2 * GAP
    sheet = Image.new("RGB", (blocks * wide, HEAD + deep * (side + GAP)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(13)
    for block in range(blocks):
        for i, title in enumerate(columns):
            pen.text((block * wide + GAP + i * (side + GAP), 2), title, "black", font)
    for number, row in enumerate(rows):
        block, line = divmod(number, deep)
        for i, pixels in enumerate(row):
            picture = Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
            sheet.paste(
                picture,
                (block * wide + GAP + i * (side + GAP), HEAD + line * (side + GAP)),
            )
    return sheet
