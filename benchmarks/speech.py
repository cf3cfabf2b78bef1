"""How well the recogniser hears, and how exact its word times are: 20 spoken sentences.

espeak-ng speaks them, so that the true beginning of every word is known from the synthesiser's own
event stream (`benchmarks/espeak.py`). Two figures: the word error rate (substitutions, insertions
and deletions per spoken word, without case and punctuation), and, of the words that were heard
right, how far the beginning that the recogniser tells is from the true one. Half a second of
silence stands before and after each sentence. A synthetic voice is harder to understand than
people are; the times are what is tested.

    python -m benchmarks.speech --speech DIR
"""

import argparse
import re
import sys
import time
from difflib import SequenceMatcher

import numpy as np

from benchmarks.espeak import Spoken, speak
from trecs.commands import arguments
from trecs.narrative.narrative import Word
from trecs.speech.recogniser import Recogniser
from trecs.speech.sound import RATE

BAR = 0.25  # seconds
SILENCE = 0.5  # seconds
SENTENCES = """\
In this picture I can see a brown dog running on the green grass.
There is a man standing near the tree and holding a red umbrella.
In the background there are many buildings and a blue sky with clouds.
On the left side of the image a woman is sitting on a wooden bench.
In front of the house there is a white car parked on the road.
Two horses are standing in the field behind a fence.
A cat is sleeping on the bed next to a yellow pillow.
On the table there is a plate with food, a glass and a fork.
People are walking on the beach, and there are boats in the water.
At the bottom of the picture we can see snow and a person skiing.
The train is moving on the tracks, and beside it there is a platform.
A boy is playing tennis and in his hand he has a racket.
There is a big clock on the tower in the middle of the city.
A girl is riding a bicycle on the street near a bus.
In the kitchen there is an oven, a sink and a refrigerator.
Three zebras are eating grass, and behind them there are trees.
A kite is flying in the sky above the mountains.
There are bananas and apples in a bowl on the counter.
An airplane is standing on the runway, and the sky is grey.
A child is holding a teddy bear and smiling at the camera.
""".splitlines()


def plain(text: str) -> list[str]:
    """A text's words without case and punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def errors(said: list[str], heard: list[str]) -> int:
    """The least number of substitutions, insertions and deletions (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for i, word in enumerate(said, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(heard, 1):
            corner, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, corner + (word != other))
    return row[-1]


def time_errors(spoken: Spoken, heard: list[Word], offset: float) -> list[float]:
    """|seconds| between the true and the told beginnings of words that were heard right.

    Words that espeak-ng speaks as one with the word before ("on the") have no time of their own
    and are left out.
    """
    true = [word.lower() for word, _, _ in spoken.words]
    told = [" ".join(plain(word.text)) for word in heard]
    matched = SequenceMatcher(None, true, told, autojunk=False).get_matching_blocks()
    return [
        abs(heard[block.b + i].start - offset - spoken.words[block.a + i][1])
        for block in matched
        for i in range(block.size)
    ]


def measured(recogniser: Recogniser, sentences: list[str]) -> tuple[float, list[float], float]:
    """The word error rate, all time errors, and the mean seconds that a sentence takes."""
    wrong = count = 0
    off: list[float] = []
    silence = np.zeros(int(SILENCE * RATE), np.float32)
    took = 0.0
    for sentence in sentences:
        spoken = speak(sentence)
        sound = np.concatenate([silence, spoken.at(RATE), silence])
        began = time.perf_counter()
        heard = list(recogniser.words(sound))
        took += time.perf_counter() - began
        said = plain(sentence)
        wrong += errors(said, plain(" ".join(word.text for word in heard)))
        count += len(said)
        off += time_errors(spoken, heard, SILENCE)
    return wrong / count, off, took / len(sentences)


def main() -> int:
    """Prints the figures; returns 1 where the mean time error is over the bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    arguments.add_speech(parser)
    args = parser.parse_args()
    recogniser = Recogniser(args.speech)
    recogniser.words(np.zeros(RATE, np.float32))  # loads
    rate, off, seconds = measured(recogniser, SENTENCES)
    within = np.mean(np.array(off) <= BAR)
    print(f"sentences            {len(SENTENCES)}")
    print(f"word error rate      {rate:.1%}")
    print(f"time error, mean     {np.mean(off):.3f} s of {len(off)} words (bar {BAR} s)")
    print(f"            median   {np.median(off):.3f} s")
    print(f"            95 %     {np.quantile(off, 0.95):.3f} s")
    print(f"            largest  {max(off):.3f} s; within the bar {within:.1%}")
    print(f"seconds a sentence   {seconds:.2f}")
    return int(np.mean(off) > BAR)


if __name__ == "__main__":
    sys.exit(main())
