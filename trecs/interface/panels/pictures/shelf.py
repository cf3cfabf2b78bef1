"""The shelf of pictures, which the browser keeps."""

from typing import Any

from trecs.interface.assets import script
from trecs.interface.component import TextComponent

_TEMPLATE = """
<section class="shelf stage" aria-label="Pictures">
  <div class="tools" role="toolbar" aria-label="Variations">
    <button type="button" data-act="pictures"
      title="The same canvas, painted by the next four seeds">Four more pictures</button>
    <button type="button" data-act="layouts"
      title="The same words and trace, composed by the next four seeds">Four more layouts</button>
    <button type="button" data-act="compare" disabled>Compare</button>
    <button type="button" data-act="empty" disabled>Delete all but starred</button>
  </div>
  <p class="nothing">Every picture of the studio comes to stand here, also after a reload.</p>
  <ol class="shelf-list"></ol>
  <p class="shelf-told" role="status"></p>
  <dialog class="shelf-pair" aria-label="Two pictures">
    <div></div>
    <button type="button" class="tool" data-act="close">Close</button>
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
            html_template=_TEMPLATE,
            js_on_load=script(
                "kept_items.js", "panels/pictures/shelf_store.js", "panels/pictures/shelf.js"
            ),
            apply_default_css=False,
            **arguments,
        )

    def encode(self, value: str) -> str:
        """The JSON list as it is."""
        return value
