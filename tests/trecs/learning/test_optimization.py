import pytest
import torch

from trecs.learning.optimization import (
    interpolated,
    move_average,
    parted,
    settled,
    warmup_cosine,
)


@pytest.mark.parametrize(
    ("step", "factor"), [(0, 0.1), (9, 1.0), (10, 1.0), (60, 0.5), (109, 0.000247), (110, 0.0)]
)
def test_the_rate_rises_in_a_line_and_falls_in_a_cosine(step: int, factor: float) -> None:
    assert warmup_cosine(step, steps=110, warmup=10) == pytest.approx(factor, abs=1e-6)


def test_the_average_moves_and_counters_are_copied() -> None:
    average = {"weight": torch.tensor([1.0, 2.0]), "seen": torch.tensor(3)}
    move_average(average, {"weight": torch.tensor([2.0, 0.0]), "seen": torch.tensor(4)}, 0.75)
    assert average["weight"].tolist() == [1.25, 1.5]
    assert average["seen"].item() == 4


def test_the_average_of_a_network_is_changed_in_place() -> None:
    average, current = torch.nn.Linear(1, 1), torch.nn.Linear(1, 1)
    torch.nn.init.zeros_(average.weight)
    torch.nn.init.ones_(current.weight)
    move_average(average.state_dict(), current.state_dict(), 0.9)
    assert average.weight.item() == pytest.approx(0.1)


def test_matrices_and_kernels_decay_and_others_do_not() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    network.register_parameter("scale", torch.nn.Parameter(torch.tensor(1.0)))
    named = {id(one): name for name, one in network.named_parameters()}
    decaying, others = ([named[id(one)] for one in some] for some in parted(network))
    assert decaying == ["0.weight"]
    assert others == ["scale", "0.bias", "1.weight", "1.bias"]


def test_rates_fall_in_a_line_at_the_end():
    assert [settled(step, 10, 0) for step in (0, 9)] == [1.0, 1.0]
    factors = [settled(step, 10, 3) for step in range(5, 10)]
    assert factors == pytest.approx([1.0, 1.0, 0.775, 0.55, 0.325])


def test_weights_lie_between_those_at_the_start_and_the_learned_ones() -> None:
    begun = {"w": torch.tensor([0.0, 2.0]), "count": torch.tensor(3)}
    learned = {"w": torch.tensor([1.0, 4.0]), "count": torch.tensor(7)}
    between = interpolated(begun, learned, 0.25)
    assert between["w"].tolist() == [0.25, 2.5]
    assert between["count"] == 7
    assert interpolated(None, learned, 0.25) == learned
