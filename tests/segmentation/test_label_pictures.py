"""Label maps as people have them: sorted palettes, colours, few bits, smooth edges."""

import io
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from segmentation.canvas import Canvas, label_png, palette_png, read_label_map
from segmentation.interpolation import is_interpolated
from segmentation.labels import COUNT, UNLABELED, palette, value_of

SIDE = 64
NAMES = ("sky-other", "clouds", "tree", "grass", "person", "dog", "road")


def scene() -> NDArray[np.uint8]:
    """Areas with straight, slanted and round edges, and a part without label."""
    sky, clouds, tree, grass, person, dog, road = map(value_of, NAMES)
    y, x = np.mgrid[:SIDE, :SIDE]
    labels = np.where(y + 0.3 * x < 34, sky, grass)
    labels[(x - 12) ** 2 + (y - 10) ** 2 < 60] = clouds
    labels[(abs(x - 44) < 9) & (y > 8) & (y < 40)] = tree
    labels[(x - 20) ** 2 / 30 + (y - 42) ** 2 / 120 < 1] = person
    labels[(x - 48) ** 2 / 70 + (y - 50) ** 2 / 30 < 1] = dog
    labels[y > 59] = road
    labels[:3, 60:] = UNLABELED
    return labels.astype(np.uint8)


LABELS = scene()
OURS = Canvas(LABELS, np.zeros(LABELS.shape, np.int32))


def saved(picture: Image.Image, **how: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", **how)
    return buffer.getvalue()


def indexed(colours: NDArray[np.uint8], indices: NDArray[np.uint8] = LABELS) -> Image.Image:
    picture = Image.fromarray(indices, "P")
    picture.putpalette(colours.astype(np.uint8).tobytes())
    return picture


def reindexed(colours: NDArray[np.uint8]) -> Image.Image:
    """The scene in a palette of the colours that it has, sorted by their shade."""
    used, places = np.unique(LABELS, return_inverse=True)
    order = np.argsort(colours[used].astype(int).sum(1), kind="stable")
    numbers = np.argsort(order)[places].reshape(LABELS.shape).astype(np.uint8)
    return indexed(colours[used][order], numbers)


def opaque(picture: Image.Image) -> Image.Image:
    picture.putalpha(255)
    return picture


GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, 1)
RGB = Image.fromarray(OURS.picture())
GOOD = {
    "grey": label_png(LABELS),
    "our canvas": palette_png(OURS),
    "our palette, sorted anew": saved(reindexed(palette())),
    "our palette, sorted anew, of 4 bits": saved(reindexed(palette()), bits=4),
    "our colours": saved(RGB),
    "our colours, opaque": saved(opaque(RGB.copy())),
    "our colours, adaptive palette": saved(RGB.convert("P", palette=Image.Palette.ADAPTIVE)),
    "shades in a palette": saved(indexed(GREYS)),
    "shades in a palette, sorted anew": saved(reindexed(GREYS)),
    "grey, opaque": saved(opaque(Image.fromarray(LABELS))),
    "a transparent colour that nothing has": saved(reindexed(palette()), transparency=15),
}


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD.keys())
def test_each_way_of_saving_gives_the_same_labels(content: bytes) -> None:
    assert np.array_equal(read_label_map(content), LABELS)


def test_colours_tell_labels_apart() -> None:
    assert len({tuple(colour) for colour in palette()[[*range(COUNT), UNLABELED]].tolist()}) == 183


@pytest.mark.parametrize("picture", [RGB, indexed(palette())], ids=["RGB", "indexed"])
def test_a_canvas_without_any_label_is_read(picture: Image.Image) -> None:
    grey = Image.new(picture.mode, (8, 8), UNLABELED if picture.mode == "P" else (128,) * 3)
    if picture.mode == "P":
        grey.putpalette(palette()[[UNLABELED]].tobytes() * 256)
    assert (read_label_map(saved(grey)) == UNLABELED).all()


def voc(picture: Callable[[NDArray[np.uint8]], Image.Image]) -> bytes:
    """In the colours of another dataset."""
    colours = np.random.default_rng(0).integers(0, 256, (256, 3)).astype(np.uint8)
    return saved(picture(colours))


see_through = RGB.copy()
see_through.putalpha(Image.fromarray(np.where(LABELS[0, 0] == LABELS, 0, 255).astype(np.uint8)))
SMOOTH = "resized with interpolation"
BAD = {
    "a foreign palette": (voc(indexed), "has mode P and a colour that is no label's, #"),
    "a foreign palette, sorted": (voc(reindexed), "has mode P and a colour that is no label's"),
    "foreign colours": (
        voc(lambda colours: Image.fromarray(colours[LABELS])),
        "mode RGB and a colour",
    ),
    "an eraser": (saved(see_through), "transparent pixels"),
    "a transparent colour": (saved(reindexed(palette()), transparency=0), "transparent pixels"),
    "a transparent grey": (saved(Image.fromarray(LABELS), transparency=int(LABELS[0, 0])), "trans"),
    "smooth colours": (saved(RGB.resize((100, 100), Image.Resampling.BILINEAR)), SMOOTH),
    "smooth colours in a palette": (
        saved(RGB.resize((100, 100), Image.Resampling.BICUBIC).quantize(256)),
        SMOOTH,
    ),
    "two pictures": (
        saved(Image.fromarray(LABELS), save_all=True, append_images=[Image.fromarray(LABELS + 1)]),
        "animated",
    ),
}


@pytest.mark.parametrize(("content", "message"), BAD.values(), ids=BAD.keys())
def test_what_would_be_read_as_something_else_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_label_map(content)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("how", ["BILINEAR", "BICUBIC", "LANCZOS", "HAMMING"])
@pytest.mark.parametrize("side", [40, 63, 100, 128, 256])
def test_smoothly_resized_maps_are_known(how: str, side: int) -> None:
    picture = Image.fromarray(LABELS)
    smooth = np.asarray(picture.resize((side, side), Image.Resampling[how]))
    assert is_interpolated(smooth)
    with pytest.raises(InputError, match=SMOOTH):
        read_label_map(label_png(smooth))
    nearest = np.asarray(picture.resize((side, side), Image.Resampling.NEAREST))
    assert not is_interpolated(nearest)
    assert set(np.unique(read_label_map(label_png(nearest)))) <= set(np.unique(LABELS))


@pytest.mark.parametrize("how", ["INTER_LINEAR", "INTER_CUBIC", "INTER_AREA", "INTER_LANCZOS4"])
def test_other_programs_interpolate_too(how: str) -> None:
    smooth = cv2.resize(LABELS, (45, 51), interpolation=getattr(cv2, how))
    assert is_interpolated(smooth.astype(np.uint8))


def test_maps_of_small_things_and_noise_are_not_interpolated() -> None:
    rng = np.random.default_rng(0)
    assert not is_interpolated(rng.integers(0, COUNT, (64, 64)).astype(np.uint8))
    dotted = LABELS.copy()
    for y, x in rng.integers(1, SIDE - 1, (40, 2)):  # things of a pixel
        dotted[y, x] = rng.integers(COUNT)
    assert not is_interpolated(dotted)
    assert not is_interpolated(np.arange(COUNT, dtype=np.uint8)[None])
