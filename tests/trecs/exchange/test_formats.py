"""The table of formats, the trace as SVG, files that bear ill will, and a result's own way."""

import io
import random
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from psd_tools import PSDImage
from psd_tools.constants import Compression

import trecs
from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import UNLABELED
from segmentation.masks import Mask
from tests.trecs.exchange.drawings import (
    CAT,
    DOG,
    GRASS,
    SKY,
    canvas,
    drawn,
    image,
    narrative,
)
from trecs.exchange import FORMATS, Drawn, has_layers, openraster, psd, read_layers_in, strokes
from trecs.narrative import Narrative
from trecs.picture_record import png
from trecs.result import Result

SVG = "{http://www.w3.org/2000/svg}"


def result() -> Result:
    return Result(narrative(), canvas=canvas(), image=image(), seed=1, picture_seed=1)


@pytest.mark.parametrize("ending", [".psd", ".ora", ".json", ".png"])
def test_a_result_is_saved_and_its_canvas_read(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"drawing{ending}"
    saved = result().save_layers(path)
    assert saved == sorted([path, *([path.with_suffix(".json")] if ending == ".png" else [])])[::-1]
    assert sorted(tmp_path.iterdir()) == sorted(saved)
    assert has_layers(path)
    found = trecs.read_layers(path)
    assert found.equals(canvas())
    same = result()
    assert same.on(found) is same


@given(
    arrays(np.uint8, (7, 9), elements=st.sampled_from([DOG, CAT, GRASS, SKY, UNLABELED])),
    arrays(np.int32, (7, 9), elements=st.integers(1, 3)),
    st.randoms(use_true_random=False),
)
def test_every_canvas_comes_back_from_every_format(
    label_map: np.ndarray, numbers: np.ndarray, chance: random.Random
) -> None:
    label_map[chance.randrange(7), chance.randrange(9)] = GRASS  # or COCO would have nothing
    things = np.select([label_map == DOG, label_map == CAT], [numbers, numbers + 3], 0)
    told = Canvas(label_map, things.astype(np.int32))
    whole = {number: np.ones((7, 9), bool) for number in range(1, 7)}
    given_out = Drawn(narrative(), told, np.zeros((7, 9, 3), np.uint8), whole)
    for name in ("psd", "ora", "coco", "panoptic"):
        files = FORMATS[name].write(given_out, "a")
        assert read_layers_in(files).equals(told)


def test_every_format_has_an_ending_of_its_own(tmp_path: Path) -> None:
    assert len({known.ending for known in FORMATS.values()}) == len(FORMATS)
    with pytest.raises(InputError, match=r"none of the formats for layers: \.psd"):
        result().save_layers(tmp_path / "drawing.xcf")
    with pytest.raises(InputError, match="no picture with a canvas"):
        replace(result(), image=None).save_layers(tmp_path / "drawing.psd")
    assert not list(tmp_path.iterdir())


def test_the_trace_is_an_svg_with_times_and_words() -> None:
    root = ElementTree.fromstring(strokes.svg(drawn()))
    assert root.get("viewBox") == "-100 -100 1200 1200"
    (line,) = root.iter(f"{SVG}polyline")
    assert line.get("points") == "250.0,500.0 500.0,750.0 750.0,500.0"
    assert line.get("data-times") == "0.600 1.000 1.250"
    assert line.get("data-words") == "dog & <cat> 0.5 1.5"  # of what was said meanwhile
    assert [text.text for text in root.iter(f"{SVG}text")] == ["dog & <cat>"]
    bound = replace(narrative(), bindings={0: 0})
    assert strokes.words_of(bound, 0) == [0]
    odd = replace(narrative(), words=(replace(narrative().words[1], text="do\x08g"),))
    ElementTree.fromstring(strokes.svg(replace(drawn(), narrative=odd)))


def test_without_a_trace_there_is_none_to_save() -> None:
    quiet = replace(drawn(), narrative=Narrative(narrative().words))
    with pytest.raises(InputError, match="Nothing was traced"):
        strokes.svg(quiet)
    for content in (psd.write(quiet), openraster.write(quiet)):
        assert b"trace" not in content
        assert read_layers_in({"a": content}).equals(canvas())


def test_the_trace_lies_where_it_was_drawn() -> None:
    picture = strokes.trace_picture(narrative(), 120, 160)
    assert picture[60, 40, 3] == 255  # where it begins, at (0.25, 0.5)
    assert picture[88:92, 78:82, 3].max() > 100  # on its way through (0.5, 0.75)
    assert picture[10, 80, 3] == 0


def test_masks_that_things_hide_come_from_the_placements(tmp_path: Path) -> None:
    from segmentation.composition import Placement, compose
    from segmentation.labels import value_of

    def square(label: str, left: float, top: float, side: float) -> Placement:
        mask = Mask((left, top, left + side, top + side), np.ones((8, 8), bool))
        return Placement(value_of(label), (mask,))

    placed = (square("horse", 0.1, 0.2, 0.5), square("dog", 0.4, 0.5, 0.3))
    composed = compose(placed, 64)
    picture = np.zeros((64, 64, 3), np.uint8)
    told = Result(narrative(), canvas=composed, image=picture, placements=placed)
    assert set(told.drawn().shapes) == {1, 2}
    whole = told.drawn().shapes[1]
    seen = composed.instance_map == 1
    assert (whole & ~seen).sum() > 0
    for ending in (".psd", ".ora"):
        told.save_layers(tmp_path / f"a{ending}")
        assert trecs.read_layers(tmp_path / f"a{ending}").equals(composed)


# ---- files that bear ill will ----


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()


def stack(inside: str, width: int = 16, height: int = 12) -> bytes:
    return f'<image w="{width}" h="{height}"><stack>{inside}</stack></image>'.encode()


DOT = png(np.zeros((1, 1, 3), np.uint8))
LAYER = '<layer name="dog" src="a.png"/>'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\3\4 and no more", "cut off or damaged"),
        (zipped(other=b"x"), "an archive without stack.xml"),
        (zipped(stack__xml=b"<image"), "damaged stack.xml"),
        (zipped(stack__xml=b"<svg/>"), "without <image> and <stack>"),
        (zipped(stack__xml=b'<!DOCTYPE a [<!ENTITY b "c">]><image/>'), "declares entities"),
        (
            zipped(stack__xml='<!DOCTYPE a [<!ENTITY b "c">]><image/>'.encode("utf-16")),
            "declares entities",
        ),
        (zipped(stack__xml=stack(LAYER)), "lacks 'a.png'"),
        (zipped(stack__xml=stack(LAYER * 300), a__png=b"\0" * 2**20), "more than 256 MB"),
        (
            zipped(stack__xml=stack(LAYER.replace("dog", "#1" * 200_000 + "x")), a__png=DOT),
            "name no label",
        ),
        (zipped(stack__xml=stack(LAYER), a__png=b"GIF89a"), "cannot be read as a picture"),
        (zipped(stack__xml=stack("", 100_000, 10)), "is 100000x10 pixels"),
        (zipped(stack__xml=stack("", 0, 10)), "is 0x10 pixels"),
        (zipped(stack__xml=b'<image w="x" h="2"><stack/></image>'), "has w='x'"),
        (zipped(stack__xml=stack("<stack>" * 30 + "</stack>" * 30)), "20 levels deep"),
        (zipped(stack__xml=stack('<layer name="dog" src="a"/>' * 1001)), "1,001 layers"),
        (zipped(stack__xml=stack("")), "shows no region"),
        (zipped(stack__xml=b" " * (2**20 + 1)), "more than 1 MB"),
        (zipped(a=b"\0" * (260 * 2**20)), "would unfold to"),
        (b"8BPS", "cut off or damaged"),
        (b"8BPS\0\1" + b"\0" * 6 + b"\0\3" + b"\0\1\0\0" * 2 + b"\0\x08\0\3", "is 65536x65536"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_document_is_told_in_a_line(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as told:
        read_layers_in({"a.ora": content})
    assert len(str(told.value).splitlines()) == 1


def test_a_layer_that_unfolds_to_much_is_not_unfolded() -> None:
    large = io.BytesIO()
    Image.new("RGBA", (8_000, 8_000)).save(large, "PNG")
    content = zipped(stack__xml=stack(LAYER), a__png=large.getvalue())
    large.close()
    tracemalloc.start()
    with pytest.raises(InputError, match="8000x8000"):
        read_layers_in({"a.ora": content})
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_a_psd_whose_layer_claims_to_be_huge_is_refused() -> None:
    content = psd.write(drawn())
    name = content.index(b"\x05dog 3")
    box = content.rindex((6).to_bytes(4, "big") * 2, 0, name)  # its top and left
    huge = content[: box + 8] + (200_000).to_bytes(4, "big") * 2 + content[box + 16 :]
    with pytest.raises(InputError, match=r"million pixels|damaged"):
        read_layers_in({"a.psd": huge})


def test_a_channel_that_unfolds_to_more_than_its_layer_is_not_unfolded() -> None:
    psd_file = PSDImage.frompil(Image.new("RGBA", (64, 64)))
    group = psd_file.create_group(name="regions")
    layer = group.create_pixel_layer(Image.new("RGBA", (64, 64)), name="dog 1")
    bomb = zlib.compress(bytes(200 * 2**20))
    layer._channels[0].data, layer._channels[0].compression = bomb, Compression.ZIP
    layer._record.channel_info[0].length = len(bomb) + 2
    buffer = io.BytesIO()
    psd_file._record.write(buffer)
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged"):
        read_layers_in({"a.psd": buffer.getvalue()})
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_many_large_layers_are_refused_before_they_are_unfolded() -> None:
    psd_file = PSDImage.frompil(Image.new("RGBA", (64, 64)))
    group = psd_file.create_group(name="regions")
    for number in range(1, 35):
        sheet = Image.new("RGBA", (2048, 2048))
        group.create_pixel_layer(sheet, name=f"dog {number}", compression=Compression.ZIP)
    buffer = io.BytesIO()
    psd_file._record.write(buffer)
    with pytest.raises(InputError, match="134 million pixels"):
        read_layers_in({"a.psd": buffer.getvalue()})


def test_a_damaged_layer_is_no_empty_one() -> None:
    content = bytearray(psd.write(drawn()))
    start = content.index(b"\x05dog 3")
    spoilt = 0
    for at in range(start + 200, len(content) - 1000, 7):
        changed = content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]
        try:
            read_layers_in({"a.psd": bytes(changed)})
        except InputError:
            spoilt += 1
    assert spoilt  # and nothing else than InputError came
