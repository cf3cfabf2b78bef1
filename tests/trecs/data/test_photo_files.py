import errno
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from files.errors import InputError
from retrieval.coco_files import CocoImage
from retrieval.photos import BadPhoto
from trecs.data.photo_files import bring_photo, link_or_copy

WIDTH, HEIGHT = 64, 48
ANNOTATED = CocoImage(1, "a.jpg", HEIGHT, WIDTH, {})


def upright() -> Any:
    """A photo of four colours: red, green over blue, white."""
    pixels = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    pixels[:24, :32], pixels[:24, 32:], pixels[24:, :32], pixels[24:, 32:] = (
        *((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)),
    )
    return pixels


STORED = {
    1: lambda p: p,
    2: lambda p: p[:, ::-1],
    3: lambda p: p[::-1, ::-1],
    4: lambda p: p[::-1],
    5: lambda p: p.transpose(1, 0, 2),
    6: lambda p: np.rot90(p),
    7: lambda p: p[::-1, ::-1].transpose(1, 0, 2),
    8: lambda p: np.rot90(p, -1),
}
"""How a camera stores a photo that is upright by its EXIF orientation."""


def save(path: Path, pixels: Any, orientation: int | None = None) -> Path:
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    Image.fromarray(np.ascontiguousarray(pixels)).save(path, exif=exif, quality=95)
    return path


def close(path: Path, pixels: Any) -> bool:
    """Whether a photo shows these pixels, but for what JPEG changes, and says nothing of turns."""
    with Image.open(path) as picture:
        assert picture.getexif().get(0x0112, 1) == 1
        seen = np.asarray(picture.convert("RGB"), np.int16)
    return seen.shape == pixels.shape and bool(np.abs(seen - pixels).mean() < 8)


def test_a_link_to_a_photo_is_followed(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "photos").mkdir()
    save(tmp_path / "raw" / "x.jpg", upright())
    link = tmp_path / "photos" / "a.jpg"
    link.symlink_to("../raw/x.jpg")
    bring_photo(link, ANNOTATED, tmp_path / "b.jpg")
    assert not (tmp_path / "b.jpg").is_symlink()
    assert close(tmp_path / "b.jpg", upright())


@pytest.mark.parametrize("ending", ["jpg", "png"])
@pytest.mark.parametrize("orientation", STORED)
def test_photos_are_turned_as_their_exif_says(
    tmp_path: Path, orientation: int, ending: str
) -> None:
    stored = STORED[orientation](upright())
    source = save(tmp_path / f"a.{ending}", stored, orientation)
    bring_photo(source, ANNOTATED, tmp_path / "out.jpg")
    assert close(tmp_path / "out.jpg", upright())


def test_photos_annotated_as_they_are_stored_stay_so(tmp_path: Path) -> None:
    source = save(tmp_path / "a.jpg", upright(), 6)
    bring_photo(source, ANNOTATED, tmp_path / "out.jpg")
    assert close(tmp_path / "out.jpg", upright())


@pytest.mark.parametrize("orientation", [None, 0, 9])
def test_photos_that_need_no_turn_are_linked(tmp_path: Path, orientation: int | None) -> None:
    source = save(tmp_path / "a.jpg", upright()[::2, ::2], orientation)  # scaled, of one shape
    bring_photo(source, ANNOTATED, tmp_path / "out.jpg")
    assert (tmp_path / "out.jpg").samefile(source)


@pytest.mark.parametrize(
    ("shape", "orientation"), [((100, 300), None), ((64, 48), None), ((100, 300), 6)]
)
def test_photos_of_another_shape_are_refused(
    tmp_path: Path, shape: tuple[int, int], orientation: int | None
) -> None:
    source = save(tmp_path / "a.jpg", np.zeros((*shape, 3), np.uint8), orientation)
    with pytest.raises(BadPhoto, match="annotated as 64x48"):
        bring_photo(source, ANNOTATED, tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


@pytest.mark.parametrize("kept", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_truncated_photos_are_refused_by_name(tmp_path: Path, ending: str, kept: float) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    source = save(tmp_path / f"a.{ending}", noise)
    content = source.read_bytes()
    source.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(BadPhoto, match=source.name):
        bring_photo(source, ANNOTATED, tmp_path / "out.jpg")
    assert not (tmp_path / "out.jpg").exists()


def test_a_copy_appears_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "a.jpg", tmp_path / "out" / "b.jpg"
    target.parent.mkdir()
    source.write_bytes(b"photo" * 1000)
    target.write_bytes(b"half of another attempt")

    def no_links(*_: Any, **__: Any) -> None:
        raise OSError(errno.EPERM, "no links here")

    def full(_: Any, to: Path) -> None:
        Path(to).write_bytes(b"pho")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", no_links)
    with monkeypatch.context() as broken:
        broken.setattr(shutil, "copyfile", full)
        with pytest.raises(InputError, match=r"b\.jpg' cannot be written: the disk is full"):
            link_or_copy(source, target)
    assert list(target.parent.iterdir()) == []
    link_or_copy(source, target)
    assert target.read_bytes() == source.read_bytes()
    assert list(target.parent.iterdir()) == [target]
