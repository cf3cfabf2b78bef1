"""What a PyTorch file would unfold to, looked up before anything of it is read."""

import mmap
import zipfile
from pathlib import Path

from files.errors import InputError

SLACK = 16 * 2**20  # bytes that any file may unfold to
MOST_TIMES = 4  # its size: numbers of a network hardly shrink when they are compressed
MOST_NAMES = 64 * 2**20  # bytes of the pickle that names a file's tensors; real ones have few MB
FILLERS = (b"bytearray",)  # what torch's unpickler makes at any length that it is told
GIVE = "Give the released .pth file of the weights."
OTHERS = (
    (b"version https://git-lfs", "the pointer that Git LFS leaves in place of a file"),
    (b"<", "a web page or other text"),
    (b"\x89HDF", "an HDF5 file, as Keras saves"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x1f\x8b", "a gzip archive, which has to be unpacked"),
    (b"BZh", "a bzip2 archive, which has to be unpacked"),
    (b"7z\xbc\xaf", "a 7z archive, which has to be unpacked"),
    (b"Rar!", "a RAR archive, which has to be unpacked"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)


def check_unpacking(path: Path) -> bool:
    """Whether a file can be mapped into memory: a zip archive, as torch saves since 2020.

    Raises InputError where the file is known to be another format's, or would unfold to far more
    than its size.
    """
    with path.open("rb") as file:
        beginning = file.read(64)
    for signature, what in OTHERS:
        if beginning.lstrip().startswith(signature):
            raise InputError(f"'{path}' is not a plain state dict: it is {what}. {GIVE}")
    if not beginning.startswith(b"PK"):
        _check_fillers(path)
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            _check_archive(archive, path)
            return all(entry.compress_type == zipfile.ZIP_STORED for entry in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise unreadable(path, str(error)) from error


def unreadable(path: Path, why: str) -> InputError:
    """What is told of a file that is none of PyTorch's, or not whole."""
    size = path.stat().st_size
    return InputError(
        f"'{path}' ({size:,} bytes) cannot be read as a PyTorch file ({why}); it is cut off, or of "
        f"another kind. {GIVE}"
    )


def _check_archive(archive: zipfile.ZipFile, path: Path) -> None:
    entries = archive.infolist()
    names = [entry for entry in entries if Path(entry.filename).name == "data.pkl"]
    if not names:
        inside = ", ".join(entry.filename for entry in entries[:3]) or "nothing"
        raise InputError(
            f"'{path}' is not a plain state dict: it is an archive of {inside}"
            f"{', ...' if len(entries) > 3 else ''}. {GIVE} Unpack it if that is inside."
        )
    if any("/code/" in entry.filename for entry in entries):
        raise InputError(
            f"'{path}' is not a plain state dict: it is a TorchScript program, which is not run. "
            + GIVE
        )
    size, unfolded = path.stat().st_size, sum(entry.file_size for entry in entries)
    if unfolded > SLACK + MOST_TIMES * size or sum(e.file_size for e in names) > MOST_NAMES:
        raise InputError(
            f"'{path}' has {size / 2**20:.1f} MB but would unfold to {unfolded / 2**20:,.0f} MB, "
            f"which weights do not; it is damaged, or made to fill the memory. {GIVE}"
        )
    for entry in names:
        with archive.open(entry) as file:
            _check_filler(file.read(MOST_NAMES), path)


def _check_fillers(path: Path) -> None:
    """Likewise for files of before 2020, which are pickles with the numbers behind them."""
    if path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as all_:
            for filler in FILLERS:
                if all_.find(filler) >= 0:
                    _check_filler(filler, path)


def _check_filler(content: bytes, path: Path) -> None:
    if any(filler in content for filler in FILLERS):
        raise InputError(
            f"'{path}' is not a plain state dict: it holds objects other than tensors, which could "
            f"fill the memory. {GIVE}"
        )
