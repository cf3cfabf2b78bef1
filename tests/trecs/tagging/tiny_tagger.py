"""The tagger's training at a test's size, as a program that `torchrun` can start.

Arguments: the data folder and the run's. With narratives of one length, whose means weigh the
same, and without sentences, two processes compute what one does.
"""

import sys
from dataclasses import replace
from pathlib import Path

from trecs.data.dataset import Dataset
from trecs.tagging.course import TaggerTraining
from trecs.tagging.training import train_tagger

CONFIG = replace(TaggerTraining.tiny(), plain_weight=0.0, last_plain_weight=0.0)

if __name__ == "__main__":
    train_tagger(CONFIG, Dataset(Path(sys.argv[1])), Path(sys.argv[2]))
