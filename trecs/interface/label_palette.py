"""What `label_palette.js`, the palette that finds a label by its name, needs on the page."""

from typing import Any

from segmentation.labels import COUNT, NAMES, NEVER_IN_COCO, palette


def label_palette() -> dict[str, Any]:
    """Properties of a component: `names` by value, `colours` for CSS, and the values `offered`."""
    return {
        "names": list(NAMES),
        "colours": [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in palette().tolist()],
        "offered": [value for value in range(COUNT) if value not in NEVER_IN_COCO],
    }


def palette_template(prefix: str, title: str, *, hidden: bool = False) -> str:
    """The template of a palette; `prefix` makes its identifiers the page's only ones, `title` may
    be a {table.key}.

    `hidden`: until a script shows it.
    """
    return f"""<div class="lp {prefix}-palette"{" hidden" * hidden}>
      <label for="{prefix}-search">{title}</label>
      <i class="lp-swatch"></i>
      <input id="{prefix}-search" class="lp-search" type="text" role="combobox"
        autocomplete="off" spellcheck="false" aria-autocomplete="list" aria-expanded="false"
        aria-controls="{prefix}-list">
      <ul id="{prefix}-list" class="lp-list" role="listbox" aria-label="{{labels.list}}"
        hidden></ul>
    </div>"""
