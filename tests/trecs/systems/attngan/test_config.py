from typing import Any

import pytest
import torch

from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.generator import AttnGanGenerator
from trecs.systems.attngan.model import AttnGanNetworks


def parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_the_official_generator_has_the_published_size() -> None:
    with torch.device("meta"):
        assert parameters(AttnGanGenerator(AttnGanConfig.official())) == 13_811_456


def test_the_bundled_networks_take_7_megabytes_as_float16() -> None:
    with torch.device("meta"):
        state = AttnGanNetworks(AttnGanConfig.bundled(3_000)).state_dict()
    assert sum(2 * value.numel() for value in state.values()) < 7e6


@pytest.mark.parametrize("wrong", [{"stages": 4}, {"stages": 0}, {"text": 7}])
def test_what_cannot_be_built_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not [047]"):
        AttnGanConfig(**wrong)
