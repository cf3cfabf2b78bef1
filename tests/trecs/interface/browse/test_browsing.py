import json
from pathlib import Path

import pytest

from segmentation.labels import value_of
from trecs import TReCS
from trecs.interface.browse.browsing import ROWS, Browsing, View
from trecs.interface.browse.page import build, detail_html
from trecs.interface.browse.rows import status_html, table_html
from trecs.interface.models import Models
from trecs.narrative.collection import FileCollection

DOGS = tuple(range(0, 60, 4))  # every fourth tells of a dog


@pytest.fixture(scope="module")
def models(checkpoints: Path) -> Models:
    return Models(lambda: TReCS.from_pretrained(checkpoints), checkpoints)


@pytest.fixture
def browsing(models: Models, tmp_path: Path) -> Browsing:
    words = [f"a {'dog' if i in DOGS else 'boat'} near the Sea, number {i}" for i in range(60)]
    path = tmp_path / "some.jsonl"
    lines = [json.dumps({"caption": text}) for text in words]
    path.write_text("\n".join([*lines, "<script>"]), "utf-8")
    return Browsing(FileCollection(path), models)


def test_words_are_whole_and_all_must_be_there(browsing: Browsing):
    assert browsing.matches(View("DOG sea")).numbers == DOGS
    assert browsing.matches(View("do")).numbers == ()
    assert browsing.matches(View("number, 7")).numbers == (7,)
    assert len(browsing.matches(View()).numbers) == 60


def test_the_tagger_reads_only_what_is_shown(browsing: Browsing):
    view = View(page=1, chosen=ROWS)
    assert browsing.lacking(view) == list(range(ROWS, 2 * ROWS))
    browsing.tag(view, seconds=60)
    assert browsing.lacking(view) == []
    assert browsing.labels(ROWS) is not None
    assert browsing.labels(0) is None


def test_a_label_is_looked_for_from_the_first_on_until_there_are_enough(browsing: Browsing):
    view = View(label="dog")
    before = browsing.matches(view)
    assert (before.numbers, before.looked, before.whole) == ((), 0, False)
    browsing.tag(view, seconds=60)
    after = browsing.matches(view)
    assert (after.numbers, after.whole) == (DOGS, True)
    boats = browsing.matches(View(label="boat"))
    assert set(boats.numbers).isdisjoint(DOGS)
    assert len(boats.numbers) == 45
    labels = browsing.labels(4)
    assert labels is not None
    assert value_of("dog") in labels


def test_what_was_drawn_is_kept(browsing: Browsing):
    assert browsing.drawing(3) is None
    browsing.draw(3)
    drawn = browsing.drawing(3)
    assert drawn is not None
    assert drawn.count("data:image/png") == 2
    browsing.draw(3)
    assert browsing.drawing(3) is drawn
    assert drawn in detail_html(browsing, View(chosen=3))


def test_what_comes_from_a_file_is_shown_and_not_interpreted(models: Models, tmp_path: Path):
    path = tmp_path / "some.jsonl"
    path.write_text('{"caption": "a <b>dog</b>"}\n{"caption": "<script>"\n', "utf-8")
    browsing = Browsing(FileCollection(path), models)
    for part in (table_html, status_html, detail_html):
        assert "<b>dog" not in part(browsing, View())
        assert "<script>" not in part(browsing, View())
    assert "1 of 1 narratives" in status_html(browsing, View())
    assert "line 2" in status_html(browsing, View())


def test_the_page_offers_no_api(browsing: Browsing):
    assert not build(browsing).get_api_info()["named_endpoints"]
