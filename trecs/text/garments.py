"""What people wear: part of whoever wears it, not a thing of its own (reconstructed).

"A man in a red shirt" has a red shirt where his chest is. Who wears a garment is the person named
last before it, where a word between says so ("in", "wearing", "with", "her"); what they hold or
ride may be named between ("a boy on a bike in a red helmet"), an animal may not ("a dog in a red
coat"). A garment that is joined to one that is worn is worn by the same; all others are nouns like
any.
"""

from collections.abc import Sequence
from dataclasses import replace

from retrieval.families import FAMILIES
from segmentation.garments import Part
from segmentation.labels import NAMES, value_of
from trecs.text.chunk import OWNING, STANDING_IN, Chunk
from trecs.text.nouns import Named, Nouns
from trecs.text.rules import Rules
from trecs.text.said import UNNAMED

PERSON = value_of("person")
CUES = frozenset(
    """
    in wearing wears wear wore dressed clad sporting sports with has have having had his her their
    """.split()
) | {"wrapped in", OWNING}
PRONOUNS = {"his": "he", "her": "she", "their": "they"}
MEN = frozenset("man boy guy gentleman groom father dad son brother husband king prince".split())
WOMEN = frozenset("woman girl lady bride mother mom daughter sister wife queen princess".split())
OTHERS = {"he": WOMEN, "she": MEN, "they": frozenset[str]()}
"""Whom a pronoun does not mean."""
ACCESSORIES = frozenset(value_of(name) for name in ("tie", "handbag", "backpack"))
"""What is listed with garments though it has a label of its own."""
LOOSE = frozenset("with has have having had".split())
"""Words that tell of what is worn only right behind who wears it."""

Worn = list[tuple[Chunk, tuple[int, ...]]]


def noun_at(rules: Rules, nouns: Nouns, text: str, start: int) -> tuple[Named | None, Part | None]:
    """The longest noun in `text` from `start`, and the part of the body where it is a garment."""
    named = nouns.at(text, start)
    worn = rules.phrases.at(text, start, ("worn",))
    if worn is None or (named is not None and named.length > worn.length):
        return named, None
    if named is None or named.length < worn.length:
        noun = " ".join(text[start:].split(" ", worn.length)[: worn.length])
        named = Named(noun, UNNAMED, False, worn.length)
    part: Part = worn.meaning  # type: ignore[assignment]  # as the rules have them
    return named, part


def dressed(chunks: Sequence[Chunk]) -> tuple[list[Chunk], Worn]:
    """The chunks with garments that are worn as no nouns, and those with their wearers' numbers.

    A garment without a label, an article or a number that nobody wears is a word.
    """
    result = list(chunks)
    worn: dict[int, tuple[int, ...]] = {}
    for i in range(len(chunks)):
        chunk = result[i] = _repeated(result, i, worn)
        if not chunk.part or chunk.denied:
            continue
        if by := _wearers(result, i, worn):
            worn[i] = by
            result[i] = replace(chunk, kind="worn", colours=(*chunk.colours, *_told(result, i)))
        elif chunk.label == UNNAMED and not (chunk.article or chunk.number or chunk.several):
            result[i] = replace(chunk, kind="word", colours=(), part=None)
    return result, [(result[i], by) for i, by in worn.items()]


def _repeated(chunks: Sequence[Chunk], i: int, worn: dict[int, tuple[int, ...]]) -> Chunk:
    """The garment that "one" stands for: "a man in a red shirt and a boy in a blue one"."""
    chunk, before = chunks[i], chunks[i - 1]
    if not worn or chunk.kind not in STANDING_IN:
        return chunk
    if {before.meaning, before.word}.isdisjoint(CUES - LOOSE):
        return chunk
    garment = chunks[max(worn)]
    return replace(chunk, kind="noun", noun=garment.noun, label=garment.label, part=garment.part)


def _wearers(chunks: Sequence[Chunk], i: int, worn: dict[int, tuple[int, ...]]) -> tuple[int, ...]:
    """The chunks of those who wear a garment, none where nobody does.

    A pronoun means the person named last whom it can, also in a sentence before.
    """
    pronoun = PRONOUNS.get(chunks[i].word, "")
    cues, passed = {chunks[i].word} & CUES, False
    for at in range(i - 1, -1, -1):
        chunk = chunks[at]
        if at in worn and not pronoun:
            joined = all(_lists(one) for one in chunks[at + 1 : i])
            return worn[at] if joined or cues else ()
        if chunk.kind == "break" and not pronoun:
            return ()
        if chunk.kind == "pronoun" and chunk.word in OTHERS:
            pronoun = pronoun or chunk.word
        elif chunk.kind == "one" and cues and not pronoun:
            return (at,)  # "another in a blue shirt"
        elif chunk.kind != "noun":
            told = {chunk.meaning if chunk.kind == "word" else chunk.word} & CUES
            if chunk.kind == "relation" and not (told or cues or passed):
                return ()  # "near a red coat"
            cues |= set() if passed else told
        elif pronoun and chunk.noun in OTHERS[pronoun]:
            passed = True
        elif chunk.label in (PERSON, UNNAMED) and not chunk.part and cues:
            return _joined(chunks, at, several=not (chunks[i].article or chunks[i].number))
        elif chunk.label in ACCESSORIES and not cues:
            continue  # "a blue shirt, red tie and black trousers"
        elif chunk.label == PERSON or NAMES[chunk.label] in FAMILIES["animal"] or not cues - LOOSE:
            return ()
        else:
            passed = True
    return ()


def _lists(chunk: Chunk) -> bool:
    """Whether garments before and behind a chunk are of one list."""
    return chunk.kind in ("joining", "comma") or chunk.label in ACCESSORIES


def _joined(chunks: Sequence[Chunk], at: int, *, several: bool) -> tuple[int, ...]:
    """A wearer and, where there are `several` garments, those before that are joined to it."""
    found = [at]
    while several and at >= 2 and chunks[at - 1].meaning == "and":
        at -= 2
        if chunks[at].kind != "noun" or chunks[at].label != PERSON:
            break
        found.append(at)
    return tuple(found)


def _told(chunks: list[Chunk], i: int) -> tuple[str, ...]:
    """The colours that a verb behind a garment tells of it; they are told of nothing else then."""
    at = i + 1
    while at < len(chunks) and chunks[at].kind == "verb":
        at += 1
    if at == i + 1 or at >= len(chunks) or chunks[at].kind != "word" or not chunks[at].colours:
        return ()
    colours = chunks[at].colours
    chunks[at] = replace(chunks[at], colours=())
    return colours
