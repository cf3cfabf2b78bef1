"""PSD and OpenRaster: what goes out, and what an editor's changes make of the canvas."""

import io
import zipfile
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from psd_tools import PSDImage
from psd_tools.api.layers import Group, Layer

from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED
from tests.trecs.exchange.drawings import (
    CAT,
    DOG,
    DOG_BOX,
    GRASS,
    HEIGHT,
    HORSE,
    HORSE_BOX,
    SKY,
    WIDTH,
    canvas,
    drawn,
    image,
)
from trecs.exchange import Drawn, openraster, psd, read_layers_in

Edit = Callable[[str], None]


class Psd:
    """A PSD in the hands of somebody who edits it with psd-tools."""

    name = "a.psd"

    def __init__(self, content: bytes) -> None:
        self.file = PSDImage.open(io.BytesIO(content))

    def layer(self, name: str) -> Layer:
        return next(one for one in self.file.descendants() if one.name == name)

    def names(self) -> list[str]:
        """All layers and groups, from top to bottom."""
        return [one.name for one in reversed(list(self.file.descendants()))]

    def rename(self, name: str, to: str) -> None:
        self.layer(name).name = to

    def move(self, name: str, right: int, down: int) -> None:
        layer = self.layer(name)
        layer.offset = layer.left + right, layer.top + down

    def hide(self, name: str) -> None:
        self.layer(name).visible = False

    def delete(self, name: str) -> None:
        layer = self.layer(name)
        assert isinstance(layer.parent, Group | PSDImage)
        layer.parent.remove(layer)

    def pixels(self, name: str) -> tuple[np.ndarray, int, int]:
        layer = self.layer(name)
        picture = layer.topil()
        assert picture is not None
        return np.asarray(picture.convert("RGBA")), layer.left, layer.top

    def saved(self) -> bytes:
        buffer = io.BytesIO()
        self.file._record.write(buffer)
        return buffer.getvalue()


class Ora:
    """An OpenRaster file in the hands of somebody who edits it with zipfile and an XML parser."""

    name = "a.ora"

    def __init__(self, content: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            self.files = {name: archive.read(name) for name in archive.namelist()}
        self.root = ElementTree.fromstring(self.files["stack.xml"])

    def layer(self, name: str) -> ElementTree.Element:
        return next(one for one in self.root.iter() if one.get("name") == name)

    def names(self) -> list[str]:
        return [name for one in self.root.iter() if (name := one.get("name"))]

    def rename(self, name: str, to: str) -> None:
        self.layer(name).set("name", to)

    def move(self, name: str, right: int, down: int) -> None:
        layer = self.layer(name)
        layer.set("x", str(int(layer.attrib["x"]) + right))
        layer.set("y", str(int(layer.attrib["y"]) + down))

    def hide(self, name: str) -> None:
        self.layer(name).set("visibility", "hidden")

    def delete(self, name: str) -> None:
        layer = self.layer(name)
        next(one for one in self.root.iter() if layer in one).remove(layer)

    def pixels(self, name: str) -> tuple[np.ndarray, int, int]:
        layer = self.layer(name)
        with Image.open(io.BytesIO(self.files[layer.attrib["src"]])) as picture:
            return np.asarray(picture), int(layer.attrib["x"]), int(layer.attrib["y"])

    def saved(self) -> bytes:
        self.files["stack.xml"] = ElementTree.tostring(self.root)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in self.files.items():
                archive.writestr(name, content)
        return packed.getvalue()


Editor = Psd | Ora
WRITERS = {Psd: psd.write, Ora: openraster.write}


@pytest.fixture(params=[Psd, Ora], ids=["psd", "ora"])
def editor(request: pytest.FixtureRequest) -> Editor:
    return opened(request.param)


def opened(kind: type[Editor], of: Drawn | None = None) -> Editor:
    return kind(WRITERS[kind](of or drawn()))


def back(editor: Editor) -> Canvas:
    return read_layers_in({editor.name: editor.saved()})


def test_layers_stand_as_they_hide_one_another(editor: Editor) -> None:
    order = ["trace", "dog 3", "horse 1", "grass", "sky-other", "canvas", "picture"]
    assert [name for name in editor.names() if name != "regions"] == order


def test_the_canvas_comes_back_pixel_by_pixel(editor: Editor) -> None:
    assert back(editor).equals(canvas())


def test_a_layer_has_the_pixels_of_the_picture(editor: Editor) -> None:
    pixels, left, top = editor.pixels("dog 3")
    assert (left, top) == (DOG_BOX[1].start, DOG_BOX[0].start)
    assert np.array_equal(pixels[..., :3], image()[DOG_BOX])
    assert (pixels[..., 3] == 255).all()
    pixels, left, top = editor.pixels("horse 1")
    assert pixels.shape[:2] == image()[HORSE_BOX].shape[:2]  # also beneath the dog
    assert np.array_equal(pixels[:2, :, :3], image()[HORSE_BOX][:2])
    # Its lower right corner, (8, 9) of the picture, is hidden; seen nearest to it is (8, 5) or
    # (5, 9), of which the second is 3 pixels away and the first 4.
    assert pixels[-1, -1].tolist() == [*image()[5, 9].tolist(), 255]


def test_a_renamed_layer_is_another_label(editor: Editor) -> None:
    editor.rename("dog 3", "Cat 3")
    editor.rename("sky-other", "Sky Other")
    expected = canvas()
    expected.label_map[DOG_BOX] = CAT
    assert back(editor).equals(expected)


def test_a_moved_layer_moves_its_region(editor: Editor) -> None:
    editor.move("dog 3", 3, 1)
    found = back(editor)
    rows, columns = np.nonzero(found.label_map == DOG)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (7, 11, 9, 14)
    assert (found.instance_map[found.label_map == DOG] == 3).all()
    assert (found.label_map[6, 6:10] == HORSE).all()  # where it was before the horse
    assert (found.label_map[9:11, 6:9] == GRASS).all()


def test_a_layer_may_be_moved_half_out(editor: Editor) -> None:
    editor.move("dog 3", 8, 0)
    assert np.count_nonzero(back(editor).label_map == DOG) == 5 * 2


@pytest.mark.parametrize("act", ["hide", "delete"])
def test_beneath_what_is_gone_lies_what_lay_there(editor: Editor, act: str) -> None:
    getattr(editor, act)("dog 3")
    found = back(editor)
    expected = canvas()
    expected.label_map[DOG_BOX], expected.instance_map[DOG_BOX] = GRASS, 0
    expected.label_map[HORSE_BOX], expected.instance_map[HORSE_BOX] = HORSE, 1
    assert found.equals(expected)


def test_without_its_stuff_a_place_takes_the_nearest(editor: Editor) -> None:
    editor.delete("sky-other")
    found = back(editor)
    assert (found.label_map[:4] == GRASS).all()
    assert np.array_equal(found.instance_map, canvas().instance_map)


def test_two_layers_of_one_number_are_two_things(editor: Editor) -> None:
    editor.rename("horse 1", "dog 3 copy")
    found = back(editor)
    assert set(np.unique(found.label_map)) == {DOG, GRASS, SKY}
    assert found.instance_map[5, 3] == 4
    assert found.instance_map[8, 8] == 3


def test_unlabeled_pixels_stay_so(editor: Editor) -> None:
    holed = canvas()
    holed.label_map[:2, :2] = UNLABELED
    of = Drawn(drawn().narrative, holed, image())
    again = opened(type(editor), of)
    assert "unlabeled" in again.names()
    assert back(again).equals(holed)


def test_the_group_says_which_layers_are_regions(editor: Editor) -> None:
    editor.rename("picture", "my sketch")
    assert back(editor).equals(canvas())
    editor.rename("regions", "elsewhere")
    with pytest.raises(InputError, match="'my sketch'"):
        back(editor)
    editor.rename("my sketch", "Background")
    assert back(editor).equals(canvas())


def test_unknown_names_are_told_with_what_to_do(editor: Editor) -> None:
    editor.rename("dog 3", "doggo")
    editor.rename("grass", "")
    with pytest.raises(InputError) as told:
        back(editor)
    assert "'doggo'" in str(told.value)
    assert "''" in str(told.value)
    assert "Rename them to COCO-Stuff labels" in str(told.value)
    assert "hide them" in str(told.value)
    editor.hide("doggo")
    editor.hide("")
    assert set(np.unique(back(editor).label_map)) == {HORSE, SKY}


def test_hidden_regions_leave_nothing(editor: Editor) -> None:
    editor.hide("regions")
    with pytest.raises(InputError, match="shows no region"):
        back(editor)


@pytest.mark.parametrize("kind", [Psd, Ora])
def test_a_file_that_is_cut_off_says_so(kind: type[Editor]) -> None:
    content = WRITERS[kind](drawn())
    for share in (0.1, 0.5):  # a PSD ends with its merged picture, which nobody needs
        with pytest.raises(InputError, match="'a' is cut off or damaged"):
            read_layers_in({"a": content[: int(len(content) * share)]})


def test_a_picture_of_another_size_than_its_canvas_is_refused() -> None:
    with pytest.raises(InputError, match="8x8 but its canvas is 16x12"):
        Drawn(drawn().narrative, canvas(), np.zeros((8, 8, 3), np.uint8))


def test_who_knows_no_layers_sees_the_picture() -> None:
    """Pillow reads PSD, too, and by code of its own."""
    with Image.open(io.BytesIO(psd.write(drawn()))) as merged:
        assert merged.format == "PSD"
        assert np.array_equal(np.asarray(merged.convert("RGB")), image())
    with zipfile.ZipFile(io.BytesIO(openraster.write(drawn()))) as archive:
        merged = Image.open(io.BytesIO(archive.read("mergedimage.png")))
        assert np.array_equal(np.asarray(merged), image())


def test_the_visible_layers_are_the_picture() -> None:
    """Laid over one another by psd-tools, and by Pillow."""
    merged = Psd(psd.write(drawn())).file.composite(force=True)
    assert merged is not None
    assert np.array_equal(np.asarray(merged.convert("RGB")), image())
    ora = Ora(openraster.write(drawn()))
    sheet = Image.new("RGBA", (WIDTH, HEIGHT))
    for name in ("picture", "grass", "sky-other", "horse 1", "dog 3"):
        pixels, left, top = ora.pixels(name)
        sheet.alpha_composite(Image.fromarray(pixels), (left, top))
    assert np.array_equal(np.asarray(sheet.convert("RGB")), image())


def test_an_openraster_file_begins_as_its_specification_says() -> None:
    content = openraster.write(drawn())
    assert content[30:38] == b"mimetype"
    assert content[38:54] == b"image/openraster"  # stored, with nothing between
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].filename == "mimetype"
        assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} <= {*archive.namelist()}
    root = Ora(content).root
    assert (root.tag, root.get("w"), root.get("h")) == ("image", str(WIDTH), str(HEIGHT))
