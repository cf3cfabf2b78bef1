"""The tagger's training at a test's size, as a program that `torchrun` can start.

Arguments: the data folder and the run's. Without masked pieces, drawn by each process for its own
share, and with narratives of one length, whose means weigh the same, two processes compute what
one does.
"""

import sys
from dataclasses import replace
from pathlib import Path

from trecs.tagging.course import TaggerTraining
from trecs.tagging.training import train

CONFIG = replace(TaggerTraining.tiny(), forget=0.0, plain_weight=0.0, last_plain_weight=0.0)

if __name__ == "__main__":
    train(CONFIG, *map(Path, sys.argv[1:]))
