import threading
from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import tiny_attngan
from trecs.interface.models import Models


def test_models_load_once_and_whoever_asks_gets_the_same() -> None:
    loaded: list[object] = []

    def load() -> object:
        loaded.append(object())
        return loaded[-1]

    models = Models(load)  # type: ignore[arg-type]
    assert loaded == []
    threads = [threading.Thread(target=models.get) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loaded) == 1
    assert models.get() is loaded[0]


def test_everyone_is_told_why_loading_failed() -> None:
    def load() -> object:
        raise InputError("The tagger is missing.")

    models = Models(load)  # type: ignore[arg-type]
    for _ in range(2):
        with pytest.raises(InputError, match="The tagger is missing"):
            models.get()


def test_systems_load_when_they_are_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    models = Models(lambda: None, tmp_path)  # type: ignore[arg-type, return-value]
    with pytest.raises(InputError, match="No AttnGAN"):
        models.system("attngan")
    tiny_attngan().save(tmp_path / "attngan")
    assert models.system("attngan") is models.system("attngan")
