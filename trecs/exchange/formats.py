"""All formats in one table, and the ways out and in that are the same for all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from files.errors import InputError
from files.png_text import SIGNATURE
from segmentation.canvas import Canvas
from trecs.exchange import coco, openraster, panoptic, psd, strokes
from trecs.exchange.drawn import Drawn
from trecs.exchange.layers import MOST_BYTES
from trecs.exchange.zips import member, opened_zip


@dataclass(frozen=True)
class Format:
    """A format in which drawings go out.

    `ending`: of the file that is asked for. `write`: the drawing's files, by their names; what is
    given to it is the name of the one that was asked for, without its ending.
    """

    title: str
    ending: str
    write: Callable[[Drawn, str], dict[str, bytes]]


def _panoptic(drawn: Drawn, stem: str) -> dict[str, bytes]:
    picture, record = panoptic.write(drawn, f"{stem}.png")
    return {f"{stem}.png": picture, f"{stem}.json": record}


FORMATS: dict[str, Format] = {
    "psd": Format("Photoshop (PSD)", ".psd", lambda drawn, stem: {f"{stem}.psd": psd.write(drawn)}),
    "ora": Format(
        "OpenRaster", ".ora", lambda drawn, stem: {f"{stem}.ora": openraster.write(drawn)}
    ),
    "coco": Format("COCO JSON", ".json", lambda drawn, stem: {f"{stem}.json": coco.write(drawn)}),
    "panoptic": Format("Panoptic PNG and JSON", ".png", _panoptic),
    "svg": Format("Trace as SVG", ".svg", lambda drawn, stem: {f"{stem}.svg": strokes.svg(drawn)}),
}
"""By the names that the page and scripts use."""

READ = "a PSD, an OpenRaster file (.ora), COCO's JSON, or a panoptic PNG with its JSON"


def format_of(path: Path) -> str:
    """The format that a file's ending asks for; raises InputError for another ending."""
    for name, known in FORMATS.items():
        if path.suffix.lower() == known.ending:
            return name
    endings = ", ".join(f"{known.ending} ({known.title})" for known in FORMATS.values())
    raise InputError(f"'{path}' ends in none of the formats for layers: {endings}. Rename it.")


def written(drawn: Drawn, path: Path) -> dict[Path, bytes]:
    """The files of a drawing in the format that a path's ending asks for, beside that path."""
    files = FORMATS[format_of(path)].write(drawn, path.stem)
    return {path.with_name(name): content for name, content in files.items()}


def read_layers(path: Path | str) -> Canvas:
    """The canvas in a file of one of the formats, as an editor or a tool has left it.

    A panoptic JSON's PNG is looked for beside it, and in a folder of the JSON's name. Raises
    InputError for a file that is none of them, damaged, too large, or names what is no label.
    """
    path = Path(path)
    files = {path.name: _content(path)}
    if _kind(files[path.name]) == "json":
        record = coco.parsed_json(files[path.name], f"'{path.name}'")
        name = PurePosixPath(_picture_of(record).replace("\\", "/")).name
        places = [path.with_name(name), path.with_suffix("") / name] if name else []
        found = next((place for place in places if place.is_file()), None)
        if found is not None:
            files[found.name] = _content(found)
    elif _kind(files[path.name]) == "png" and (beside := path.with_suffix(".json")).is_file():
        files[beside.name] = _content(beside)
    return read_layers_in(files)


def has_layers(path: Path) -> bool:
    """Whether a file is one of the formats by its first bytes; a PNG is if it carries segments."""
    try:
        content = _content(path)
    except InputError:
        return False
    kind = _kind(content)
    return kind in ("psd", "zip", "json") or (
        kind == "png" and panoptic.carried(content) is not None
    )


def read_layers_in(files: Mapping[str, bytes]) -> Canvas:
    """The canvas in files, by their names: one, or a panoptic PNG and its JSON.

    Raises InputError as `read_layers` does.
    """
    if sum(map(len, files.values())) > MOST_BYTES:
        raise InputError(f"This has more than {MOST_BYTES // 2**20} MB; scale it down, or crop it.")
    kinds = {_kind(content): name for name, content in files.items()}
    if len(kinds) < len(files) or (len(files) > 1 and set(kinds) != {"png", "json"}):
        raise InputError(
            f"{len(files)} files came together; expected one ({READ}), or a panoptic PNG and its "
            "JSON."
        )
    if set(kinds) == {"png", "json"}:
        return panoptic.read(files[kinds["png"]], files[kinds["json"]], f"'{kinds['json']}'")
    (kind, name), *_ = kinds.items()
    content, called = files[name], f"'{name}'"
    if kind == "psd":
        return psd.read(content, called)
    if kind == "zip":
        return _zipped(content, called)
    if kind == "json":
        record = coco.parsed_json(content, called)
        if wanted := _picture_of(record):
            raise InputError(
                f"{called} is a panoptic JSON, which needs its PNG '{wanted[:60]}'; give both "
                "together."
            )
        return coco.read(content, called)
    if kind == "png" and (record_in := panoptic.carried(content)) is not None:
        return panoptic.read(content, record_in, called)
    if kind == "png":
        raise InputError(
            f"{called} is a PNG without segments; give a panoptic PNG together with its JSON."
        )
    raise InputError(f"{called} is of no format that is read here; expected {READ}.")


def _kind(content: bytes) -> str:
    """What a file is by its first bytes."""
    if content.startswith(psd.SIGNATURE):
        return "psd"
    if content.startswith(b"PK"):
        return "zip"
    if content.startswith(SIGNATURE):
        return "png"
    bare = content[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")
    return "json" if bare.startswith(b"{") else ""


def _zipped(content: bytes, called: str) -> Canvas:
    """An OpenRaster file, or a panoptic PNG and JSON that were packed together."""
    with opened_zip(content, called) as archive:
        names = [name for name in archive.namelist() if not name.endswith("/")]
        if openraster.STACK in names:
            return openraster.read(content, called)
        pair = {
            kind: [name for name in names if name.lower().endswith(kind)]
            for kind in (".png", ".json")
        }
        if any(len(found) != 1 for found in pair.values()):
            raise InputError(
                f"{called} is an archive without {openraster.STACK} and not of one PNG and one "
                f"JSON; expected {READ}."
            )
        picture, record = (member(archive, found[0], called) for found in pair.values())
    return panoptic.read(picture, record, called)


def _picture_of(record: Mapping[str, Any]) -> str:
    """The PNG that a panoptic JSON belongs to; empty for other JSON."""
    for one in record["annotations"][:1]:
        if isinstance(one, dict) and "segments_info" in one:
            return str(one.get("file_name") or "?.png")
    return ""


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); expected {READ}.") from error
    if len(content) > MOST_BYTES:
        raise InputError(
            f"'{path}' has more than {MOST_BYTES // 2**20} MB; scale it down, or crop it."
        )
    return content
