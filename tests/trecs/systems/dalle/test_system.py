from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trecs.systems.clip.tiny import tiny_clip
from tests.trecs.systems.dalle.tiny import CONFIG, install, tiny_dalle
from trecs.narrative import from_text
from trecs.systems.dalle.system import Dalle
from trecs.systems.interface import Drawing, Home
from trecs.systems.parts.clip_tokens import WordTokens
from trecs.systems.parts.vocabulary import END, CaptionVocabulary

SAID = from_text("a red dog")


def shown(drawing: Drawing) -> list[bytes]:
    return [frame.picture.tobytes() for frame in drawing.frames]


def test_all_candidates_are_shown_up_to_the_picture() -> None:
    drawing = tiny_dalle().draw(SAID, 2)
    assert len(set(shown(drawing))) == len(drawing.frames) == CONFIG.candidates
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.picture.shape == (16, 16, 3)
    assert any("no CLIP ranks them" in note for note in drawing.notes)


def test_clip_ranks_candidates() -> None:
    model = tiny_dalle()
    plain = model.draw(SAID, 2)
    model.clip = tiny_clip()
    drawing = model.draw(SAID, 2)
    assert sorted(shown(drawing)) == sorted(shown(plain))
    assert shown(drawing) != shown(plain)
    pictures = np.stack([frame.picture for frame in drawing.frames])
    scaled = torch.from_numpy(pictures).permute(0, 3, 1, 2) / 127.5 - 1
    scores = model.clip.score(scaled, ["a red dog"])[:, 0].tolist()
    assert scores == pytest.approx(sorted(scores), abs=2e-3)
    assert any("ranked by CLIP" in note for note in drawing.notes)


def test_words_that_clip_does_not_know_rank_nothing() -> None:
    model = tiny_dalle()
    plain = model.draw(SAID, 2)
    model.clip = tiny_clip(WordTokens(CaptionVocabulary((END, "sky"))))
    drawing = model.draw(SAID, 2)
    assert shown(drawing) == shown(plain)
    assert any("CLIP knows no word" in note for note in drawing.notes)


def test_an_installed_clip_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "none"))
    install(tmp_path / "dalle")
    home = Home(tmp_path)
    assert Dalle.load(home, "cpu").clip is None
    tiny_clip().save(tmp_path / "clip")
    assert Dalle.parts(home) == (tmp_path / "dalle", tmp_path / "clip")
    assert Dalle.load(home, "cpu").clip is not None
