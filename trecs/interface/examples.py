"""The narratives that come with the studio, in `examples/*.json`."""

import json
from dataclasses import dataclass

from files.errors import InputError
from trecs.interface.assets import FOLDER
from trecs.interface.texts import text
from trecs.narrative import Narrative, loads

THUMBNAIL_POINTS = 40  # of a stroke


@dataclass(frozen=True, eq=False)
class Example:
    """A narrative with the title of its card; `name` is its file's."""

    name: str
    title: str
    narrative: Narrative

    def thumbnail(self) -> list[str]:
        """Its strokes as SVG point lists in percent of the picture."""
        lines = []
        for stroke in self.narrative.strokes:
            thin = stroke[:: max(len(stroke) // THUMBNAIL_POINTS, 1), :2] * 100
            lines.append(" ".join(f"{x:.0f},{y:.0f}" for x, y in thin))
        return lines


def examples() -> list[Example]:
    """All of them, sorted by file name."""
    found = []
    for path in sorted((FOLDER / "examples").glob("*.json")):
        content = path.read_text("utf-8")
        found.append(Example(path.stem, json.loads(content)["title"], loads(content)))
    return found


def example(name: object) -> Narrative:
    """The narrative of an example; raises InputError for a name that is none."""
    for one in examples():
        if one.name == name:
            return one.narrative
    raise InputError(text("trace.no_example"))
