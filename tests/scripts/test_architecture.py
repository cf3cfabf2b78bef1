"""The picture of the architecture is the one that its script draws today."""

from scripts.architecture import BANDS, ROOT, drawing
from tests.test_layers import ROOMS


def test_the_picture_is_up_to_date() -> None:
    drawn = (ROOT / "docs" / "architecture.svg").read_text("utf-8")
    assert drawn == drawing(), "draw it again: python -m scripts.architecture"


def test_every_room_is_on_it() -> None:
    shown = {
        place.removeprefix("trecs/").removesuffix(".py") for *_, places in BANDS for place in places
    }
    assert set(ROOMS) - shown <= {"__main__", "device"}
