from dataclasses import replace
from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.evaluation.tiny_run import write_data
from tests.trecs.systems.attngan.tiny import install
from tests.trecs.systems.conftest import write_training_photos
from trecs.evaluation.systems import chosen
from trecs.systems.interface import Home


def test_which_systems_are_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    install(tmp_path / "home" / "weights" / "attngan")
    bare = Home(data=write_data(tmp_path / "bare", 1))
    everything = chosen(None, bare)
    assert everything[0] == "retrieval"
    assert {"attngan", "traced", "predicted"} < set(everything)
    assert "photo" not in everything  # no training photos are there
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    (tmp_path / "generator").mkdir()
    empty = replace(bare, checkpoint=tmp_path)
    assert chosen(None, empty) == ("retrieval", "traced", "predicted")
    assert chosen("predicted, traced", bare) == ("retrieval", "traced", "predicted")
    assert chosen("all", bare) == everything
    assert chosen("traced", bare) == ("retrieval", "traced")
    with pytest.raises(InputError, match="No system 'attn'; expected some of retrieval, photo"):
        chosen("traced,attn", bare)
    assert bare.data is not None
    write_training_photos(bare.data)
    with_photos = chosen(None, Home(tmp_path, data=bare.data))
    assert with_photos == ("retrieval", "photo", "traced", "predicted")
