import pytest

from segmentation.labels import NAMES
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read
from trecs.text.said import UNNAMED, Said


def said(text: str) -> Said:
    return read(text.split(), all_nouns())


def mentions(text: str) -> list[tuple[str, int]]:
    return [(mention.noun, mention.count) for mention in said(text).mentions]


def relations(text: str) -> list[tuple[str, ...]]:
    read_text = said(text)
    nouns = [mention.noun for mention in read_text.mentions]
    return [
        (nouns[r.first], r.name, nouns[r.second], *([nouns[r.third]] if r.third >= 0 else []))
        for r in read_text.relations
    ]


def placed(text: str) -> list[tuple[str, set[str]]]:
    return [(mention.noun, set(mention.places)) for mention in said(text).mentions]


def denied(text: str) -> set[str]:
    return {NAMES[label] for label in said(text).denied}


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("two dogs and a cat", [("dog", 2), ("cat", 1)]),
        ("A man, a woman and 3 Children.", [("man", 1), ("woman", 1), ("child", 3)]),
        ("a couple", [("couple", 2)]),
        ("a couple of horses", [("horse", 2)]),
        ("a group of five people", [("person", 5)]),
        ("half a dozen boats", [("boat", 6)]),
        ("an elephant and another elephant", [("elephant", 1), ("elephant", 1)]),
        ("one cat chases another", [("cat", 1), ("cat", 1)]),
        ("two dogs, one big and one small", [("dog", 1), ("dog", 1)]),
        ("a slice of pizza", [("slice of pizza", 1)]),
        ("a dog sits. The dog is brown", [("dog", 1)]),
        (
            "a man and his dog, a woman and her dog",
            [("man", 1), ("dog", 1), ("woman", 1), ("dog", 1)],
        ),
        ("a red fire truck", [("fire truck", 1)]),
        ("a soldier waves a flag", [("soldier", 1), ("flag", 1)]),
        ("an orange cat", [("cat", 1)]),
        ("two persons", [("person", 2)]),
        ("a boy does a trick", [("boy", 1)]),
        ("a man skateboards on a ramp", [("man", 1), ("skateboard", 1), ("ramp", 1)]),
        ("a cat sits while a dog watches", [("cat", 1), ("dog", 1)]),
        ("man horse beach", [("man", 1), ("horse", 1), ("beach", 1)]),
        ("a boy skater in a spider-man shirt", [("skater", 1)]),
        ("a hundred sheep", [("sheep", 12)]),
        ("PEOPLE: 2. DOGS: 1.", [("person", 2), ("dog", 1)]),
        ("cats, three of them, on a rug", [("cat", 3), ("rug", 1)]),
        ("four people: two men and two women", [("man", 2), ("woman", 2)]),
        ("two people, a man and a dog", [("person", 2), ("man", 1), ("dog", 1)]),
        ("both a horse and a cow", [("horse", 1), ("cow", 1)]),
        ("two couples", [("couple", 4)]),
        ("a bed with a lamp on each side", [("bed", 1), ("lamp", 2)]),
    ],
)
def test_things_and_how_many(text: str, counted: list[tuple[str, int]]) -> None:
    assert mentions(text) == counted


def test_a_plural_without_a_number_is_a_guess() -> None:
    (birds,) = said("birds").mentions
    assert birds.count > 1
    assert birds.guessed
    (dogs,) = said("two dogs").mentions
    assert not dogs.guessed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a cat to the left of a dog", [("cat", "left", "dog")]),
        ("under the table there is a cat", [("cat", "below", "table")]),
        ("a car between a bus and a truck", [("car", "between", "bus", "truck")]),
        (
            "a giraffe, with a zebra to its right",
            [("giraffe", "with", "zebra"), ("zebra", "right", "giraffe")],
        ),
        ("a cup and a plant on a desk", [("plant", "on", "desk"), ("cup", "on", "desk")]),
        ("the dog is bigger than the cat", [("dog", "larger", "cat")]),
        ("a boy flies a kite on the beach", [("boy", "with", "kite"), ("boy", "on", "beach")]),
        (
            "a couch, a lamp on its left and a vase on its right",
            [("lamp", "left", "couch"), ("vase", "right", "couch")],
        ),
        (
            "a vase with roses stands left of a laptop",
            [("vase", "with", "rose"), ("vase", "left", "laptop")],
        ),
        ("a dog on the left", []),
        ("chairs on either side of a table", [("table", "between", "chair")]),
        ("a bench flanked by a tree and a lamp", [("bench", "between", "tree", "lamp")]),
        ("between the couch and the tv there is a dog", [("dog", "between", "couch", "tv")]),
        ("a fence around a house", [("fence", "near", "house")]),
        ("a couch behind which stands a lamp", [("lamp", "behind", "couch")]),
        (
            "under the tree there is a dog and a cat",
            [("dog", "below", "tree"), ("cat", "below", "tree")],
        ),
        (
            "next to the house stand two cows and a horse",
            [("cow", "near", "house"), ("horse", "near", "house")],
        ),
        ("people sit at a table with gizmos on it", [("person", "with", "table")]),
    ],
)
def test_relations(text: str, found: list[tuple[str, ...]]) -> None:
    assert relations(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a horse on the left and a cow on the right", [("horse", {"left"}), ("cow", {"right"})]),
        ("On the left a tree, on the right a house", [("tree", {"left"}), ("house", {"right"})]),
        ("a kite in the top right corner", [("kite", {"top", "right"})]),
        ("a boat on the right side of the lake", [("boat", {"right"}), ("lake", set())]),
        ("a horse in the field on the left", [("horse", {"left"}), ("field", set())]),
        ("a bird at the top of the picture", [("bird", {"top"})]),
        ("a dog in the foreground, trees far away", [("dog", {"front"}), ("tree", {"far"})]),
        ("far off on the horizon a ship", [("ship", {"far"})]),
        ("the leftmost animal is a cow", [("cow", {"left"})]),
        ("the top half is sky, the lower half sand", [("sky", {"top"}), ("sand", {"bottom"})]),
        ("a dog on the left, a cat on the other side", [("dog", {"left"}), ("cat", {"right"})]),
    ],
)
def test_places(text: str, found: list[tuple[str, set[str]]]) -> None:
    assert placed(text) == found


@pytest.mark.parametrize(
    ("text", "absent", "there"),
    [
        ("a street without trees", {"tree"}, ["street"]),
        ("no tree on the street", {"tree"}, ["street"]),
        ("a beach with no people but a dog", {"person"}, ["beach", "dog"]),
        ("there aren't any trees, only grass", {"tree"}, ["grass"]),
        ("a dog, not a cat, on the couch", {"cat"}, ["dog", "couch"]),
        ("neither dogs nor cats on the lawn", {"dog", "cat"}, ["lawn"]),
        ("a lake with no boats, people or birds", {"boat", "person", "bird"}, ["lake"]),
        ("nobody on the bench", {"person"}, ["bench"]),
        ("a treeless hill", {"tree"}, ["hill"]),
        ("nothing but a vase on the table", set(), ["vase", "table"]),
        ("a cat is not sleeping on the couch", set(), ["cat", "couch"]),
        ("a man not wearing a tie", {"tie"}, ["man"]),
        ("no man but a man on a horse", set(), ["man", "horse"]),
        ("People: none. A bench.", {"person"}, ["bench"]),
        ("theres no dog, I dont see cats, only a couch", {"dog", "cat"}, ["couch"]),
        ("all the chairs on the rug are gone", {"chair"}, ["rug"]),
        ("the bus is missing a wheel", set(), ["bus"]),
        ("leave out the tree; show a house", {"tree"}, ["house"]),
        ("a dog not near any cats", {"cat"}, ["dog"]),
        ("a desk (no laptop) and a chair", {"laptop"}, ["desk", "chair"]),
    ],
)
def test_what_is_denied(text: str, absent: set[str], there: list[str]) -> None:
    assert denied(text) == absent
    assert [noun for noun, _ in mentions(text)] == there


@pytest.mark.parametrize(
    ("text", "sizes"),
    [
        ("a tiny bird above a huge tree", [-2, 2]),
        ("close-up of a cat", [3]),
        ("the dog is big", [1]),
        ("a dog", [0]),
        ("a toy-sized train beside an extra large cat", [-2, 2]),
        ("a cat as big as a house", [2]),
    ],
)
def test_sizes(text: str, sizes: list[int]) -> None:
    assert [mention.size for mention in said(text).mentions] == sizes


def test_nouns_of_no_table_are_mentions_without_a_label() -> None:
    violin, table = said("a shiny violin on a table").mentions
    assert (violin.noun, violin.label) == ("violin", UNNAMED)
    assert NAMES[table.label] == "dining-table"
    assert [noun for noun, _ in mentions("in this picture i can see a room")] == []


def test_any_words_can_be_read() -> None:
    for text in ("", "no", "on", "a", "left of", ", . - —", "no no no without", "the the another"):
        assert said(text).mentions == ()
    assert len(said("a dog on the left of a cat without a bird " * 500).mentions) == 1000
