from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.clip.tiny import TOKENS
from tests.trecs.systems.references import assert_near
from trecs.data.dataset import Dataset
from trecs.data.described import load_squares
from trecs.learning.run import Run
from trecs.systems.clip.recipe import ClipRecipe, ClipTraining, hidden, train_clip
from trecs.systems.parts.caption_training import CaptionBatches, trainable_photos
from trecs.systems.parts.clip_network import LARGEST_SCALE, Clip, ClipConfig
from trecs.systems.parts.clip_tokens import WordTokens
from trecs.systems.parts.contrastive import Contrastive
from trecs.systems.parts.vocabulary import END

TINY = ClipTraining.tiny()


def state(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = torch.load(folder / "state.pt", weights_only=True)
    return found


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(dataset: Dataset, tmp_path: Path) -> None:
    train_clip(TINY, dataset, tmp_path / "whole")
    for minutes in (0.0, 0.0, None):
        train_clip(TINY, dataset, tmp_path / "parts", minutes=minutes)
    one, other = (state(tmp_path / name)["averaged"] for name in ("whole", "parts"))
    for name, value in one.items():
        torch.testing.assert_close(other[name], value, msg=name)


def test_the_averaged_network_is_kept(dataset: Dataset, tmp_path: Path) -> None:
    train_clip(TINY, dataset, tmp_path)
    clip, kept = Contrastive.load(tmp_path / "model"), state(tmp_path)["averaged"]
    assert clip.network.config.vocabulary == clip.tokens.vocabulary
    for name, value in clip.network.state_dict().items():
        torch.testing.assert_close(value, kept[name], rtol=1e-2, atol=5e-3, msg=name)


def test_photos_find_their_captions(dataset: Dataset, tmp_path: Path) -> None:
    """Overfitting four photos, which the loss of guesses, log 4 = 1.39, tells from chance."""
    networks = replace(ClipConfig.tiny(40), picture_width=16, text_width=16)
    training = replace(TINY, networks=networks, steps=120, batch=4, warmup=5, rate=1e-2,
                       jitter=0.0, masked=0.0, hidden=0.0)  # fmt: skip
    train_clip(training, dataset, tmp_path)
    photos = trainable_photos(dataset, 4)
    clip = Contrastive.load(tmp_path / "model")
    squares = torch.from_numpy(load_squares([one.photo for one in photos], 16))
    pictures = squares.permute(0, 3, 1, 2).float() / 127.5 - 1
    scores = clip.score(pictures, [one.texts[0] for one in photos])
    assert (scores.argmax(1) == torch.arange(4)).sum() >= 3


def test_the_scale_never_passes_its_cap(dataset: Dataset, tmp_path: Path) -> None:
    photos = trainable_photos(dataset, 3)
    batches = CaptionBatches(photos, VOCABULARY, 6, side=16, batch=3, seed=0)
    networks = ClipConfig.tiny(TOKENS.vocabulary)
    recipe = ClipRecipe(replace(TINY, networks=networks), TOKENS, batches)
    with Run(tmp_path, seed=0) as run:
        recipe.players["clip"].prepare(run)
        recipe.run, recipe.part = run, run.share(recipe.batch, recipe.least)
        with torch.no_grad():
            recipe.network.logit_scale.fill_(9.0)
        next(recipe.turns(batches[0], 0))
    assert recipe.network.logit_scale.item() == pytest.approx(LARGEST_SCALE)


def test_photos_without_a_known_word_are_passed_over(dataset: Dataset, tmp_path: Path) -> None:
    """Of four captions one has no word that is among the three most frequent ones."""
    training = replace(TINY, networks=ClipConfig.tiny(6))
    train_clip(training, dataset, tmp_path)
    clip = Contrastive.load(tmp_path / "model")
    assert isinstance(clip.tokens, WordTokens)
    assert clip.tokens.words.words == (END, "a", "dog", "the")
    with pytest.raises(InputError, match=r"A batch of 4 .* 3 photos with a known word"):
        train_clip(replace(training, batch=4), dataset, tmp_path / "other")


def test_hidden_words_leave_one_at_least() -> None:
    torch.manual_seed(0)
    assert hidden((5, 6, 7), 1.0) == [5]
    assert hidden((5, 6, 7), 0.0) == [5, 6, 7]
    lengths = [len(hidden(range(10), 0.3)) for _ in range(300)]
    assert sum(lengths) / 3000 == pytest.approx(0.7, abs=0.05)


def test_a_part_of_the_patches_is_looked_at() -> None:
    """Patches that are left out count for nothing, and the order of the others likewise."""
    torch.manual_seed(0)
    network = Clip(replace(ClipConfig.tiny(), side=32)).eval()
    pictures = torch.rand(2, 3, 32, 32) * 2 - 1
    changed = pictures.clone()
    changed[:, :, 24:, 24:] = 1  # the last of 16 patches
    kept, turned = torch.arange(15).expand(2, -1), torch.arange(15).flip(0).expand(2, -1)
    one = network.picture_features(pictures, kept)
    assert_near(network.picture_features(changed, turned), one, 1e-5)
    whole = network.picture_features(pictures, torch.arange(16).expand(2, -1))
    assert_near(whole, network.picture_features(pictures), 1e-5)
    assert (network.picture_features(changed) - whole).abs().max() > 1e-3


def test_it_learns_in_half_precision(dataset: Dataset, tmp_path: Path) -> None:
    train_clip(TINY, dataset, tmp_path, precision="bf16-mixed")
    assert all(value.isfinite().all() for value in state(tmp_path)["averaged"].values())


@pytest.mark.parametrize("batch", [1, 5])
def test_batches_that_cannot_be_drawn_are_refused(
    dataset: Dataset, tmp_path: Path, batch: int
) -> None:
    with pytest.raises(InputError, match="from the 4 photos"):
        train_clip(replace(TINY, batch=batch), dataset, tmp_path)
