import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from files.errors import InputError
from tests.files.test_released import Trap
from tests.trecs.systems.attngan.tiny import (
    CONFIG,
    VOCABULARY,
    as_of_2018,
    captions_pickle,
    tiny_attngan,
    tiny_discriminators,
    tiny_networks,
    write_released,
)
from trecs.systems.attngan.discriminator import load_discriminators
from trecs.systems.attngan.model import AttnGan
from trecs.systems.attngan.released import import_attngan
from trecs.systems.parts.damsm import Damsm, DamsmConfig
from trecs.systems.parts.image_encoder import InceptionEncoder
from trecs.systems.parts.released_damsm import import_damsm


@pytest.fixture
def released(tmp_path: Path) -> list[Path]:
    return write_released(tmp_path / "released", tiny_networks())


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "reversed"])
def test_attngan_comes_out_as_it_went_in(released: list[Path], tmp_path: Path, order: int) -> None:
    import_attngan(released[::order], tmp_path / "out")
    read, model = AttnGan.load(tmp_path / "out"), tiny_attngan()
    assert read.networks.config == replace(CONFIG, words=64, judge_width=96)
    assert read.vocabulary == VOCABULARY
    drawn = read.draw("a red dog", seed=5)
    assert np.array_equal(drawn.picture, model.draw("a red dog", seed=5).picture)
    card = (tmp_path / "out" / "README.md").read_text()
    assert "`1.pth`" in card
    assert "12 words" in card


@pytest.mark.parametrize("change", [{"stages": 2, "residuals": 2}, {"stages": 1}])
def test_sizes_are_read_off_the_files(tmp_path: Path, change: dict[str, Any]) -> None:
    config = replace(CONFIG, width=3, noise=4, condition=2, embedding=5, text=6, **change)
    files = write_released(tmp_path / "released", tiny_networks(config))
    import_attngan(files, tmp_path / "out")
    read = AttnGan.load(tmp_path / "out").networks.config
    residuals = config.residuals if config.stages > 1 else 3
    assert read == replace(config, words=64, judge_width=96, residuals=residuals)


def test_a_folder_will_do_and_discriminators_come_along(
    released: list[Path], tmp_path: Path
) -> None:
    judges = tiny_discriminators()
    for stage, judge in enumerate(judges):
        torch.save(as_of_2018(judge), released[0].parent / f"netD{stage}.pth")
    import_attngan([released[0].parent], tmp_path / "out")
    read = load_discriminators(tmp_path / "out" / "discriminators").state_dict()
    assert all(torch.equal(read[name], value) for name, value in judges.state_dict().items())
    (released[0].parent / "netD1.pth").unlink()
    with pytest.raises(InputError, match=r"there is missing: the discriminator of 128 pixels"):
        import_attngan([released[0].parent], tmp_path / "other")


def test_damsm_comes_out_as_it_went_in(released: list[Path], tmp_path: Path) -> None:
    torch.manual_seed(0)
    image_encoder = InceptionEncoder(CONFIG.text)
    torch.save(as_of_2018(image_encoder), tmp_path / "image.pth")
    import_damsm([tmp_path / "image.pth", *released[1:]], tmp_path / "out")
    read = Damsm.load(tmp_path / "out")
    assert read.networks.config == DamsmConfig(12, CONFIG.embedding, CONFIG.text)
    found = read.networks.image_encoder.state_dict()
    assert all(torch.equal(found[name], v) for name, v in image_encoder.state_dict().items())
    assert read.vocabulary == VOCABULARY
    with pytest.raises(InputError, match=r"is the generator .* not wanted here"):
        import_damsm([tmp_path / "image.pth", *released], tmp_path / "out")


def test_what_is_missing_is_told(released: list[Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing: the text encoder .*, the vocabulary"):
        import_attngan(released[:1], tmp_path / "out")
    with pytest.raises(InputError, match="There is no file"):
        import_attngan([*released, tmp_path / "netD0.pth"], tmp_path / "out")
    with pytest.raises(InputError, match=r"'.*2\.pth' and '.*2\.pth' are both the text encoder"):
        import_attngan([*released, released[1]], tmp_path / "out")


def test_another_vocabulary_is_refused(released: list[Path], tmp_path: Path) -> None:
    released[2].write_bytes(captions_pickle(VOCABULARY.words[:-1]))
    with pytest.raises(InputError, match=r"has 11 words, <end> among them, .* 12 rows"):
        import_attngan(released, tmp_path / "out")
    assert not list(tmp_path.glob("out/**/*.safetensors"))


def test_encoders_of_another_size_are_refused(released: list[Path], tmp_path: Path) -> None:
    other = tiny_networks(replace(CONFIG, text=10))
    torch.save(other.text_encoder.state_dict(), released[1])
    with pytest.raises(InputError, match=r"1\.pth' is not the generator .* of another shape"):
        import_attngan(released, tmp_path / "out")


def test_other_networks_are_refused(released: list[Path], tmp_path: Path) -> None:
    torch.save(torch.nn.Linear(2, 2).state_dict(), released[0])
    with pytest.raises(InputError, match="none of AttnGAN's files; expected the generator"):
        import_attngan(released, tmp_path / "out")
    torch.save({"ca_net.fc.weight": torch.ones(()), "x": torch.ones(0)}, released[0])
    with pytest.raises(InputError, match=r"\d+ missing \(.*1 unknown \(x\)"):
        import_attngan(released, tmp_path / "out")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_files_that_would_run_code_are_refused(
    released: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    monkeypatch.chdir(tmp_path)
    if place < 2:
        torch.save({"rnn.weight_ih_l0": torch.ones(1), "trap": Trap()}, released[place])
    else:
        released[place].write_bytes(pickle.dumps([[], [], {}, Trap()], protocol=2))
    with pytest.raises(InputError, match="could run code"):
        import_attngan(released, tmp_path / "out")
    assert not (tmp_path / "sprung").exists()
