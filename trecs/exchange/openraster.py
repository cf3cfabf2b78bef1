"""OpenRaster (.ora): a zip of PNGs and `stack.xml`, as Krita, GIMP and MyPaint read and write it.

After the OpenRaster specification 0.0.5: `mimetype` first and stored, `stack.xml`, the layers in
`data/`, `mergedimage.png`, and `Thumbnails/thumbnail.png` of at most 256 pixels a side.
"""

import io
import zipfile
from functools import partial
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.pictures import open_picture, picture_size
from segmentation.canvas import Canvas
from trecs.exchange.drawn import Drawn
from trecs.exchange.layers import (
    CANVAS,
    MOST_DEPTH,
    MOST_LAYERS,
    PICTURE,
    REGIONS,
    TRACE,
    Found,
    Sheet,
    canvas_of,
    check_size,
    other_sheets,
    region_sheets,
)
from trecs.exchange.zips import MOST_UNFOLDED, member, opened_zip
from trecs.picture_record import png

MIMETYPE = b"image/openraster"
STACK, MERGED, THUMBNAIL = "stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"
MOST_XML = 2**20  # bytes
MOST_LAYER = 4_096  # pixels a side of a layer, which may reach beyond the canvas
THUMBNAIL_SIDE = 256


def write(drawn: Drawn) -> bytes:
    """The drawing as an OpenRaster file."""
    height, width = drawn.size
    others = other_sheets(drawn)
    root = ElementTree.Element("image", {"version": "0.0.5", "w": str(width), "h": str(height)})
    stack = ElementTree.SubElement(root, "stack")
    files: dict[str, bytes] = {}
    if TRACE in others:
        _add(stack, others[TRACE], files)
    group = ElementTree.SubElement(stack, "stack", {"name": REGIONS, "isolation": "auto"})
    for sheet in reversed(region_sheets(drawn)):  # the topmost comes first
        _add(group, sheet, files)
    _add(stack, others[CANVAS], files)
    _add(stack, others[PICTURE], files)
    small = Image.fromarray(drawn.image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    files[MERGED] = png(drawn.image)
    files[THUMBNAIL] = png(np.asarray(small, np.uint8))
    files[STACK] = ElementTree.tostring(root, "utf-8", xml_declaration=True)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # PNGs are deflated already
        archive.writestr("mimetype", MIMETYPE)
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _add(stack: ElementTree.Element, sheet: Sheet, files: dict[str, bytes]) -> None:
    place = f"data/layer{len(files):03d}.png"
    files[place] = png(sheet.pixels)
    told = {
        "name": sheet.name,
        "src": place,
        "x": str(sheet.left),
        "y": str(sheet.top),
        "opacity": "1.0",
        "visibility": "visible" if sheet.visible else "hidden",
        "composite-op": "svg:src-over",
    }
    ElementTree.SubElement(stack, "layer", told)


def read(content: bytes, called: str) -> Canvas:
    """The canvas that an OpenRaster file's layers show; raises InputError for one that is none."""
    with opened_zip(content, called) as archive:
        root = _stack(archive, called)
        height, width = (_whole(root, side, called) for side in ("h", "w"))
        check_size(height, width, called)
        sources = [layer.get("src", "") for layer in root.iter("layer")]
        if len(sources) > MOST_LAYERS:
            raise InputError(
                f"{called} has {len(sources):,} layers; at most {MOST_LAYERS:,} are read. Merge "
                "those of one label."
            )
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        if sum(sizes.get(source, 0) for source in sources) > MOST_UNFOLDED:  # one may be of many
            raise InputError(
                f"{called} has layers of more than {MOST_UNFOLDED // 2**20} MB; merge some, or "
                "scale it down."
            )
        found = _found(root.find("stack"), archive, called, 0)
        return canvas_of(found, height, width, called)


def _stack(archive: zipfile.ZipFile, called: str) -> ElementTree.Element:
    text = member(archive, STACK, called, MOST_XML)
    letters = text.replace(b"\0", b"")  # as in UTF-8, also of UTF-16
    if b"<!DOCTYPE" in letters or b"<!ENTITY" in letters:
        raise InputError(
            f"{called} declares entities in {STACK}, which no editor does; save it anew."
        )
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise InputError(f"{called} has a damaged {STACK} ({error}); save it anew.") from error
    if root.tag != "image" or root.find("stack") is None:
        raise InputError(f"{called} has a {STACK} without <image> and <stack>; save it anew.")
    return root


def _found(
    stack: ElementTree.Element | None, archive: zipfile.ZipFile, called: str, depth: int
) -> tuple[Found, ...]:
    """What is in a stack, from bottom to top."""
    if depth > MOST_DEPTH:
        raise InputError(f"{called} has groups more than {MOST_DEPTH} levels deep; flatten some.")
    return tuple(
        _one(item, archive, called, depth)
        for item in reversed(stack if stack is not None else [])
        if item.tag in ("stack", "layer")
    )


def _one(item: ElementTree.Element, archive: zipfile.ZipFile, called: str, depth: int) -> Found:
    name = item.get("name", "")
    visible = item.get("visibility", "visible") == "visible" and _opacity(item) > 0
    if item.tag == "stack":
        return Found(name, visible, _found(item, archive, called, depth + 1))
    source = item.get("src", "")
    if not visible:  # nobody looks at it
        return Found(name, False)
    left, top = (_whole(item, side, called, 0) for side in ("x", "y"))
    width, height = picture_size(member(archive, source, called), _what(source, called))
    return Found(
        name, True, None, (left, top, width, height), partial(_alpha, archive, source, called)
    )


def _what(source: str, called: str) -> str:
    return f"layer '{source[:60]}' of {called}"


def _alpha(archive: zipfile.ZipFile, source: str, called: str) -> NDArray[np.uint8]:
    content = member(archive, source, called)
    picture = open_picture(content, _what(source, called), formats=("PNG",), most_side=MOST_LAYER)
    if not picture.has_transparency_data:
        return np.full((picture.height, picture.width), 255, np.uint8)
    return np.asarray(picture.convert("RGBA").getchannel("A"), np.uint8)


def _opacity(item: ElementTree.Element) -> float:
    try:
        return float(item.get("opacity", "1"))
    except ValueError:
        return 1.0


def _whole(item: ElementTree.Element, name: str, called: str, default: int | None = None) -> int:
    """A whole number of an element."""
    text = item.get(name)
    if text is None and default is not None:
        return default
    try:
        return round(float(text or ""))
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{called} has {name}='{(text or '')[:20]}' in {STACK}; expected a number of pixels. "
            "Save it anew."
        ) from error
