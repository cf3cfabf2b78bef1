from pathlib import Path

import pytest

from tests.trecs.learning.tiny_training import TinyRecipe
from trecs.learning.loop import train
from trecs.learning.run import Run


class Exported(TinyRecipe):
    """Writes how many steps it has done, or fails to."""

    fails = False

    def export(self, folder: Path, done: int) -> None:
        if self.fails:
            raise KeyboardInterrupt
        folder.mkdir(exist_ok=True)
        (folder / "done").write_text(str(done))


def test_a_run_that_was_killed_while_it_wrote_its_model_writes_it_again(tmp_path: Path) -> None:
    for steps, fails in ((2, False), (4, True), (4, False)):
        with Run(tmp_path, seed=0) as run:
            recipe = Exported(steps, slow=0.0)
            recipe.fails = fails
            if fails:
                with pytest.raises(KeyboardInterrupt):
                    train(recipe, run, seed=0)
            else:
                assert train(recipe, run, seed=0)
    assert (tmp_path / "model" / "done").read_text() == "4"
