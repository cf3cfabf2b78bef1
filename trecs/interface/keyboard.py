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
        "V, B, F, I": "move, brush, fill, pick",
        "[, ]": "a smaller, a larger brush",
        "Arrow keys, with Shift in wider steps": "move the brush",
        "Space, Enter": "paint where it is",
        "Ctrl-Z, Ctrl-Shift-Z": "undo, redo",
    },
    "Masks, after V": {
        "N, Shift-N": "choose the next, the one before",
        "Arrow keys, with Shift in steps of 10 pixels": "move the chosen mask",
        "+, -": "larger, smaller",
        "R, Shift-R": "turn it right, left",
        "M": "mirror it",
        "Page up, Page down": "put it in front of, behind the next",
        "D": "duplicate it",
        "A": "another of its masks",
        "L": "another label",
        "Delete, Backspace": "delete it",
        "Escape": "choose none",
        "Drag it; its corners; its knob": "move, scale, turn it",
        "Shift at a corner, at the knob": "stretch it, turn in steps of 15\u00b0",
        "Alt-click": "choose what lies in front of the chosen one",
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
