"""The pipeline's first stages, for systems that draw what these find."""

from dataclasses import replace

from files.weights import BUNDLED
from trecs.systems.interface import Home


def with_stages(home: Home, stage: str = "tagger") -> Home:
    """A folder that has a system alone is completed by the stages that come with the studio."""
    if (home.checkpoint / stage).is_dir():
        return home
    return replace(home, checkpoint=BUNDLED, pipelines={})
