from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.files.test_released import Trap
from tests.trecs.systems.dalle.tiny import install
from trecs.cli import main
from trecs.narrative import from_text
from trecs.systems import registry
from trecs.systems.dalle.config import DvaeConfig
from trecs.systems.dalle.dvae_training import Dvae
from trecs.systems.dalle.released import import_dalle
from trecs.systems.interface import Home

CONFIG = DvaeConfig(codes=9, looking=4, hidden=8, first=5, blocks=2)


@pytest.fixture
def vae() -> Dvae:
    torch.manual_seed(0)
    return Dvae(CONFIG)


@pytest.fixture
def released(vae: Dvae, tmp_path: Path) -> list[Path]:
    """State dicts of both networks, under names that tell nothing."""
    paths = [tmp_path / "1.pth", tmp_path / "2.pth"]
    for network, path in zip((vae.encoder, vae.decoder), paths, strict=True):
        torch.save(network.state_dict(), path)
    return paths


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
def test_the_vae_comes_out_as_it_went_in(
    vae: Dvae, released: list[Path], tmp_path: Path, order: int
) -> None:
    import_dalle(released[::order], tmp_path / "out")
    read = Dvae.read(tmp_path / "out")
    assert read.config == CONFIG
    for name, value in vae.state_dict().items():
        assert torch.equal(read.state_dict()[name], value), name
    assert "9 codes" in (tmp_path / "out" / "README.md").read_text()


def test_a_vae_alone_is_no_system(
    released: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stands beside where one is looked for, and replaces none."""
    monkeypatch.setenv("TRECS_HOME", str(tmp_path))
    assert main(["weights", "import", "dalle", *map(str, released)]) == 0
    assert Dvae.read(tmp_path / "weights" / "dalle-dvae").config == CONFIG
    home, card = Home(tmp_path), registry.card("dalle")
    assert not card.installed(home)
    install(tmp_path / "weights" / "dalle")
    assert main(["weights", "import", "dalle", *map(str, released)]) == 0
    assert card.load(home, "cpu").draw(from_text("a red dog"), 0).picture.any()


@pytest.mark.parametrize(("which", "missing"), [(0, "decoder"), (1, "encoder")])
def test_both_are_needed(released: list[Path], tmp_path: Path, which: int, missing: str) -> None:
    with pytest.raises(InputError, match=f"missing: the {missing} of DALL-E's VAE"):
        import_dalle([released[which]], tmp_path / "out")


def test_one_given_twice_is_refused(released: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match="both the encoder"):
        import_dalle([released[0], released[0]], tmp_path / "out")


def test_networks_of_two_sizes_are_refused(released: list[Path], tmp_path: Path) -> None:
    torch.save(Dvae(DvaeConfig(7, 4, 8, 5, 2)).decoder.state_dict(), released[1])
    with pytest.raises(InputError, match=r"not the decoder.*blocks.input.w \(5, 7, 1, 1\)"):
        import_dalle(released, tmp_path / "out")


@pytest.mark.parametrize(
    ("which", "name", "shape"),
    [(0, "blocks.input.w", (3, 3, 7, 7)), (1, "blocks.output.conv.w", (6, 3, 1, 1))],
)
def test_sizes_that_are_no_networks_are_refused(
    released: list[Path], tmp_path: Path, which: int, name: str, shape: tuple[int, ...]
) -> None:
    """A block's path has a quarter of the channels."""
    state = torch.load(released[which], weights_only=True)
    torch.save({**state, name: torch.zeros(shape)}, released[which])
    with pytest.raises(InputError, match=r"1.pth' and '.*2.pth'.*sizes do not go together\.$"):
        import_dalle(released, tmp_path / "out")


def test_a_whole_module_runs_nothing(
    released: list[Path], vae: Dvae, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the authors' pickles are, and one that would run code as it is made."""
    monkeypatch.chdir(tmp_path)
    for module in (vae.decoder, Trap()):
        torch.save(module, released[1])
        with pytest.raises(InputError, match="could run code"):
            import_dalle(released, tmp_path / "out")
    assert not (tmp_path / "sprung").exists()
