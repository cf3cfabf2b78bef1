"""Learns the statistics of label refinement from traced narratives, and refines their labels."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from files.errors import InputError
from files.whole import write_atomically
from retrieval.identity import image_number
from segmentation.canvas import read_label_map
from trecs.data.refinement import LabelRefiner, RefinerConfig
from trecs.data.tagged import Noisy, lines, noisy, usable


@dataclass
class Refined:
    """How many narratives were refined, and why others were left out."""

    narratives: int = 0
    unusable: int = 0  # lines that are no Localized Narratives
    without_map: int = 0  # of photos without a label map
    without_label: int = 0  # nothing labelled lies under their trace


def train(config: RefinerConfig, files: Sequence[Path], labels: Path, out: Path) -> Refined:
    """Refines the words' labels of Localized Narratives (JSONL), one statistic for all files.

    `labels`: the photos' label maps, PNG (uint8, 255 = unlabeled), named by the image's id with or
    without leading zeros. Written to `out`: `model/`, the statistics (`LabelRefiner.load`), and
    `tags/NAME.jsonl` for each file, in the format of the released data. Raises InputError where
    a file cannot be read, two have one name, or none has a narrative that can be labelled.
    """
    names = [path.stem for path in files]
    if len(set(names)) < len(names):
        raise InputError(
            f"Two of the narratives' files have one name ({', '.join(sorted(names))}); their tags "
            "would overwrite each other. Rename one, or refine them one after the other."
        )
    maps = {int(path.stem): path for path in labels.glob("*.png") if path.stem.isdecimal()}
    if not maps:
        raise InputError(
            f"No label maps in '{labels}'; expected PNG files named by the image's id, such as "
            "000000000139.png. `trecs data prepare` writes them."
        )
    counts = Refined()
    told = [_labelled(path, maps, counts) for path in files]
    corpus = [one.told for some in told for one in some]
    if not corpus:
        raise InputError(
            f"No narrative can be labelled: {counts.unusable:,} lines are no Localized Narratives, "
            f"{counts.without_map:,} narratives have no label map in '{labels}', and under "
            f"{counts.without_label:,} traces nothing is labelled."
        )
    refiner = LabelRefiner.fit(corpus, config)
    refiner.save(out / "model")
    for name, some in zip(names, told, strict=True):
        write_atomically(out / "tags" / f"{name}.jsonl", "".join(lines(some, refiner)).encode())
    counts.narratives = len(corpus)
    return counts


def _labelled(path: Path, maps: dict[int, Path], counts: Refined) -> list[Noisy]:
    """The narratives of a file, labelled by the hulls of their traces."""
    found: list[Noisy] = []
    for told in usable(path):
        if isinstance(told, InputError):
            counts.unusable += 1
            continue
        image_id = image_number(told.image_id)
        if image_id not in maps:
            counts.without_map += 1
        elif labelled := noisy(told, image_id, read_label_map(maps[image_id])):
            found.append(labelled)
        else:
            counts.without_label += 1
    return found
