import numpy as np

from trecs.evaluation.sheet import GAP, HEAD, contact_sheet


def test_pictures_stand_in_their_blocks_rows_and_columns():
    rows = [
        [np.full((8, 8, 3), 10 * row + column, np.uint8) for column in range(2)] for row in range(3)
    ]
    sheet = np.asarray(contact_sheet(["label map", "seed 0"], rows, side=16, blocks=2))
    assert sheet.shape == (HEAD + 2 * (16 + GAP), 2 * (2 * (16 + GAP) + 2 * GAP), 3)
    block = sheet.shape[1] // 2

    def at(row: int, left: int, column: int) -> int:
        return int(sheet[HEAD + row * (16 + GAP) + 8, left + GAP + column * (16 + GAP) + 8, 0])

    assert [[at(row, 0, column) for column in range(2)] for row in range(2)] == [[0, 1], [10, 11]]
    assert [at(0, block, column) for column in range(2)] == [20, 21]
    assert at(1, block, 0) == 255  # there is no fourth row
    assert (sheet[:HEAD, :block] < 128).any()  # titles
