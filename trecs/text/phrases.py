"""What the words of a run say beyond their label: whether they name anything, and a new thing."""

from collections.abc import Sequence

from retrieval.words import normalise

FUNCTION_WORDS = frozenset(
    """
    a an the and or but in on at of to by with from into for as is are was be being been am this
    that these those there here it its he she they them their his her him who which what where
    i we you can could may see seen saw find observe look looking looks shows shown show have has
    had having some few many other also very so not able image picture photo photograph pic
    background foreground front back behind beside near next under above below over around
    through across between left right top bottom middle center centre side sides corner area part
    view present visible placed kept standing sitting
    """.split()
)
"""Words that name no thing or stuff by themselves."""

NEW_THING_WORDS = frozenset("another other others second third fourth more also else".split())
"""Words that say that a label mentioned before is meant anew."""


MANY = 99


def has_content(words: Sequence[str]) -> bool:
    """Whether any of the words could name something: "a dog", but not "in this image there"."""
    return any(normalise(word) not in FUNCTION_WORDS and normalise(word) for word in words)


def names_another(words: Sequence[str]) -> bool:
    """Whether the words say that they mean a further object: "another man", "one more cup"."""
    return any(normalise(word) in NEW_THING_WORDS for word in words)


COUNT_WORDS = {"two": 2, "both": 2, "couple": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4}
CROWD_WORDS = frozenset("people persons men women children group few many some several all".split())
_SINGULAR_IN_S = frozenset(
    """
    this is was has his its it's glass grass dress bus across as us tennis canvas mattress
    harness lens gas yes always glasses trousers jeans shorts specs skis scissors stairs
    """.split()
)


def how_many(words: Sequence[str]) -> int:
    """How many things the words seem to speak of: 1, a number named, or 99 for a plural.

    A rough reading for the models of this package, not grammar: "two dogs" -> 2, "cars" -> 99.
    """
    plain = [normalise(word) for word in words]
    for word in plain:
        if word in COUNT_WORDS:
            return COUNT_WORDS[word]
    crowd = any(word in CROWD_WORDS for word in plain)
    plural = any(
        word.endswith("s") and len(word) > 3 and word not in _SINGULAR_IN_S | FUNCTION_WORDS
        for word in plain
    )
    return MANY if crowd or plural else 1


NUMBERS = COUNT_WORDS | {
    word: n for n, word in enumerate("five six seven eight nine ten".split(), start=5)
}
MANY_WORDS = frozenset("group groups bunch crowd crowds row rows many several few various".split())
ONE_WORDS = frozenset("a an one another this that each every single".split())
IRREGULAR_PLURALS = frozenset("people persons men women children sheep cattle".split())
VERBS_IN_S = frozenset(
    """
    appears asks bends blows brings carries catches climbs comes consists contains covers crosses
    dances describes does dives drinks drives eats enters faces falls feeds flies gazes gets gives
    goes grows hangs has helps hits holds jumps keeps kicks kneels leads leans leaves lies lifts
    listens lives looks makes means moves needs opens paints passes performs plays points poses
    prepares pulls pushes puts reaches reads rests rides rolls runs says seems sees serves shows
    sings sits skates skis sleeps smiles sniffs speaks spreads stands stares starts stays steps
    stops surfs swims swings takes talks throws touches travels tries turns uses waits walks wants
    washes watches waves wears works writes
    """.split()
)
"""Of the third person, of which many are plurals of nouns, too."""
_SINGULAR_TOO = frozenset(
    "besides clothes indoors news outdoors pants species sports towards upwards downwards".split()
)
_NO_PLURAL = _SINGULAR_IN_S | _SINGULAR_TOO | VERBS_IN_S | FUNCTION_WORDS


def things_named(words: Sequence[str]) -> int:
    """How many things the words surely speak of: 1, a number named, or 99 for a plural.

    Stricter than `how_many`, for it decides how many are drawn: a verb is no plural ("the man
    rides"), and what is called "a" or "this" is one, unless it is a group.
    """
    plain = [normalise(word) for word in words]
    for word in plain:
        if word in NUMBERS:
            return NUMBERS[word]
    if MANY_WORDS.intersection(plain):
        return MANY
    if ONE_WORDS.intersection(plain):
        return 1
    plural = any(
        word in IRREGULAR_PLURALS
        or (word.endswith("s") and len(word) > 3 and "'" not in word and word not in _NO_PLURAL)
        for word in plain
    )
    return MANY if plural else 1
