"""How the page is launched so that it looks as it should and asks nobody else for anything."""

import json
from typing import Any

import gradio as gr

from trecs.interface.assets import style
from trecs.interface.texts import language

_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Liberation Sans", "sans-serif"]
_MONO = ["ui-monospace", "Consolas", "Liberation Mono", "monospace"]


def look() -> dict[str, Any]:
    """Arguments of `launch`: theme (fonts of the system only), style sheets, the language."""
    theme = gr.themes.Base(
        primary_hue="orange", neutral_hue="slate", radius_size="sm", font=_SANS, font_mono=_MONO
    ).set(
        body_background_fill="var(--film)",
        body_background_fill_dark="var(--film)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        layout_gap="14px",
    )
    spoken = f"() => {{ document.documentElement.lang = {json.dumps(language())}; }}"
    return {"theme": theme, "css": style(), "js": spoken, "footer_links": ["api"]}
