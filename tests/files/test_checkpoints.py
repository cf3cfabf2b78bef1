"""Over a hundred files that are no weights: each is refused in a line, and nothing in it is run."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from files.errors import InputError
from tests.files.checkpoints import SPRUNG, foreign, hostile
from trecs.synthesis.released import import_spade
from trecs.systems.attngan.released import import_attngan
from trecs.systems.parts.released_damsm import import_damsm
from trecs.trunks.published import load_published, read_published

FILES = dict([*hostile(), *foreign()])


def as_published(paths: Sequence[Path], _: Path) -> None:
    import torch

    state = read_published(paths[0], what="a net", package="none", file="net.pth")
    load_published(torch.nn.Linear(5, 5), state, what="a net")


READERS: dict[str, Callable[[Sequence[Path], Path], None]] = {
    "spade": lambda paths, out: import_spade(paths[0], out),
    "attngan": import_attngan,
    "damsm": import_damsm,
    "published": as_published,
}


def test_there_are_enough() -> None:
    assert len(FILES) > 180


@pytest.mark.parametrize("name", FILES)
def test_it_is_refused_and_not_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for ending in (".pth", ".pickle"):
        path = tmp_path / f"file{ending}"
        path.write_bytes(FILES[name])
        for reader in READERS.values():
            with pytest.raises(InputError) as caught:
                reader([path], tmp_path / "out")
            message = str(caught.value)
            assert f"file{ending}" in message or "weights of a net" in message
            assert "\n" not in message
            assert len(message) < 700
    assert not Path(SPRUNG).exists()
    assert not (tmp_path / "out").exists()
