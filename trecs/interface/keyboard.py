"""The list of the page's keyboard shortcuts, which `?` opens."""

from html import escape

SHORTCUTS = {
    "Anywhere": {
        "?": "this list",
        "Tab": "to the next button, stroke or word",
    },
    "Trace and words": {
        "Ctrl-Enter": "compose",
        "Ctrl-Z, Ctrl-Shift-Z": "undo, redo",
        "Enter on a stroke, then on a word": "bind them",
        "Delete, Backspace on a stroke": "remove it",
        "Left, Right, Home, End among the words": "to another word",
        "Escape": "choose nothing",
    },
    "Canvas": {
        "B, F, I": "brush, fill, pick",
        "[, ]": "a smaller, a larger brush",
        "Arrow keys, with Shift in wider steps": "move the brush",
        "Space, Enter": "paint where it is",
        "Ctrl-Z, Ctrl-Shift-Z": "undo, redo",
    },
}


def keyboard_help() -> str:
    """A button, and a dialog with the list."""
    parts = "".join(
        f"<section><h3>{escape(part)}</h3><dl>"
        + "".join(
            f"<dt>{escape(keys)}</dt><dd>{escape(what)}</dd>" for keys, what in keys_of.items()
        )
        + "</dl></section>"
        for part, keys_of in SHORTCUTS.items()
    )
    return (
        '<div class="keys"><button type="button" class="tool" data-keys="open" '
        'aria-haspopup="dialog">Keyboard (?)</button>'
        f'<dialog class="keys-list" aria-label="Keyboard shortcuts">{parts}'
        '<button type="button" class="tool" data-keys="close">Close</button></dialog></div>'
    )
