"""COCO's annotation files, and what other tools export in its format.

Read by the library's build and by `trecs data prepare`. A file is checked when it is read, so
that nothing later meets a photo without a size or a region that does not fit its photo. What an
annotation says wrongly is left out, and counted; a wrong image stops all, since nobody knows what
its annotations mean.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from files.errors import InputError
from files.left_out import LeftOut
from files.text import once
from retrieval.categories import Categories, read_categories
from retrieval.identity import clean_path, image_number, stem_of, whole_number
from retrieval.silhouettes import MAX_SIDE, BadOutline, read_outline

NO_SYNONYMS: Mapping[str, int] = {}


@dataclass(frozen=True, eq=False)
class CocoImage:
    """A photo and its things.

    `record`: COCO's own record. `annotations`: COCO's own records with `image_id` as the image's
    `id`, `category_id` as the value of its label plus one, and an outline that can be used.
    """

    id: int
    file_name: str
    height: int
    width: int
    record: Mapping[str, Any]
    annotations: Sequence[Mapping[str, Any]] = ()

    @property
    def stem(self) -> str:
        """The file name without its folders and ending."""
        return stem_of(self.file_name)


@dataclass(frozen=True, eq=False)
class CocoInstances:
    """An `instances_*.json`: its photos in their order, and what became of its annotations."""

    images: tuple[CocoImage, ...]
    categories: Categories
    left_out: LeftOut

    def report(self) -> list[str]:
        """What the user should know of it, a line each."""
        return [*self.categories.notes, *self.left_out.lines()]


def read_instances(
    path: Path, *, synonyms: Mapping[str, int] = NO_SYNONYMS, strict: bool = False
) -> CocoInstances:
    """Reads an `instances_*.json`.

    `synonyms`: names of labels that categories may have, beside the labels' own, with their
    values. `strict`: an annotation that cannot be used is refused rather than left out. Raises
    InputError for another kind of file, for images that cannot be used, for two of one id or name,
    and where no annotation of all can be used.
    """
    record = read_json(path, "an instances file such as COCO's instances_val2017.json")
    if not isinstance(record, dict) or not all(
        isinstance(record.get(name), list) for name in ("images", "annotations")
    ):
        raise InputError(
            f"'{path}' is JSON, but no COCO annotation file; expected an object with the lists "
            "'images' and 'annotations', such as COCO's instances_val2017.json."
        )
    images = [_image(image, path) for image in record["images"]]
    _check_single(images, path)
    categories = read_categories(record.get("categories"), path, synonyms)
    left_out = LeftOut("annotations", len(record["annotations"]), strict=strict)
    of_image = _annotations(record["annotations"], images, categories, left_out)
    if left_out and len(left_out) == left_out.total:
        raise InputError(
            f"No annotation of '{path}' can be used: {' '.join(left_out.lines())}. Expected "
            "outlines (polygons or run lengths) in categories with names of COCO's things."
        )
    return CocoInstances(
        tuple(
            CocoImage(i.id, i.file_name, i.height, i.width, i.record, tuple(of_image[i.id]))
            for i in images
        ),
        categories,
        left_out,
    )


def read_json(path: Path, what: str) -> Any:
    """A JSON file as parsed; raises InputError where it cannot be read."""
    try:
        return json.loads(path.read_bytes(), object_pairs_hook=once)
    except OSError as error:
        raise InputError(f"'{path}' cannot be read ({error.strerror}); expected {what}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"'{path}' is not JSON ({error}); expected {what}. Is it truncated?"
        ) from error


def _image(given: Any, path: Path) -> CocoImage:
    record = given if isinstance(given, dict) else {}
    number, name = image_number(record.get("id")), clean_path(record.get("file_name"))
    width, height = (whole_number(record.get(side)) or 0 for side in ("width", "height"))
    usable = 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE
    if number is None or name is None or not usable:
        raise InputError(
            f"An entry of 'images' in '{path}' cannot be used: {json.dumps(given)[:200]}; expected "
            "id (a number of at least 0, or a text), file_name (no path that leads out of its "
            f"folder), width and height (whole pixels, 1 to {MAX_SIDE})."
        )
    return CocoImage(number, name, height, width, record)


def _check_single(images: Sequence[CocoImage], path: Path) -> None:
    """Raises InputError where two images would become one."""
    ids: dict[int, CocoImage] = {}
    stems: dict[str, CocoImage] = {}
    for image in images:
        same_id, same_stem = ids.setdefault(image.id, image), stems.setdefault(image.stem, image)
        if same_id is not image:
            raise InputError(
                f"Two images of '{path}' have the id {image.record['id']}: '{same_id.file_name}' "
                f"and '{image.file_name}'; expected an id for each. Number them apart."
            )
        if same_stem is not image:
            raise InputError(
                f"Two images of '{path}' have one name: '{same_stem.file_name}' (id "
                f"{same_stem.record['id']}) and '{image.file_name}' (id {image.record['id']}); "
                "their maps and scenes would be one. Give each a name of its own, folder and "
                "ending aside."
            )


def _annotations(
    given: Sequence[Any],
    images: Sequence[CocoImage],
    categories: Categories,
    left_out: LeftOut,
) -> Mapping[int, list[Mapping[str, Any]]]:
    """The annotations that can be used, by their image's id."""
    known = {image.id: image for image in images}
    of_image = defaultdict(list)
    for position, annotation in enumerate(given, 1):
        if not isinstance(annotation, dict):
            left_out.add(f"annotation no. {position}", "that are no objects")
            continue
        stated = annotation.get("image_id")
        name = annotation.get("id", f"no. {position}")
        which = f"annotation {name!s:.40} of photo {stated!s:.40}"
        number = image_number(stated)
        image = known.get(number) if number is not None else None
        category = whole_number(annotation.get("category_id"))
        label = categories.labels.get(category) if category is not None else None
        if image is None:
            left_out.add(which, "of a photo that is not listed")
        elif label is None:
            why = categories.wrong(category)
            left_out.add(which, why, f"it is {why}")
        else:
            try:
                shape = read_outline(annotation.get("segmentation"), image.height, image.width)
            except BadOutline as error:
                left_out.add(which, error.why, str(error))
            else:
                of_image[image.id].append(_as_read(annotation, image.id, label + 1, shape))
    return of_image


def _as_read(
    annotation: dict[str, Any], image: int, category: int, shape: Any
) -> Mapping[str, Any]:
    """The record with what was read of it; the same one where it says just that."""
    read = {"image_id": image, "category_id": category, "segmentation": shape}
    crowd = annotation.get("iscrowd", 0)
    if type(crowd) is not int:  # "0" would count as a crowd
        said_so = str(crowd).strip().lower() == "true"
        read["iscrowd"] = int(said_so or bool(whole_number(crowd)))
    said = (annotation.get(key) for key in read)
    if all(
        one is other or (type(one) is int and one == other)
        for one, other in zip(said, read.values(), strict=True)
    ):
        return annotation
    return {**annotation, **read}
