import numpy as np
import pytest

from files.errors import InputError
from segmentation.colours import (
    LEANING,
    SHADES,
    ColourNames,
    colour_lines,
    hex_of,
    hex_of_text,
    lab_of,
    lab_of_hex,
    nearest_half,
    pixels_of,
)
from segmentation.labels import NAMES, value_of

BUS, CAR = value_of("bus"), value_of("car")


def test_lab_of_known_colours() -> None:
    assert lab_of_hex("#ffffff") == pytest.approx((100, 0, 0), abs=0.1)
    assert lab_of_hex("#FF0000") == pytest.approx((53.2, 80.1, 67.2), abs=0.1)
    assert hex_of((53.2, 80.1, 67.2)) == "#ff0000"


def test_pixels_come_back() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype(np.uint8)
    assert np.abs(pixels_of(lab_of(pixels)).astype(int) - pixels).max() <= 1


@pytest.mark.parametrize("text", ["#ff00", "red-ish", "", "#gggggg", "light", "dark dark", 7, None])
def test_what_is_no_colour_is_refused(text: object) -> None:
    with pytest.raises(InputError, match="is no colour"):
        hex_of_text(text)  # type: ignore[arg-type]


def test_names_and_shades_are_colours() -> None:
    assert hex_of_text("#A0b0C0") == "#a0b0c0"
    assert lab_of_hex(hex_of_text("dark red"))[0] < lab_of_hex(hex_of_text("red"))[0]
    assert lab_of_hex(hex_of_text("light red"))[0] > lab_of_hex(hex_of_text("red"))[0]


def test_what_was_seen_counts_by_how_often() -> None:
    lines = ["red = #ff0000", "red | * = 8 40 20 10", "red | bus = 24 30 50 30"]
    names = ColourNames.of(["# a comment", "", *lines])
    pure = np.array(names.by_itself("red"))
    overall = np.mean([pure, np.array((40, 20, 10))], 0)
    assert LEANING == 8
    assert names.one(CAR, "red") == pytest.approx(overall)
    assert names.one(BUS, "red") == pytest.approx(overall / 4 + 0.75 * np.array((30, 50, 30)))


def test_lines_are_read_back_and_those_that_show_it_best_count() -> None:
    names = ColourNames.of(["red = #ff0000"])
    seen = [("red", "bus", (50, 60, 40)), ("red", "bus", (40, 0, 0)), ("red", "car", (45, 50, 30))]
    again = ColourNames.of(colour_lines(names, seen))
    assert again.seen["red", "*"] == (2, pytest.approx((47.5, 55, 35)))
    assert again.seen["red", "bus"] == (1, pytest.approx((50, 60, 40)))
    assert again.named["red"] == pytest.approx(names.named["red"])


def test_the_half_that_is_nearest() -> None:
    colours = np.array([(50, 0, 0), (50, 70, 50), (10, 80, 60)], float)
    assert nearest_half(colours, (50, 80, 60)).tolist() == [[50, 70, 50], [10, 80, 60]]


def test_the_file_knows_every_name_that_the_grammar_reads() -> None:
    from trecs.text.rules import Rules

    kinds = {"colour": set[str](), "shade": set[str](), "light": set[str]()}
    for entries in Rules.read().phrases.by_first.values():
        for kind, meaning, _ in entries:
            if kind in kinds:
                kinds[kind].add(meaning)
    names = ColourNames.read()
    assert kinds["colour"] | kinds["shade"] == set(names.named)
    assert kinds["shade"] | kinds["light"] == set(SHADES)
    for name, label in names.seen:
        names.by_itself(name)
        assert label == "*" or label in NAMES


def test_learned_meanings_look_like_their_names() -> None:
    names = ColourNames.read()
    _, a, b = names.one(BUS, "red")
    assert a > 25
    assert b > 10
    assert names.one(BUS, "blue")[2] < -20
    assert names.one(value_of("dog"), "black")[0] < 20
    assert names.one(value_of("snow"), "white")[0] > 75
