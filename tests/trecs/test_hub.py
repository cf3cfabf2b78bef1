"""The Hub cannot be reached here: a folder stands in for it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
from huggingface_hub import errors

from files.errors import InputError
from trecs import TReCS, hub
from trecs.cli import main
from trecs.narrative import from_text

NAME = "somebody/pictures"


class StandIn:
    """What we use of `HfApi` and of the downloads, on a local folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.downloads: list[str] = []

    def api(self, token: str | None = None) -> "StandIn":
        return self

    def create_repo(self, repo_id: str, **options: Any) -> Any:
        (self.folder / repo_id).mkdir(parents=True, exist_ok=True)
        return huggingface_hub.RepoUrl(f"https://huggingface.co/{repo_id}")

    def upload_folder(self, *, repo_id: str, folder_path: Path, **options: Any) -> str:
        shutil.copytree(folder_path, self.folder / repo_id, dirs_exist_ok=True)
        return f"https://huggingface.co/{repo_id}/commit/0"

    def hf_hub_download(self, repo_id: str, filename: str, **options: Any) -> str:
        self.downloads.append(filename)
        return str(self.folder / repo_id / filename)

    def snapshot_download(self, repo_id: str, **options: Any) -> str:
        self.downloads.append("everything")
        return str(self.folder / repo_id)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn(tmp_path / "hub")
    monkeypatch.setattr("huggingface_hub.hub_mixin.HfApi", stand_in.api)
    monkeypatch.setattr(hub, "hf_hub_download", stand_in.hf_hub_download)
    monkeypatch.setattr(hub, "snapshot_download", stand_in.snapshot_download)
    return stand_in


@pytest.fixture(scope="module")
def studio(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


def test_what_is_pushed_comes_back_and_draws_the_same(
    studio: TReCS, stand_in: StandIn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert NAME in studio.push_to_hub(NAME)
    again = TReCS.from_pretrained(NAME)
    assert stand_in.downloads == ["config.json", "everything"]
    narrative = from_text("two cats on a red couch")
    first, second = (s(narrative, 3, size=64) for s in (studio, again))
    assert first.image is not None
    assert second.image is not None
    assert np.array_equal(first.image, second.image)
    assert again.cards == studio.cards


def test_a_saved_checkpoint_is_whole_and_no_larger(
    studio: TReCS, checkpoints: Path, tmp_path: Path
) -> None:
    studio.save_pretrained(tmp_path / "saved")
    parts = sorted(path.name for path in (tmp_path / "saved").iterdir() if path.is_dir())
    others = ["alignment", "encoder", "generator", "library", "tagger", "trace"]
    assert parts == sorted([*others, "painter"])
    for part in (*others, "painter/thumbnails"):
        saved, bundled = (
            {path.name: path.stat().st_size for path in (folder / part).iterdir()}
            for folder in (tmp_path / "saved", checkpoints)
        )
        assert saved.keys() == bundled.keys()
        assert sum(saved.values()) <= 1.01 * sum(bundled.values())
    card = huggingface_hub.ModelCard.load(tmp_path / "saved" / "README.md")
    assert card.data.license == "other"
    assert card.data.license_name == "see-the-parts"
    assert card.data.library_name == "trecs-studio"
    assert card.data.pipeline_tag == "text-to-image"
    assert "trecs" in (card.data.tags or [])
    assert "TReCS.from_pretrained" in card.text


def test_saving_over_itself_changes_nothing(studio: TReCS, tmp_path: Path) -> None:
    studio.save_pretrained(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    TReCS.from_pretrained(tmp_path).save_pretrained(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_another_repository_is_refused_before_it_is_downloaded(stand_in: StandIn) -> None:
    (stand_in.folder / NAME).mkdir(parents=True)
    (stand_in.folder / NAME / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(InputError, match="damaged or not ours"):
        hub.checkpoint_folder(NAME)
    assert stand_in.downloads == ["config.json"]


def failing(kind: type[Exception]) -> Callable[..., str]:
    def download(*arguments: Any, **options: Any) -> str:
        if issubclass(kind, errors.HfHubHTTPError):
            import httpx

            request = httpx.Request("GET", "https://huggingface.co")
            response: Any = httpx.Response(404, request=request)  # a newer library's is httpx2's
            raise kind("of old", response=response)
        raise kind("of old")

    return download


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (errors.RepositoryNotFoundError, "neither a folder 'a/b' nor a repository"),
        (errors.GatedRepoError, "Access to 'a/b' must be asked for"),
        (errors.RevisionNotFoundError, "no revision 'old'"),
        (errors.LocalEntryNotFoundError, "does not answer, or HF_HUB_OFFLINE"),
        (errors.RemoteEntryNotFoundError, "is no TReCS checkpoint"),
        (errors.HfHubHTTPError, "could not be downloaded"),
        (OSError, "could not be downloaded"),
    ],
)
def test_what_goes_wrong_is_one_clear_line(
    kind: type[Exception], message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hub, "hf_hub_download", failing(kind))
    with pytest.raises(InputError, match=message) as raised:
        hub.checkpoint_folder("a/b", revision="old")
    assert "\n" not in str(raised.value)


def test_without_the_hub_the_command_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "n.json").write_text('{"caption": "a dog"}')
    arguments = ["draw", str(tmp_path / "n.json"), "--out", str(tmp_path / "out")]
    assert main([*arguments, "--checkpoint", "nobody/nothing"]) == 2
    assert "'nobody/nothing'" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nowhere", "/no/such/folder", "a/b/c"])
def test_what_is_neither_folder_nor_repository_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="No checkpoints in"):
        hub.checkpoint_folder(name)
