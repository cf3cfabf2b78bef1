"""The list of the page's keyboard shortcuts, which `?` opens."""

from html import escape

from trecs.interface.texts import filled, text


def shortcuts() -> dict[str, dict[str, str]]:
    """The keys of each part of the page with what they do."""
    return {
        text("keyboard.anywhere"): {
            text("keyboard.help"): text("keyboard.help_does"),
            text("keyboard.tab"): text("keyboard.tab_does"),
        },
        text("keyboard.trace"): {
            text("keyboard.compose"): text("keyboard.compose_does"),
            text("keyboard.undo"): text("keyboard.undo_does"),
            text("keyboard.bind"): text("keyboard.bind_does"),
            text("keyboard.remove"): text("keyboard.remove_does"),
            text("keyboard.walk"): text("keyboard.walk_does"),
            text("keyboard.leave"): text("keyboard.leave_does"),
        },
        text("keyboard.canvas"): {
            text("keyboard.tools"): text("keyboard.tools_does"),
            text("keyboard.brush"): text("keyboard.brush_does"),
            text("keyboard.arrows"): text("keyboard.arrows_does"),
            text("keyboard.paint"): text("keyboard.paint_does"),
            text("keyboard.undo"): text("keyboard.undo_does"),
        },
        text("keyboard.masks"): {
            text("keyboard.next"): text("keyboard.next_does"),
            text("keyboard.nudge"): text("keyboard.nudge_does"),
            text("keyboard.scale"): text("keyboard.scale_does"),
            text("keyboard.turn"): text("keyboard.turn_does"),
            text("keyboard.mirror"): text("keyboard.mirror_does"),
            text("keyboard.order"): text("keyboard.order_does"),
            text("keyboard.duplicate"): text("keyboard.duplicate_does"),
            text("keyboard.another"): text("keyboard.another_does"),
            text("keyboard.label"): text("keyboard.label_does"),
            text("keyboard.delete"): text("keyboard.delete_does"),
            text("keyboard.unchoose"): text("keyboard.unchoose_does"),
            text("keyboard.drag"): text("keyboard.drag_does"),
            text("keyboard.stretch"): text("keyboard.stretch_does"),
            text("keyboard.in_front"): text("keyboard.in_front_does"),
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
        for part, keys_of in shortcuts().items()
    )
    return filled(
        '<div class="keys"><button type="button" class="tool" data-keys="open" '
        'aria-haspopup="dialog">{keyboard.open}</button>'
        '<dialog class="keys-list" aria-label="{keyboard.title}">{parts}'
        '<button type="button" class="tool" data-keys="close">{keyboard.close}</button></dialog>'
        "</div>"
    ).replace("{parts}", parts)
