from pathlib import Path

import pytest

from trecs.systems import registry
from trecs.systems.card import Card
from trecs.systems.parts.caption_system import CaptionSystem
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

MOST = 800_000  # bytes of a system's weights, so that all can come with the studio
CAPTIONED = [
    card
    for card in registry.cards().values()
    if card.train and issubclass(card.named(card.system), CaptionSystem)
]


@pytest.mark.parametrize("card", CAPTIONED, ids=lambda card: card.name)
def test_the_weights_of_a_whole_system_are_small(card: Card, tmp_path: Path) -> None:
    system: type[CaptionSystem] = card.named(card.system)
    config = system.config_type()
    words = (END, *(f"word{number}" for number in range(1, config.vocabulary)))
    system(system.networks_of(config), CaptionVocabulary(words)).save(tmp_path)
    assert (tmp_path / "model.safetensors").stat().st_size <= MOST
    read = system.read(tmp_path)
    assert read.networks.config == config
    assert read.vocabulary.words == words
