"""The report of an evaluation: protocol, table, footnotes, JSON and a contact sheet."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from files.whole import written_whole
from trecs.evaluation.estimates import Estimate, splits
from trecs.evaluation.instruments import lpips
from trecs.evaluation.instruments.instruments import Instruments
from trecs.evaluation.measurement import Measured, Measurement, Row
from trecs.evaluation.measures.bootstrap import SET_DRAWS
from trecs.evaluation.sheet import contact_sheet
from trecs.picture_record import versions
from trecs.systems import registry

SHOWN = 12
COSTS = "pictures", "ms ↓", "parameters", "published"


@dataclass(frozen=True)
class Column:
    """A measure: its title, which way is better, its decimals, and which instrument it needs."""

    title: str
    better: str
    decimals: int
    needs: str = ""


def columns(prefix: str) -> tuple[Column, ...]:
    """All measures; `prefix`: of those that look through other eyes than Inception's."""
    return (
        Column(f"{prefix}IS", "↑", 2, "eyes"),
        Column(f"{prefix}FID", "↓", 1, "eyes"),
        Column("R-precision (DAMSM)", "↑", 3, "damsm"),
        Column("R-precision (independent)", "↑", 3, "encoder"),
        Column("VS similarity", "↑", 3, "encoder"),
        Column("SSIM", "↑", 3),
        Column("PSNR", "↑", 2),
        Column("ST-LPIPS", "↓", 3, "likeness"),
        Column("SOA-C", "↑", 3, "detector"),
        Column("SOA-I", "↑", 3, "detector"),
        Column("re-segmented mIoU", "↑", 3, "segmenter"),
        Column("re-segmented accuracy", "↑", 3, "segmenter"),
        Column("canvas mIoU", "↑", 3),
        Column("tag accuracy", "↑", 3),
    )


class Report:
    """What is told of a measurement; `note` and `source` say what the narratives are.

    `parameters`: how many each system has.
    """

    def __init__(
        self,
        measured: Measured,
        instruments: Instruments,
        size: int,
        source: str,
        note: str = "",
        parameters: Mapping[str, int] | None = None,
    ) -> None:
        self.measured, self.instruments, self.size = measured, instruments, size
        self.source, self.note, self.parameters = source, note, parameters or {}
        self.columns = columns(instruments.eyes.prefix if instruments.eyes else "")

    def protocol(self) -> list[str]:
        """How it was measured, a line a matter."""
        measured, names = self.measured, self.instruments.names
        lines = [self.note] if self.note else []
        lines += [
            f"Narratives: {self.source}; {measured.narratives:,}, and {measured.photos:,} of their "
            "photos.",
            f"Pictures: {self.size}x{self.size}, 8-bit RGB, PNG. Photos: whole, squeezed to that "
            "size by PIL's antialiased bicubic filter.",
            "Seeds: a checksum of the narrative's name and the picture's number, the same for all "
            "systems.",
            "Intervals: 95 %, bootstrap over photos with all their pictures; of IS, FID, SOA and "
            f"re-segmentation 1.96 standard deviations of {SET_DRAWS} resampled sets either way.",
        ]
        if self.instruments.eyes:
            parts = sorted({splits(row.pictures) for row in measured.rows if row.pictures})
            prefix = self.instruments.eyes.prefix
            warning = " They are not FID and IS and compare with none." if prefix else ""
            lines.append(
                f"{prefix}FID, {prefix}IS: {self.instruments.eyes.protocol}; "
                f"splits of the IS: {' or '.join(map(str, parts))}.{warning}"
            )
            lines.append(
                f"{prefix}FID falls and {prefix}IS rises as sets grow: compare only rows of as "
                "many pictures against as many photos. The control has half the photos on each "
                "side."
            )
        if self.instruments.likeness:
            lines.append(f"ST-LPIPS: {lpips.PROTOCOL}. It is not LPIPS.")
        if names.keys() & {"damsm", "encoder"}:
            lines.append(
                f"R-precision: one true text of {measured.candidates}, the others of other photos, "
                f"drawn with seed 0. DAMSM used in training: {names.get('damsm', '-')}; "
                "independent encoder, also of the VS similarity (HDGAN): "
                f"{names.get('encoder', '-')}."
            )
        if "detector" in names:
            lines.append(
                f"SOA: detector {names['detector']}; an object counts as named where a word has "
                "its reference label."
            )
        if "segmenter" in names:
            lines.append(
                f"Re-segmentation: {names['segmenter']}, against the label map that the picture "
                "was drawn from; of the control's photos, against their own."
            )
        lines.append(
            "Canvas mIoU: against the photo's label map, the mean over its labels, then over "
            "pictures. Tag accuracy: the share of words with the reference label."
        )
        lines.append(
            "ms: the median of what a picture took, on the machine that drew it, whatever else ran "
            "there. Parameters: the numbers in the weights of what it draws with. Published: what "
            "the paper, or a later one, gives, of other photos, looked at by other eyes; compare "
            "it with none here."
        )
        lines.append("Versions: " + ", ".join(f"{k} {v}" for k, v in versions().items()) + ".")
        return lines

    def footnotes(self) -> list[str]:
        """What to give for the columns that have no number, and what else is not whole."""
        notes = []
        for column in self.columns:
            if any(column.title in row.estimates for row in self.measured.rows):
                continue
            notes.append(f"{column.title}: {self._why(column)}")
        control, *systems = self.measured.rows
        if not control.pictures:
            notes.append(
                f"{control.title}: there are fewer than two real photos; give a data folder with "
                "the narratives' photos to --data."
            )
        for row in systems:
            if row.missing:
                notes.append(
                    f"{row.title}: {row.missing:,} pictures are missing; `trecs evaluate` with the "
                    "same --out goes on."
                )
            if row.failed:
                notes.append(
                    f"{row.title}: {row.failed:,} pictures could not be drawn; failed-*.jsonl says "
                    "why."
                )
        return notes

    def table(self) -> str:
        """The rows as a Markdown table; "-" where a measure does not apply or is not to be had."""
        heads = ["pictures of", *(f"{c.title} {c.better}" for c in self.columns), *COSTS]
        lines = [f"| {' | '.join(heads)} |", "| --- " * len(heads) + "|"]
        for row in self.measured.rows:
            cells = [_cell(row.estimates.get(c.title), c.decimals) for c in self.columns]
            lines.append(f"| {' | '.join([row.title, *cells, *self._costs(row)])} |")
        return "\n".join(lines)

    def markdown(self) -> str:
        """Table, footnotes and protocol."""
        parts = [self.table()]
        if notes := self.footnotes():
            parts.append("\n".join(f"- {note}" for note in notes))
        parts.append("\n".join(f"- {line}" for line in self.protocol()))
        return "\n\n".join(parts) + "\n"

    def json(self) -> str:
        """The same as JSON; numbers that are none are null."""
        record = {
            "protocol": self.protocol(),
            "footnotes": self.footnotes(),
            "rows": [
                {
                    "system": row.system,
                    "title": row.title,
                    "pictures": row.pictures,
                    "photos": row.against,
                    "missing": row.missing,
                    "failed": row.failed,
                    "seconds": row.seconds,
                    "parameters": self.parameters.get(row.system),
                    "measures": {
                        title: {
                            "value": e.value,
                            "low": _finite(e.low),
                            "high": _finite(e.high),
                            "count": e.count,
                        }
                        for title, e in row.estimates.items()
                    },
                }
                for row in self.measured.rows
            ],
        }
        return json.dumps(record, indent=2, ensure_ascii=False) + "\n"

    def write(self, out: Path, picture: Image.Image) -> None:
        """Writes results.json, table.md and sheet.jpg, all or none."""
        with written_whole(out) as folder:
            (folder / "results.json").write_text(self.json(), "utf-8")
            (folder / "table.md").write_text(self.markdown(), "utf-8")
            picture.save(folder / "sheet.jpg", "JPEG", quality=90)

    def _costs(self, row: Row) -> tuple[str, ...]:
        card, parameters = registry.cards().get(row.system), self.parameters.get(row.system)
        return (
            f"{row.pictures:,} / {row.against:,} photos",
            "-" if row.seconds is None else f"{row.seconds * 1000:.0f}",
            "-" if parameters is None else f"{parameters / 1e6:.1f} M",
            (card and card.published) or "-",
        )

    def _why(self, column: Column) -> str:
        if column.needs in self.instruments.missing:
            return self.instruments.missing[column.needs]
        if not any(row.pictures for row in self.measured.rows):
            return "nothing is drawn yet"
        if column.title.startswith("R-precision"):
            return "all narratives are of one photo, so that no text is another photo's"
        if column.title == "tag accuracy":
            return "the narratives have no reference tags, or no system tags"
        if column.title.startswith("SOA"):
            return "no narrative has a reference tag that is a thing"
        return "the narratives' photos or label maps are not in the data folder"


def sheet(measurement: Measurement, systems: Sequence[str]) -> Image.Image:
    """Some narratives' photos beside every system's picture; grey where there is none."""
    blank = np.full((8, 8, 3), 200, np.uint8)
    rows = [
        [blank if picture is None else picture for picture in pictures]
        for _, pictures in measurement.examples(SHOWN)
    ]
    cards = registry.cards()
    return contact_sheet(["photo", *(cards[name].short for name in systems)], rows)


def _cell(estimate: Estimate | None, decimals: int) -> str:
    if estimate is None:
        return "-"
    told = f"{estimate.value:.{decimals}f}"
    if math.isfinite(estimate.low):
        told += f" ({estimate.low:.{decimals}f} to {estimate.high:.{decimals}f})"
    return told


def _finite(value: float) -> Any:
    return value if math.isfinite(value) else None
