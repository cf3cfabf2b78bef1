"""The page's JavaScript and style sheets, read from the files beside this one and in the panels."""

from pathlib import Path

FOLDER = Path(__file__).parent


def script(*names: str) -> str:
    """Scripts joined into one `js_on_load`; each sees what the earlier ones define."""
    return "\n".join((FOLDER / name).read_text("utf-8") for name in names)


def style() -> str:
    """All style sheets as one: the page's own, then those of every panel."""
    sheets = [FOLDER / "page.css", *sorted(FOLDER.glob("panels/*/*.css"))]
    return "\n".join(sheet.read_text("utf-8") for sheet in sheets)
