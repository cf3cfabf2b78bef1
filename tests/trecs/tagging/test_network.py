import pytest
import torch

from segmentation.labels import COUNT
from trecs.tagging.network import Batch, TaggerConfig, TaggerNetwork
from trecs.text.wordpieces import END, PAD, SPECIAL, START, WordPieces

PIECES = WordPieces((*SPECIAL, "dog", "##s", "cat"))


def test_a_batch_knows_the_pieces_of_its_words() -> None:
    batch = Batch.of(PIECES, [["dogs", "cat"], ["cat"]])
    assert batch.pieces.tolist() == [[START, 5, 6, 7, END], [START, 7, END, PAD, PAD]]
    assert batch.parts.int().tolist() == [
        [[0, 1, 1, 0, 0], [0, 0, 0, 1, 0]],
        [[0, 1, 0, 0, 0], [0, 0, 0, 0, 0]],
    ]
    assert batch.lengths.tolist() == [2, 1]


def test_a_label_is_mentioned_as_loudly_as_by_its_words_together() -> None:
    torch.manual_seed(0)
    network = TaggerNetwork(TaggerConfig.tiny(len(PIECES))).eval()
    torch.nn.init.zeros_(network.mention.weight)
    torch.nn.init.constant_(network.mention.bias, -2.0)
    words, mentions = network(*Batch.of(PIECES, [["dogs", "cat", "cat"], ["cat"]]))
    assert words.shape == (2, 3, COUNT)
    assert mentions[0, 0].item() == pytest.approx(-2 + torch.tensor(3.0).log().item(), abs=1e-5)
    assert mentions[1, 0].item() == pytest.approx(-2.0, abs=1e-5)


def test_padding_changes_nothing() -> None:
    torch.manual_seed(0)
    network = TaggerNetwork(TaggerConfig.tiny(len(PIECES))).eval()
    alone = network(*Batch.of(PIECES, [["cat", "dogs"]]))
    beside = network(*Batch.of(PIECES, [["cat", "dogs"], ["dogs"] * 9]))
    torch.testing.assert_close(beside[0][:1, :2], alone[0], atol=1e-5, rtol=0)
    torch.testing.assert_close(beside[1][:1], alone[1], atol=1e-5, rtol=0)


def test_a_part_of_a_batch_may_have_its_shorter_texts_alone() -> None:
    torch.manual_seed(0)
    network = TaggerNetwork(TaggerConfig.tiny(len(PIECES))).eval()
    batch = Batch.of(PIECES, [["dogs"] * 9, ["cat", "dogs"]])
    whole, part = network(*batch), network(*(tensor[1:] for tensor in batch))
    for found, expected in zip(part, whole, strict=True):
        torch.testing.assert_close(found, expected[1:], atol=1e-5, rtol=0)


def test_a_mask_over_bfloat16_keeps_the_logits_whole() -> None:
    network = TaggerNetwork(TaggerConfig.tiny(len(PIECES)))
    with torch.autocast("cpu", torch.bfloat16):
        words, mentions = network(*Batch.of(PIECES, [["cat"]]))
    assert words.dtype == mentions.dtype == torch.float32
