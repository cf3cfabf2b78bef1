"""What options such as `--colour bus=red` say of words."""

from files.errors import InputError


def colours(given: list[str]) -> dict[int | str, str | None]:
    """The colours that --colour says, by words or their numbers."""
    told = [_of_word("--colour", text, "COLOUR, such as bus=red") for text in given]
    return {word: colour or None for word, colour in told}


def seeds(given: list[str]) -> dict[int | str, int | None]:
    """The seeds that --region-seed says, likewise."""
    told: dict[int | str, int | None] = {}
    for text in given:
        word, seed = _of_word("--region-seed", text, "SEED, such as cow=7")
        if seed and not (seed.isascii() and seed.isdigit() and len(seed) <= 10):
            raise InputError(f"--region-seed '{text[:40]}' has no whole number as its seed.")
        told[word] = int(seed) if seed else None
    return told


def _of_word(option: str, text: str, form: str) -> tuple[int | str, str]:
    """What an option says of a word or its number; raises InputError where it is not so."""
    word, equals, told = text.partition("=")
    if not word or not equals:
        raise InputError(f"{option} '{text[:40]}' is not WORD={form}.")
    return int(word) if word.isascii() and word.isdigit() else word, told
