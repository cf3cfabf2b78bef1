"""Unpacking the downloaded archives, one whole file at a time."""

import shutil
import zipfile
import zlib
from pathlib import Path

from files import disk
from files.errors import InputError
from files.progress import progress_bar


def unpack(archive: Path, folder: Path) -> None:
    """Unpacks a zip into a folder; files that are there in full already are left alone.

    Archives inside the archive (COCO packs the stuff pixel maps so) are unpacked where they lie.
    Raises InputError for a damaged archive or one with paths that lead out of the folder.
    """
    root = folder.resolve()
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
            for member in progress_bar(members, desc=f"unpacking {archive.name}", unit="file"):
                target = (root / member.filename).resolve()
                if not target.is_relative_to(root):
                    raise InputError(
                        f"'{archive}' holds the path '{member.filename}', which leads out of its "
                        "folder; it is not the official file. Delete it and download it again."
                    )
                if target.is_file() and target.stat().st_size == member.file_size:
                    continue
                _extract(opened, member, target)
                if target.suffix == ".zip":
                    unpack(target, target.parent)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise InputError(
            f"'{archive}' cannot be unpacked into '{folder}' ({error}); if the archive is "
            "damaged, delete it and download it again."
        ) from error


def _extract(opened: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.part")
    with disk.told(target, member.file_size):
        try:
            with opened.open(member) as source, temporary.open("wb") as file:
                shutil.copyfileobj(source, file)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
