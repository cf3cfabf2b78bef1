"""The components that show a result, and what each shows once a further stage is there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import gradio as gr

from trecs.interface import stages
from trecs.interface.panels.canvas.label_editor import LabelEditor
from trecs.interface.panels.masks.mask_choices import mask_choices

if TYPE_CHECKING:
    from retrieval.library import SceneLibrary
    from trecs.result import Result

Updates = dict[Any, Any]
STAGE_OF = {
    "tags": "tag",
    "regions": "align",
    "retrieval": "retrieve",
    "canvas": "compose",
    "image": "synthesize",
}


@dataclass(frozen=True)
class Panels:
    """Where each part of a result is shown; `result` keeps it for the session."""

    rail: gr.HTML
    words: gr.HTML
    regions: gr.HTML
    masks: gr.HTML
    editor: LabelEditor
    picture: gr.HTML
    result: gr.State

    @property
    def all(self) -> list[Any]:
        """Every component, as the outputs of an event."""
        return [getattr(self, name) for name in self.__dataclass_fields__]

    def show(
        self,
        result: "Result",
        before: "Result | None",
        library: "SceneLibrary",
        *,
        until: str = "synthesize",
        note: str = "",
    ) -> Updates:
        """The updates that turn what is shown of `before` into what is there of `result`.

        `until` is the last stage to come, so that the rail can tell which one is under way; it
        is empty where none is.
        """

        def new(name: str) -> bool:
            value = getattr(result, name)
            return value is not None and (before is None or getattr(before, name) is not value)

        updates: Updates = {
            self.rail: rail_of(result, until=until, note=note),
            self.result: result,
        }
        if result.tags is not None and (new("tags") or new("regions")):
            updates[self.words] = stages.words(result.narrative, result.tags, result.regions or ())
        if result.regions is not None and new("regions"):
            updates[self.regions] = stages.regions(result.narrative, result.regions)
        gone = result.painted_over
        if result.retrieval is not None and (
            new("retrieval") or (before is not None and before.painted_over != gone)
        ):
            updates[self.masks] = mask_choices(result.retrieval.choices, library, gone)
        if new("canvas"):
            updates[self.editor] = result.canvas
        if result.image is not None and new("image"):
            caption = result.narrative.caption
            updates[self.picture] = stages.picture(
                result.image, caption, result.picture_seed, result.seed
            )
        return updates

    def cancelled(self, result: "Result | None") -> Updates:
        """The updates after Cancel: what was ready stays, without what is older than its words."""
        note = "Cancelled. What was ready stays."
        if result is None:
            return {self.rail: stages.rail({}, note=note)}
        updates: Updates = {self.rail: rail_of(result, until="", note=note)}
        if result.tags is not None and result.regions is None:
            updates[self.regions] = stages.empty(stages.TO_COME["regions"])
        if result.tags is not None and result.retrieval is None:
            updates[self.masks] = stages.empty(stages.TO_COME["masks"])
        return updates


def rail_of(result: "Result", *, until: str = "synthesize", note: str = "") -> str:
    """The rail for a result of which some stages are done; `until` as for `Panels.show`."""
    done = {
        stage: result.seconds.get(stage)
        for name, stage in STAGE_OF.items()
        if getattr(result, name) is not None
    }
    order = list(STAGE_OF.values())
    expected = order[: order.index(until) + 1] if until else []
    coming = [stage for stage in expected if stage not in done]
    return stages.rail(done, coming[0] if coming else "", note)
