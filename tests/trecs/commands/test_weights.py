from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from files.weights import load_tensors
from segmentation.canvas import Canvas, instance_png, label_png
from trecs.cli import main
from trecs.synthesis.condition import Condition
from trecs.synthesis.generator import Generator
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def canvas() -> Canvas:
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 182, (4, 4)), np.ones((64, 64))).astype(np.uint8)
    return Canvas(labels, np.where(labels < 91, labels, 0).astype(np.int32))


@pytest.fixture(scope="module")
def network(canvas: Canvas) -> SpadeGenerator:
    torch.manual_seed(0)
    network = SpadeGenerator(SpadeConfig.official(ngf=1)).train()
    with torch.no_grad():  # statistics with which the picture is not saturated
        network(Condition.of(canvas.resized(64, 64)), network.draw_noise(1, 64, 64))
    return network.eval()


@pytest.fixture
def released(network: SpadeGenerator, tmp_path: Path) -> Path:
    """The file as the authors release theirs, of random weights at a small width."""
    folder = tmp_path / "coco_pretrained"
    folder.mkdir()
    torch.save(network.state_dict(), folder / "latest_net_G.pth")
    return folder / "latest_net_G.pth"


def render(canvas: Canvas, tmp_path: Path, *more: str) -> np.ndarray:
    """The picture of the public command."""
    (tmp_path / "labels.png").write_bytes(label_png(canvas.label_map))
    (tmp_path / "instances.png").write_bytes(instance_png(canvas.instance_map))
    paths = [tmp_path / name for name in ("labels.png", "instances.png", "image.png")]
    labels, instances, image = map(str, paths)
    assert main(["render", labels, "--instances", instances, "--out", image, *more]) == 0
    return np.asarray(Image.open(image))


def levels(picture: np.ndarray) -> np.ndarray:
    """A (3, H, W) picture in [-1, 1] as (H, W, 3) levels from 0 to 255, unrounded."""
    return (picture.astype(np.float32).transpose(1, 2, 0) + 1) * 127.5


def test_imported_spade_draws_what_the_released_one_does(
    released: Path,
    network: SpadeGenerator,
    canvas: Canvas,
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["weights", "import", "spade", str(released)]) == 0
    folder = home / "weights" / "spade"
    assert capsys.readouterr().out == f"{folder}\n"
    assert Generator.load(folder).network.config == SpadeConfig.official(ngf=1)
    assert "cc-by-nc-sa-4.0" in (folder / "README.md").read_text()

    with torch.no_grad():
        noise = network.draw_noise(1, 256, 256)
        expected = levels(network(Condition.of(canvas), noise)[0].numpy())
    assert np.mean((expected > 1) & (expected < 254)) > 0.99
    drawn = render(canvas, tmp_path, "--generator", "spade", "--seed", "5")
    assert np.abs(drawn - expected).max() <= 0.51


def test_a_folder_will_do_and_half_rounds_to_float16(
    released: Path, network: SpadeGenerator, home: Path, tmp_path: Path
) -> None:
    half = tmp_path / "half"
    assert main(["weights", "import", "spade", str(released.parent)]) == 0
    assert main(["weights", "import", "spade", str(released), "--half", "--out", str(half)]) == 0
    whole, halved = (load_tensors(folder) for folder in (home / "weights" / "spade", half))
    for name, value in network.state_dict().items():
        assert torch.equal(whole[name], value), name
        assert torch.equal(halved[name], value.half() if value.is_floating_point() else value)


@pytest.mark.real_data
def test_the_authors_picture_comes_out_of_the_command(
    reference_folder: Path, tmp_path: Path
) -> None:
    arrays = np.load(reference_folder / "spade_ngf4.npz")
    state = {
        name.removeprefix("param/"): torch.from_numpy(np.asarray(arrays[name]))
        for name in arrays.files
        if name.startswith("param/")
    }
    torch.save(state, tmp_path / "latest_net_G.pth")
    assert main(["weights", "import", "spade", str(tmp_path)]) == 0
    canvas = Canvas(arrays["label_map"], arrays["instance_map"].astype(np.int32))
    drawn = render(canvas, tmp_path, "--generator", "spade")
    assert np.abs(drawn - levels(arrays["image"])).max() <= 0.5 + 127.5 * 2e-3


def without(name: str, state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {key: value for key, value in state.items() if key != name}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: without("fc.bias", s), "1 missing (fc.bias)"),
        (lambda s: {**s, "netE.weight": torch.ones(2)}, "1 unknown (netE.weight)"),
        (
            lambda s: {**s, "fc.weight": torch.ones(16, 36, 3, 3)},
            "1 of another shape (fc.weight (16, 36, 3, 3), expected (16, 184, 3, 3))",
        ),
        (lambda s: {**s, "fc.bias": torch.full((16,), torch.inf)}, "1 not finite (fc.bias)"),
        (lambda s: {"epoch": 20}, "no state dict"),
    ],
)
def test_another_file_is_refused_in_one_line(
    change, message: str, released: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.save(change(torch.load(released, weights_only=True)), released)
    assert main(["weights", "import", "spade", str(released)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(home.rglob("*.safetensors"))


def test_a_missing_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "import", "spade", str(tmp_path)]) == 2
    assert "There is no file" in capsys.readouterr().err


def test_an_unknown_generator_is_told_what_there_is(
    released: Path, canvas: Canvas, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "import", "spade", str(released)]) == 0
    (tmp_path / "labels.png").write_bytes(label_png(canvas.label_map))
    arguments = ["render", str(tmp_path / "labels.png"), "--out", str(tmp_path / "image.png")]
    assert main([*arguments, "--generator", "oasis"]) == 2
    assert "No generator 'oasis'" in (error := capsys.readouterr().err)
    assert "among the imported ones spade" in error


def test_list_tells_what_is_installed(
    released: Path, checkpoints: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["weights", "import", "spade", str(released)]) == 0
    capsys.readouterr()
    assert main(["weights", "list"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["name", "kind", "parameters", "size", "licence", "folder"]
    cells = {row.split()[-1]: row.split()[:-1] for row in rows}
    parts = {path.parent for path in checkpoints.rglob("*.json")}
    assert set(cells) == {str(part) for part in (*parts, home / "weights" / "spade")}
    name, kind, parameters, *_, licence = cells[str(home / "weights" / "spade")]
    assert (name, kind, licence) == ("spade", "generator", "cc-by-nc-sa-4.0")
    state = torch.load(released, weights_only=True)
    assert int(parameters.replace(",", "")) == sum(tensor.numel() for tensor in state.values())
    assert cells[str(checkpoints / "library")][:3] == ["library", "library", "-"]
