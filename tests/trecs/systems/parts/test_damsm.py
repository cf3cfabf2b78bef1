from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks
from trecs.systems.parts.image_encoder import EfficientNetEncoder


@pytest.fixture(scope="module")
def damsm() -> Damsm:
    torch.manual_seed(0)
    return Damsm(DamsmNetworks(DamsmConfig.tiny(len(VOCABULARY))), VOCABULARY)


def test_texts_and_pictures_come_into_one_space(damsm: Damsm) -> None:
    texts = damsm.encode_texts(["a dog", "the brown horse runs"])
    assert texts.shape == (2, 8)
    torch.testing.assert_close(damsm.encode_texts(["A DOG!"]), texts[:1])
    assert damsm.encode_pictures(torch.rand(3, 3, 64, 64)).shape == (3, 8)
    with pytest.raises(InputError, match="knows no word"):
        damsm.encode_texts(["a dog", "zebra"])


def test_folders_go_round(damsm: Damsm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EfficientNetEncoder, "load_trunk", lambda _: None)
    damsm.save(tmp_path)
    read = Damsm.load(tmp_path)
    assert read.networks.config == damsm.networks.config
    assert torch.equal(read.encode_texts(["a dog"]), damsm.encode_texts(["a dog"]))
    (tmp_path / "vocab.txt").write_text("<end>\na\n")
    with pytest.raises(InputError, match="The vocabulary has 2 words"):
        Damsm.load(tmp_path)
