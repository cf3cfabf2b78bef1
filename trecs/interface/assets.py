"""The page's JavaScript and style sheets, read from the files beside this one and in the panels."""

from pathlib import Path

from trecs.interface.texts import for_scripts

FOLDER = Path(__file__).parent
DRAWN_ON = ("storage.js", "draft.js", "shortcut.js", "hand.js", "redraw.js", "history.js")
"""What every script of a canvas begins with: drafts, shortcuts, pointers, redrawing, undo."""


def script(*names: str) -> str:
    """Scripts joined into one `js_on_load`; each sees what the earlier ones define.

    Before them come the texts that they show, and `texts.js`, which they ask for these.
    """
    source = "\n".join((FOLDER / name).read_text("utf-8") for name in ("texts.js", *names))
    return f"{for_scripts(source)}\n{source}"


def style() -> str:
    """All style sheets as one: the page's own, what panels share, then those of every panel."""
    shared = sorted(set(FOLDER.glob("*.css")) - {FOLDER / "page.css"})
    sheets = [FOLDER / "page.css", *shared, *sorted(FOLDER.glob("panels/*/*.css"))]
    return "\n".join(sheet.read_text("utf-8") for sheet in sheets)
