"""The shelf of pictures, which the browser keeps."""

from typing import Any

from trecs.interface.assets import script
from trecs.interface.component import TextComponent
from trecs.interface.texts import filled

_TEMPLATE = """
<section class="shelf stage" aria-label="{shelf.section}">
  <div class="tools" role="toolbar" aria-label="{shelf.tools}">
    <button type="button" data-act="pictures"
      title="{shelf.pictures_title}">{shelf.pictures}</button>
    <button type="button" data-act="layouts"
      title="{shelf.layouts_title}">{shelf.layouts}</button>
    <button type="button" data-act="compare" disabled>{shelf.compare}</button>
    <button type="button" data-act="empty" disabled>{shelf.empty}</button>
  </div>
  <p class="nothing">{shelf.nothing}</p>
  <ol class="shelf-list"></ol>
  <p class="shelf-told" role="status"></p>
  <dialog class="shelf-pair" aria-label="{shelf.pair}">
    <div></div>
    <button type="button" class="tool" data-act="close">{shelf.close}</button>
  </dialog>
</section>
"""


class Shelf(TextComponent):
    """Its value: data URIs of pictures that come to it, as a JSON list.

    Events: `pictures`, `layouts`, for four variations of each kind.
    """

    def __init__(self, **arguments: Any) -> None:
        super().__init__(
            value="",
            html_template=filled(_TEMPLATE),
            js_on_load=script(
                "kept_items.js", "panels/pictures/shelf_store.js", "panels/pictures/shelf.js"
            ),
            apply_default_css=False,
            **arguments,
        )

    def encode(self, value: str) -> str:
        """The JSON list as it is."""
        return value
