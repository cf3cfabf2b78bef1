from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import Trained
from trecs.data.dataset import Dataset
from trecs.systems.dalle.config import DvaeConfig
from trecs.systems.dalle.dvae_training import Crops, Dvae, DvaeRecipe, DvaeTraining
from trecs.systems.dalle.network import DalleNetworks
from trecs.systems.dalle.recipe import BEGUN, DalleTraining, begin, train_dalle
from trecs.systems.dalle.system import Dalle
from trecs.systems.dalle.transformer import Transformer
from trecs.systems.parts.damsm import Damsm


@pytest.fixture(scope="module")
def trained(dataset: Dataset, damsm: Damsm) -> Trained:
    return Trained(train_dalle, DalleTraining.tiny(), dataset, damsm)


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(trained: Trained, tmp_path: Path) -> None:
    trained.goes_on(tmp_path)


def test_the_vae_learns_first_and_once(trained: Trained, tmp_path: Path) -> None:
    trained(tmp_path, 1)
    state = tmp_path / "vae" / "state.pt"
    assert torch.load(state, weights_only=True)["done"] == DvaeTraining.tiny().steps
    written = state.stat().st_mtime_ns
    trained(tmp_path, 2)
    assert state.stat().st_mtime_ns == written


def test_no_transformer_learns_before_the_vae_has(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    train_dalle(DalleTraining.tiny(), dataset, tmp_path, damsm=damsm, minutes=0)
    assert (tmp_path / "vae" / "state.pt").is_file()
    assert not (tmp_path / "state.pt").exists()
    trained(tmp_path, 1)
    assert (tmp_path / "state.pt").is_file()


def test_codes_begin_where_the_part_without_them_ends(trained: Trained, tmp_path: Path) -> None:
    """A VAE of one step more than has no codes has others than one of no more."""
    for name, uncoded in (("with", 1), ("without", 3)):
        vae = replace(DvaeTraining.tiny(), steps=2, uncoded=uncoded)
        trained(tmp_path / name, 1, vae=vae)
    one, other = (
        Dvae.read(tmp_path / name / "vae" / "model").get_parameter("decoder.blocks.input.w")
        for name in ("with", "without")
    )
    assert (one - other).abs().max() > 0.05


def test_the_temperature_falls_from_1_to_the_last() -> None:
    training = replace(DvaeTraining.tiny(), steps=14, uncoded=4, temperature=0.2)
    crops = Crops(np.zeros((2, 16, 16, 3), np.uint8), side=16, batch=2, seed=0)
    recipe = DvaeRecipe(training, DvaeConfig(7, 4, 4, 4), crops)
    found = [recipe.temperature(step) for step in (0, 3, 4, 9, 14)]
    assert found == pytest.approx([0, 0, 1, 0.6, 0.2])


def test_another_vae_may_be_given(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    """Its codes are those of the model."""
    trained(tmp_path / "one", 1)
    vae = tmp_path / "one" / "vae" / "model"
    training = replace(DalleTraining.tiny(), steps=1)
    other = replace(training, networks=replace(training.networks, codes=9, first=5))
    train_dalle(other, dataset, tmp_path / "other", damsm=damsm, dvae=vae)
    assert not (tmp_path / "other" / "vae").exists()
    networks = Dalle.read(tmp_path / "other" / "model").networks.generator
    assert isinstance(networks, DalleNetworks)
    for name, value in Dvae.read(vae).decoder.state_dict().items():
        torch.testing.assert_close(networks.decoder.state_dict()[name], value, msg=name)


def test_the_averaged_transformer_is_kept_beside_the_decoder(
    trained: Trained, tmp_path: Path
) -> None:
    averaged = trained(tmp_path, 3)
    model = Dalle.read(tmp_path / "model")
    networks = model.networks.generator
    assert isinstance(networks, DalleNetworks)
    for name, value in networks.transformer.state_dict().items():
        kept = averaged[f"transformer.{name}"]
        torch.testing.assert_close(value, kept, rtol=1e-2, atol=5e-3, msg=name)
    drawing = model.painted(VOCABULARY.encode("a red dog", 6), 0)
    assert drawing.picture.shape == (16, 16, 3)


def test_words_begin_as_those_of_the_damsm(damsm: Damsm) -> None:
    config = replace(DalleTraining.tiny().networks, width=damsm.networks.config.embedding, heads=1)
    transformer = Transformer(replace(config, vocabulary=5))
    begin(transformer, damsm)
    known = damsm.networks.text_encoder.encoder.weight[:5]
    torch.testing.assert_close(transformer.words.weight[:5], known * BEGUN / known.std())


def test_a_run_goes_on_with_its_own_vae_alone(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    trained(tmp_path, 1)
    torch.manual_seed(1)
    Dvae(DalleTraining.tiny().networks.vae).save(tmp_path / "other")
    own, other = tmp_path / "vae" / "model", tmp_path / "other"
    with pytest.raises(InputError, match="holds a run of another model"):
        train_dalle(DalleTraining.tiny(), dataset, tmp_path, damsm=damsm, dvae=other)
    train_dalle(DalleTraining.tiny(), dataset, tmp_path, damsm=damsm, dvae=own)


def test_a_given_vae_asks_for_no_photos_of_its_own(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    trained(tmp_path / "one", 1)
    training = replace(DalleTraining.tiny(), vae=replace(DvaeTraining.tiny(), batch=5))
    vae = tmp_path / "one" / "vae" / "model"
    train_dalle(training, dataset, tmp_path / "other", damsm=damsm, dvae=vae)
    assert (tmp_path / "other" / "model").is_dir()


def test_photos_without_a_known_word_are_passed_over(
    trained: Trained, dataset: Dataset, damsm: Damsm, tmp_path: Path
) -> None:
    few = replace(DalleTraining.tiny().networks, vocabulary=VOCABULARY.words.index("sky"))
    trained(tmp_path, 1, networks=few)
    with pytest.raises(InputError, match=r"A batch of 4 .* 3 photos with a known word"):
        trained(tmp_path / "other", 1, networks=few, batch=4)


@pytest.mark.parametrize(("batch", "vae"), [(2, 5), (5, 2)])
def test_both_batches_can_be_drawn_or_nothing_learns(
    trained: Trained, tmp_path: Path, batch: int, vae: int
) -> None:
    with pytest.raises(InputError, match="from the 4 photos"):
        trained(tmp_path, 1, batch=batch, vae=replace(DvaeTraining.tiny(), batch=vae))
    assert not (tmp_path / "vae").exists()
