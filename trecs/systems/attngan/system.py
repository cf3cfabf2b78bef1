"""AttnGAN as a system: the checkpoint's, or an imported one."""

from pathlib import Path

from trecs.narrative import Narrative
from trecs.systems.attngan.model import KIND, AttnGan, AttnGanPicture
from trecs.systems.interface import Drawing, Home, System, WordAttention
from trecs.systems.parts.caption_system import unused


class AttnGanSystem(System):
    """Draws the words that AttnGAN knows; it sees no trace."""

    def __init__(self, attngan: AttnGan) -> None:
        self._attngan = attngan

    @classmethod
    def parts(cls, home: Home) -> tuple[Path, ...]:
        """Its weights with their vocabulary."""
        return (home.part(KIND, "AttnGAN"),)

    @classmethod
    def load(cls, home: Home, device: str) -> "AttnGanSystem":
        """Loads the weights."""
        (folder,) = cls.parts(home)
        return cls(AttnGan.load(folder, device))

    def draw(self, narrative: Narrative, seed: int, take: int = 0) -> Drawing:
        """Draws the words; raises InputError where none is known."""
        return drawing(self._attngan.draw([word.text for word in narrative.words], seed))


def drawing(drawn: AttnGanPicture) -> Drawing:
    """The last stage's picture, where all later ones attended, and which words were not used."""
    notes = [*unused(drawn.caption)]
    if not drawn.attention:
        notes.append("This AttnGAN has one stage alone, which attends to the sentence as a whole.")
    attention = attention_of(drawn) if drawn.attention else None
    return Drawing(drawn.picture, attention=attention, notes=tuple(notes))


def attention_of(drawn: AttnGanPicture) -> WordAttention:
    """Where each later stage attended to each word that was used."""
    maps = {f"stage {stage}": shares for stage, shares in drawn.attention.items()}
    return WordAttention(drawn.caption.words, maps)
