"""Writes a folder that is a Hugging Face Space: what the page needs, as it is pushed.

    python -m scripts.space [--out space]

`make space` calls it. The Hub takes files over 10 MB, and binary files of any size, through Git LFS
alone: `.gitattributes` says so for every kind that is there. What only trainings, benchmarks and
tests need stays behind. The front matter of README.md is the Space's settings.
"""

import argparse
import re
import shutil
from pathlib import Path

from files.errors import InputError
from files.paths import expanded
from files.whole import written_whole
from trecs.commands.output import check_folder

ROOT = Path(__file__).parents[1]
FOLDERS = ("files", "segmentation", "retrieval", "trecs", "checkpoints", "docs")
FILES = ("app.py", "README.md", "LICENSE")
TRAINING = ("lightning", "tensorboard")  # what a Space does not train with
SDK = "gradio"  # which the Hub installs, in the version that the front matter names
BINARY = (".safetensors", ".npy", ".npz", ".png", ".jpg", ".jpeg", ".gif", ".webp", ".bin")
LFS = "filter=lfs diff=lfs merge=lfs -text"
MOST_TEXT = 10_000_000  # bytes of a file outside of LFS


def write_space(out: Path) -> list[Path]:
    """Writes the Space's files, all or none of them; returns their paths within it.

    What else is in `out`, such as the clone's `.git`, stays.

    Raises InputError where `out` cannot be written, or a file is nothing that the Hub takes.
    """
    check_folder(out)
    with written_whole(out, [f"{name}/**/*" for name in FOLDERS]) as folder:
        for name in FOLDERS:
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        for name in FILES:
            shutil.copyfile(ROOT / name, folder / name)
        (folder / "requirements.txt").write_text(_requirements(), "utf-8")
        kinds = "".join(f"*{kind} {LFS}\n" for kind in BINARY)
        (folder / ".gitattributes").write_text(kinds, "utf-8")
        written = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in written:
            _check(path)
        return [path.relative_to(folder) for path in written]


def _requirements() -> str:
    """The packages of requirements.txt that the page uses, with `spaces` for a lent GPU."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    kept = [line for line in lines if re.split(r"[=<>; ]", line)[0] not in (*TRAINING, SDK, "#")]
    return "\n".join([*kept, "spaces", ""])


def _check(path: Path) -> None:
    if path.suffix in BINARY:
        return
    content = path.read_bytes()
    if len(content) > MOST_TEXT or b"\0" in content[:8192]:
        raise InputError(
            f"'{path.name}' is binary or over {MOST_TEXT // 10**6} MB; name its kind in BINARY of "
            "scripts/space.py, so that it goes through Git LFS."
        )


def main() -> None:
    """Runs the command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=expanded, default=ROOT / "space")
    args = parser.parse_args()
    count = len(write_space(args.out))
    print(f"{args.out}: {count} files. Make a Space on the Hub, clone it, copy them in, push.")


if __name__ == "__main__":
    main()
