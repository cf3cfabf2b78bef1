"""An attempt at preparing data: what an earlier one did of the same files is kept."""

import shutil
from collections.abc import Set
from pathlib import Path

from files.resumable import LOCK
from files.whole import write_atomically

MADE_FROM = "made_from.json"


def begin_attempt(work: Path, key: str) -> None:
    """Makes the folders to work in; what is there of another `key` than this is removed."""
    made_from = work / MADE_FROM
    if not (made_from.is_file() and made_from.read_text("utf-8") == key):
        for path in work.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != LOCK:
                path.unlink()
    for folder in ("coco/images", "coco/labels", "coco/instances", "narratives"):
        (work / folder).mkdir(parents=True, exist_ok=True)
    write_atomically(made_from, key.encode())


def end_attempt(work: Path, names: Set[str]) -> None:
    """Removes what belongs to no finished folder: photos but those of these `names`, the key."""
    for folder in ("images", "labels", "instances"):
        for path in (work / "coco" / folder).iterdir():
            if path.stem not in names:
                path.unlink()
    (work / MADE_FROM).unlink()
