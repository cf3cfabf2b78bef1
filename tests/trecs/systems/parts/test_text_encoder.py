import torch

from trecs.systems.parts.text_encoder import TextBatch, TextEncoder

CAPTIONS = [(3, 1), (4, 2, 7, 5), (6,)]


def test_captions_are_stacked() -> None:
    batch = TextBatch.of(CAPTIONS)
    assert batch.numbers.tolist() == [[3, 1, 0, 0], [4, 2, 7, 5], [6, 0, 0, 0]]
    assert batch.lengths.tolist() == [2, 4, 1]
    assert batch.padding.tolist() == [
        [False, False, True, True],
        [False] * 4,
        [False, True, True, True],
    ]


def test_a_caption_has_the_same_features_in_any_batch() -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(9, 5, 6).eval().requires_grad_(False)
    batch = TextBatch.of(CAPTIONS)
    words, sentences = encoder(batch.numbers, batch.lengths)
    assert words.shape == (3, 6, 4)
    assert sentences.shape == (3, 6)
    for n, caption in enumerate(CAPTIONS):
        alone = TextBatch.of([caption])
        own_words, own_sentence = encoder(alone.numbers, alone.lengths)
        torch.testing.assert_close(words[n : n + 1, :, : len(caption)], own_words)
        torch.testing.assert_close(sentences[n : n + 1], own_sentence)
        assert not words[n, :, len(caption) :].any()


def test_the_sentence_is_the_last_state_of_each_direction() -> None:
    torch.manual_seed(0)
    encoder = TextEncoder(9, 5, 6).eval().requires_grad_(False)
    batch = TextBatch.of(CAPTIONS)
    words, sentences = encoder(batch.numbers, batch.lengths)
    for n, caption in enumerate(CAPTIONS):
        torch.testing.assert_close(sentences[n, :3], words[n, :3, len(caption) - 1])
        torch.testing.assert_close(sentences[n, 3:], words[n, 3:, 0])
