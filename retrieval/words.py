"""Words as every model sees them, in the form of the released narratives.

Those (google-research/trecs_image_generation) are lower case without punctuation other than
apostrophes; rare words stand as `<unk>`.
"""

import unicodedata

UNKNOWN = "<unk>"
APOSTROPHES = str.maketrans("’‘ʼ´`′", "''''''")


def normalise(word: str) -> str:
    """A word in the released narratives' form: `Café,` -> `cafe`, `Man’s` -> `man's`.

    Lower case, accents dropped, of the rest only letters, digits and inner apostrophes. Empty
    where nothing is left (punctuation, emoji) and for `<unk>`, which stands for no word: typed,
    it is not understood, and learned from, it teaches nothing.
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    typed = word.lower().replace(UNKNOWN, "").translate(APOSTROPHES)
    plain = unicodedata.normalize("NFKD", typed).lower()
    return "".join(c for c in plain if c.isalnum() or c == "'").strip("'")
