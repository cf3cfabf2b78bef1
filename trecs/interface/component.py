"""Components of our own JavaScript whose value crosses the border as one string."""

from typing import Any

import gradio as gr
from gradio import component_meta

from files.errors import InputError
from trecs.interface.messages import refusal

# Gradio writes a type stub beside the source of every component class when it is defined. Ours
# need none, and running the studio must not write into its source.
component_meta.create_or_modify_pyi = lambda *_: None


class TextComponent(gr.HTML):
    """A component that sends and takes text alone, checked by `decode`.

    Nothing but text is looked at, so a file's path in its place ({"path": ...}) is never opened.
    """

    DESCRIPTION = ""  # of the text, for the API's documentation
    EXAMPLE = ""

    def decode(self, text: str) -> Any:
        """What the browser's text stands for; raises InputError where it stands for nothing."""
        raise NotImplementedError

    def encode(self, value: Any) -> str:
        """The text that the browser loads."""
        raise NotImplementedError

    def preprocess(self, payload: object) -> Any:
        """The decoded text, None for the empty one; shows a message for what cannot be used."""
        if payload is None or payload == "":
            return None
        try:
            if not isinstance(payload, str):
                raise InputError(f"This is no text; expected {self.DESCRIPTION}.")
            return self.decode(payload)
        except InputError as error:
            raise refusal(str(error)) from error

    def postprocess(self, value: Any) -> str:
        """The encoded value, the empty text for None."""
        return "" if value is None or value == "" else self.encode(value)

    def api_info(self) -> dict[str, Any]:
        """The JSON schema of the value."""
        return {"type": "string", "description": self.DESCRIPTION}

    def example_payload(self) -> str:
        """A value for the API's documentation."""
        return self.EXAMPLE

    example_value = example_payload


class Argument(gr.Textbox):
    """An argument of the HTTP API, given to its function as it came, which checks it itself.

    Gradio's own components make something of most values (of 1.5 and true an integer, of a number
    a text), and say nothing about the others. `schema` is what the API's documentation tells.
    """

    is_template = True  # the browser shows a text box

    def __init__(self, value: Any, *, label: str, schema: dict[str, Any]) -> None:
        self.schema = schema
        super().__init__(value, label=label)

    def preprocess(self, payload: Any) -> Any:
        """The value as it came."""
        return payload

    def postprocess(self, value: Any) -> Any:
        """The value as it is."""
        return value

    def api_info(self) -> dict[str, Any]:
        """The JSON schema of the value."""
        return self.schema

    def example_payload(self) -> Any:
        """A value for the API's documentation."""
        return self.value

    example_value = example_payload
