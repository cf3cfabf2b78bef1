from pathlib import Path

import pytest

from tests.trecs.data.tiny_photos import tiny_photos
from tests.trecs.synthesis.painter.random_autoencoder import save_random_autoencoder
from trecs.cli import main
from trecs.synthesis.painter.latent_store import LatentStore


def arguments(folder: Path) -> list[str]:
    parts = [(f"--{name}", str(folder / name)) for name in ("data", "autoencoder", "out")]
    return ["data", "latents", *(word for part in parts for word in part), "--processes", "1"]


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    return captured.err


def test_writes_latents_and_prints_the_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny_photos(tmp_path / "data")
    save_random_autoencoder(tmp_path / "autoencoder")
    words = [*arguments(tmp_path), "--passes", "1", "--limit", "1"]
    for _ in range(2):  # the second time nothing is left to do
        assert main(words) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'out'}: 2 views of 1 photos\n"
    assert LatentStore(tmp_path / "out").kind.tolist() == ["middle", "middle-mirrored"]
    assert "another plan" in refused([*words, "--limit", "2"], capsys)


def test_what_is_missing_is_a_line_and_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "No training data in" in refused(arguments(tmp_path), capsys)
    (tmp_path / "data").mkdir()
    assert "madebyollin/taesd" in refused(arguments(tmp_path), capsys)
    save_random_autoencoder(tmp_path / "autoencoder")
    assert "No photos with label maps" in refused(arguments(tmp_path), capsys)
    assert not (tmp_path / "out").exists()
    (tmp_path / "out").write_text("in the way")
    assert "is a file" in refused(arguments(tmp_path), capsys)


def test_bad_arguments_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--passes", "3"], ["--processes", "0"], ["--limit", "none"]):
        with pytest.raises(SystemExit) as end:
            main(["data", "latents", "--autoencoder", "a", "--out", "b", *words])
        assert end.value.code == 2
        assert capsys.readouterr().err.count("\n") == 1
    with pytest.raises(SystemExit) as end:
        main(["data", "latents", "--help"])
    assert end.value.code == 0
    assert "example: trecs data latents" in capsys.readouterr().out
