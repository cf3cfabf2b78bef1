"""The narratives of an evaluation's folder, with what every system made of each and how good."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from files.errors import InputError
from files.pictures import read_rgb
from segmentation.canvas import read_label_map
from trecs.data.dataset import Dataset, data_folder
from trecs.data.squeezing import squeezed
from trecs.evaluation.cases import Case, cases_of, squeezed_labels
from trecs.evaluation.measures.canvas import mean_iou
from trecs.evaluation.measures.likeness import psnr, ssim
from trecs.evaluation.run_folder import Drawn, RunFolder
from trecs.narrative import Narrative
from trecs.narrative.collection import BadEntry, Entry


@dataclass(frozen=True, eq=False)
class Seen:
    """What a system drew of a narrative, and how it was judged; None where that has no meaning.

    `picture` (S, S, 3) uint8 RGB; `label_map` (S, S) uint8. `iou`: of the canvas with the photo's
    label map; `ssim`, `psnr` (dB): of the picture with the photo; `tagged`: the share of words with
    the reference's label. Measured as `trecs.evaluation.looking` does.
    """

    system: str
    take: int
    seconds: float
    picture: NDArray[np.uint8]
    label_map: NDArray[np.uint8] | None
    iou: float | None
    ssim: float | None
    psnr: float | None
    tagged: float | None


class RunCollection:
    """The narratives that an evaluation drew, in memory with their traces.

    `data`: the data folder, where it lies elsewhere by now. Raises InputError where the folder is
    no evaluation, where its narratives are not there any more, or none was drawn.
    """

    def __init__(self, folder: Path, data: Path | None = None) -> None:
        self._run = RunFolder(folder)
        asked = self._run.settings().asked
        cases = cases_of(Dataset(data_folder(data or Path(asked["data"]))))
        self._drawn: dict[str, dict[tuple[str, int], Drawn]] = {}
        for one in self._run.drawn():
            self._drawn.setdefault(one.key.case, {})[one.key.system, one.key.take] = one
        known = {case.name: case for case in cases if isinstance(case, Case)}
        self._cases = [known[name] for name in sorted(self._drawn) if name in known]
        self.entries = [Entry.of(case.name, case.narrative) for case in self._cases]
        self.bad = [
            BadEntry(f"{one.key.case} by {one.key.system}", one.reason)
            for one in self._run.failed()
            if (one.key.system, one.key.take) not in self._drawn.get(one.key.case, {})
        ]
        if not self.entries:
            raise InputError(
                f"'{folder}' has no picture of a narrative of '{asked['data']}'; draw some with "
                "`trecs evaluate`, or name the data folder that it drew from with --data."
            )

    def narrative(self, number: int) -> Narrative:
        """The narrative of an entry with its trace."""
        return self._cases[number].narrative

    def photo(self, number: int) -> NDArray[np.uint8] | None:
        """The photo that it tells of, (S, S, 3) uint8 RGB, squeezed as it is compared."""
        path, size = self._cases[number].image, self._run.settings().size
        return None if path is None else squeezed(Image.fromarray(np.array(read_rgb(path))), size)

    def seen(self, number: int) -> Iterator[Seen]:
        """What each system drew of it; pictures whose files are lost are left out."""
        case = self._cases[number]
        photo, truth = self.photo(number), squeezed_labels(case.labels, self._run.settings().size)
        for (system, take), one in sorted(self._drawn[case.name].items()):
            if not self._run.picture(one.key).is_file():
                continue
            picture = np.array(read_rgb(self._run.picture(one.key)))
            path = self._run.labels(one.key)
            label_map = read_label_map(path) if path.is_file() else None
            alike = photo is not None and photo.shape == picture.shape
            fits = truth is not None and label_map is not None and truth.shape == label_map.shape
            given, tags = case.tags, one.tags
            same = given is not None and tags is not None and len(tags) == len(given)
            yield Seen(
                system,
                take,
                one.seconds,
                picture,
                label_map,
                mean_iou(truth, label_map) if fits else None,  # type: ignore[arg-type]
                ssim(picture, photo) if alike else None,  # type: ignore[arg-type]
                psnr(picture, photo) if alike else None,  # type: ignore[arg-type]
                float((np.array(tags) == given).mean()) if same else None,
            )
