from trecs.text.rules import Match, Rules

TABLE = """
# A comment
[place]
left = on|at the far? left side?
[denying]
next = no
[general]
cat dog = animals
[frame]
no = picture; photo
""".splitlines()


def test_phrases_have_alternatives_and_words_that_may_be_missing() -> None:
    phrases = Rules.of(TABLE).phrases
    for text, length in (("on the left ", 3), ("at the far left side ", 5), ("on the right ", 0)):
        found = phrases.at(text, 0, ("place",))
        assert found == (Match("place", "left", length) if length else None)
    assert phrases.at("a no ", 2, ("place",)) is None
    assert phrases.at("a no ", 2, ("place", "denying")) == Match("denying", "next", 1)


def test_tables() -> None:
    rules = Rules.of(TABLE)
    assert rules.general == {"animals": ("cat", "dog")}
    assert rules.frame == {"picture", "photo"}


def test_every_label_of_the_bundled_rules_is_one() -> None:
    from segmentation.labels import NAMES

    rules = Rules.read()
    tables = [*rules.absent.values(), *rules.general.values(), *rules.surfaces.values()]
    named = {name for names in tables for name in names} | {label for label, _ in rules.names}
    assert named <= set(NAMES)
