import numpy as np

from trecs.narrative import Narrative
from trecs.systems import registry
from trecs.systems.interface import Home


def test_both_show_every_stage(home: Home, told: Narrative) -> None:
    for name in ("traced", "predicted"):
        drawing = registry.card(name).load(home).draw(told, 0)
        assert drawing.result is not None
        assert drawing.result.regions
        assert drawing.canvas is drawing.result.canvas
        assert drawing.tags is not None


def test_predicted_does_not_see_the_trace(home: Home, told: Narrative) -> None:
    traced, predicted = (registry.card(name).load(home) for name in ("traced", "predicted"))
    first, second = predicted.draw(told, 0), predicted.draw(told.without_trace(), 0)
    assert np.array_equal(first.picture, second.picture)
    assert not np.array_equal(first.picture, traced.draw(told, 0).picture)


def test_the_pipeline_is_loaded_once(home: Home) -> None:
    for name in ("traced", "predicted", "retrieval"):
        registry.card(name).load(home, "cpu")
    assert home.pipeline("cpu") is home.pipeline("cpu")
    assert len(home.pipelines) == 1
