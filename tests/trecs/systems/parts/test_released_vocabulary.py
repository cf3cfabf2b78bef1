import pickle
from pathlib import Path

import pytest

from files.errors import InputError
from tests.files.test_released import Trap
from tests.trecs.systems.attngan.tiny import VOCABULARY, captions_pickle
from trecs.systems.parts.released_vocabulary import read_vocabulary

OF_PYTHON_2 = b"\x80\x02](]]}K\x00U\x05<end>s}U\x05<end>K\x00se."  # with strings of bytes


def written(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "captions.pickle").write_bytes(content)
    return tmp_path / "captions.pickle"


def test_words_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    assert read_vocabulary(written(tmp_path, captions_pickle())) == VOCABULARY
    assert read_vocabulary(written(tmp_path, OF_PYTHON_2)).words == ("<end>",)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_objects_are_refused_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, pickle.dumps([[], [], {0: "<end>"}, Trap()], protocol=protocol))
    with pytest.raises(InputError, match=r"could run code \(it holds '.*\.eval'\)"):
        read_vocabulary(path)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("harmless", [set, bytearray, complex])
def test_even_harmless_classes_are_refused(tmp_path: Path, harmless: type) -> None:
    path = written(tmp_path, pickle.dumps([[], [], {0: "<end>"}, harmless], protocol=2))
    with pytest.raises(InputError, match="could run code"):
        read_vocabulary(path)


END = {"<end>": 0}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"words": 3}, "is not the authors'"),
        ([[], [], {0: "<end>"}], "is not the authors'"),
        ("four", "is not the authors'"),
        ([[], [], ["<end>"], END], "is not the authors'"),
        ([[], [], {0: "<end>", 2: "a"}, {**END, "a": 2}], "no word of number 1"),
        ([[], [], {0: "<end>", 1: ["a"]}, END], "no word of number 1"),
        ([[], [], {0: "<end>", 1: "a\nb"}, {**END, "a\nb": 1}], "no word of number 1"),
        ([[], [], {0: "<end>", 1: "a"}, {**END, "b": 1}], "not numbered alike"),
        ([[], [], {0: "a", 1: "<end>"}, {"a": 0, "<end>": 1}], "not numbered alike"),
        ([[], [], {}, {}], "not numbered alike"),
    ],
)
def test_other_contents_are_refused(tmp_path: Path, record: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_vocabulary(written(tmp_path, pickle.dumps(record, protocol=2)))


@pytest.mark.parametrize("content", [b"", b"a caption", captions_pickle()[:-9], b"\x80\x02]"])
def test_damaged_files_are_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InputError, match="damaged"):
        read_vocabulary(written(tmp_path, content))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_vocabulary(tmp_path / "captions.pickle")
