"""Latents that one device encodes, here the CPU in a GPU's place."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trecs.data.tiny_photos import tiny_photos, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import (
    random_autoencoder,
    save_random_autoencoder,
)
from trecs.cli import main
from trecs.synthesis.painter import latent_making as latents
from trecs.synthesis.painter.latent_making import Square, encode_squares, make_latents
from trecs.synthesis.painter.latent_store import LatentStore, LatentViews


def test_what_is_encoded_together_is_the_same(tmp_path: Path) -> None:
    dataset = with_one_held_back(tmp_path / "data")
    stores = []
    for device in (None, "cpu"):
        folder = tmp_path / str(device)
        made = make_latents(dataset, random_autoencoder(), folder, passes=1, chunk=3, device=device)
        assert made == (9, 5)
        stores.append(LatentStore(folder))
    plans = [(store.folder / "plan.json").read_text() for store in stores]
    assert plans[0] == plans[1]
    assert stores[0].kind.tolist() == stores[1].kind.tolist()
    views = [store.take(np.arange(9)) for store in stores]
    np.testing.assert_allclose(views[0].latents, views[1].latents, atol=2e-3)
    for name in LatentViews._fields[1:]:
        np.testing.assert_array_equal(*(getattr(of, name) for of in views))


def test_squares_come_one_by_one_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(latents, "AT_ONCE", 3)
    rng, autoencoder = np.random.default_rng(0), random_autoencoder()
    squares = [
        Square(rng.integers(0, 256, (256, 256, 3)).astype(np.uint8), tuple(np.full((5, 1), i)))
        for i in range(7)
    ]
    views = list(encode_squares(iter(squares), autoencoder, "cpu"))
    assert [view.labels.item() for view in views] == list(range(7))
    for view, square in zip(views, squares, strict=True):
        picture = torch.from_numpy(square.photo).permute(2, 0, 1)[None] / 255
        alone = autoencoder.encode(picture)[0].numpy()
        np.testing.assert_allclose(view.latents, alone, atol=2e-3)


@pytest.mark.parametrize(
    ("given", "there", "taken"),
    [
        ([], True, "cuda"),
        ([], False, None),
        (["--device", "cuda"], True, "cuda"),
        (["--device", "cpu"], True, None),
    ],
)
def test_the_command_takes_a_gpu_where_there_is_one(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    there: bool,
    taken: str | None,
) -> None:
    devices = []

    def made(*_: object, device: str | None, **rest: object) -> latents.Made:
        devices.append(device)
        return latents.Made(0, 0)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: there)
    monkeypatch.setattr(latents, "make_latents", made)
    tiny_photos(tmp_path / "data")
    save_random_autoencoder(tmp_path / "autoencoder")
    words = [w for n in ("data", "autoencoder", "out") for w in (f"--{n}", str(tmp_path / n))]
    assert main(["data", "latents", *words, *given]) == 0
    assert devices == [taken]


def test_without_a_gpu_none_can_be_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    words = ["--autoencoder", str(tmp_path), "--out", str(tmp_path / "out"), "--device", "cuda"]
    assert main(["data", "latents", *words]) == 2
    assert capsys.readouterr().err == (
        "trecs: PyTorch finds no GPU for --device cuda; give --device cpu.\n"
    )
