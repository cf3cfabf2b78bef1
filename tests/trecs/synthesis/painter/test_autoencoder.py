from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from files.errors import InputError
from tests.trecs.synthesis.painter.random_autoencoder import (
    random_autoencoder,
    save_random_autoencoder,
)
from trecs.synthesis.painter.autoencoder import DECODER, ENCODER, Autoencoder, Decoder, Encoder


def test_draws_as_the_published_network_does(models_folder: Path) -> None:
    autoencoder = Autoencoder.load(models_folder)
    reference = np.load(models_folder / "taef2_reference.npz")
    latents = autoencoder.encode(torch.from_numpy(reference["picture"])).numpy()
    assert np.abs(latents - reference["latents"]).max() < 1e-4
    given = torch.from_numpy(reference["latents"])
    decoded = autoencoder.decoder(given).numpy()
    assert np.abs(decoded - reference["decoded"]).max() < 1e-4
    clamped = autoencoder.decode(given).numpy()
    assert np.array_equal(clamped, decoded.clip(0, 1))


@pytest.mark.parametrize(("name", "network"), [("encoder", Encoder), ("decoder", Decoder)])
def test_parameters_have_the_published_names(
    models_folder: Path, name: str, network: type[nn.Module]
) -> None:
    published = (models_folder / f"taef2_{name}_parameters.txt").read_text().splitlines()
    state = network().state_dict()
    assert [f"{key} {tuple(tensor.shape)}" for key, tensor in state.items()] == published


def test_shapes_and_range() -> None:
    autoencoder = random_autoencoder()
    latents = autoencoder.encode(torch.rand(2, 3, 32, 48))
    assert latents.shape == (2, 32, 4, 6)
    pictures = autoencoder.decode(latents * 50)
    assert pictures.shape == (2, 3, 32, 48)
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert Encoder(4, latents=8)(torch.rand(1, 3, 16, 16)).shape == (1, 8, 2, 2)
    assert Decoder(4, latents=8)(torch.rand(1, 8, 2, 2)).shape == (1, 3, 16, 16)


def test_nothing_learns_but_gradients_reach_the_latents() -> None:
    autoencoder = random_autoencoder()
    networks = (autoencoder.encoder, autoencoder.decoder)
    assert not any(p.requires_grad for network in networks for p in network.parameters())
    assert not any(network.training for network in networks)
    latents = torch.randn(1, 32, 2, 2, requires_grad=True)
    autoencoder.decode(latents).sum().backward()
    assert isinstance(latents.grad, Tensor)
    assert latents.grad.abs().sum() > 0


def test_loads_half_precision_as_single(tmp_path: Path) -> None:
    saved = save_random_autoencoder(tmp_path)
    loaded = Autoencoder.load(tmp_path)
    for ours, theirs in ((loaded.encoder, saved.encoder), (loaded.decoder, saved.decoder)):
        for (name, tensor), other in zip(
            ours.state_dict().items(), theirs.state_dict().values(), strict=True
        ):
            assert tensor.dtype == torch.float32
            assert torch.equal(tensor, other), name


def assert_refused(folder: Path, *told: str) -> None:
    with pytest.raises(InputError) as error:
        Autoencoder.load(folder)
    message = str(error.value)
    assert "\n" not in message
    assert "madebyollin/taesd" in message
    for part in told:
        assert part in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert_refused(tmp_path / "none", ENCODER, "is missing")
    save_random_autoencoder(tmp_path)
    (tmp_path / DECODER).unlink()
    assert_refused(tmp_path, DECODER, "is missing")


@pytest.mark.parametrize("damage", [b"", b"not weights", None])
def test_a_damaged_file_is_named(tmp_path: Path, damage: bytes | None) -> None:
    save_random_autoencoder(tmp_path)
    path = tmp_path / DECODER
    path.write_bytes(path.read_bytes()[:100_000] if damage is None else damage)
    assert_refused(tmp_path, str(path), "damaged")


def test_another_network_is_named(tmp_path: Path) -> None:
    save_random_autoencoder(tmp_path)
    encoder = torch.load(tmp_path / ENCODER, weights_only=True)
    torch.save({**encoder, "14.bias": torch.zeros(16)}, tmp_path / ENCODER)
    assert_refused(tmp_path, "1 of its tensors", "14.bias, (16,) and not (32,)")
    torch.save({**encoder, "15.bias": torch.zeros(16)}, tmp_path / ENCODER)
    assert_refused(tmp_path, "15.bias, (16,) and not there at all")
    del encoder["0.weight"]
    torch.save(encoder, tmp_path / ENCODER)
    assert_refused(tmp_path, "0.weight, missing and not (64, 3, 3, 3)")
    torch.save([1, 2], tmp_path / ENCODER)
    assert_refused(tmp_path, "another network")
