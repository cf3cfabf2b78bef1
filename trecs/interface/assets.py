"""The page's JavaScript and style sheets, read from the files beside this one."""

from pathlib import Path

FOLDER = Path(__file__).parent
STYLE_SHEETS = (
    "page.css",
    "panels/trace/trace_canvas.css",
    "panels/canvas/label_editor.css",
    "stages.css",
    "comparison.css",
)


def script(*names: str) -> str:
    """Scripts joined into one `js_on_load`; each sees what the earlier ones define."""
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


def style() -> str:
    """All style sheets as one."""
    return "\n".join((FOLDER / name).read_text("utf-8") for name in STYLE_SHEETS)
