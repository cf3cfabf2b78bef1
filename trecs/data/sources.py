"""The public files that the studio's models and real scene library are made from."""

from dataclasses import dataclass

from files.errors import InputError

COCO = "http://images.cocodataset.org"
COCO_STUFF = "http://calvin.inf.ed.ac.uk/wp-content/uploads/data/cocostuffdataset"
NARRATIVES = "https://storage.googleapis.com/localized-narratives/annotations"


@dataclass(frozen=True)
class Source:
    """A file to download.

    `checksum` is "md5:..." or "sha1:..." where one is published or in wide use; else it is empty,
    and the SHA-256 of the first download is recorded and holds from then on. `unpack_to` is the
    folder, within the download folder, for the contents of a zip; None for other files.
    """

    url: str
    checksum: str = ""
    unpack_to: str | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]

    def at(self, base_url: str) -> "Source":
        """The same file on a mirror that has all of them in one place."""
        return Source(f"{base_url.rstrip('/')}/{self.name}", self.checksum, self.unpack_to)


GROUPS: dict[str, tuple[Source, ...]] = {
    "annotations": (
        Source(
            f"{COCO}/annotations/annotations_trainval2017.zip",
            "md5:f4bbac642086de4f52a3fdda2de5fa2c",
            ".",
        ),
    ),
    "stuff": (Source(f"{COCO_STUFF}/stuffthingmaps_trainval2017.zip", "", "stuffthingmaps"),),
    "stuff-pixelmaps": (
        Source(
            f"{COCO}/annotations/stuff_annotations_trainval2017.zip",
            "sha1:46cdcf715b6b4f67e980b529534e79c2edffe084",
            ".",
        ),
    ),
    "narratives": (
        *(
            Source(f"{NARRATIVES}/coco_train_localized_narratives-{part:05d}-of-00004.jsonl")
            for part in range(4)
        ),
        Source(f"{NARRATIVES}/coco_val_localized_narratives.jsonl"),
    ),
    "val-photos": (
        Source(f"{COCO}/zips/val2017.zip", "md5:442b8da7639aecaf257c1dceb8ba8c80", "."),
    ),
    "train-photos": (
        Source(f"{COCO}/zips/train2017.zip", "md5:cced6f7f71b7629ddf16f17bbcfab6b2", "."),
    ),
}
DEFAULT_GROUPS = ("annotations", "stuff", "narratives", "val-photos")


def chosen(groups: list[str], base_url: str | None = None) -> list[Source]:
    """The files of these groups, from a mirror where one is given.

    Raises InputError for an unknown group or a mirror that is no web address.
    """
    if base_url is not None and not base_url.startswith(("http://", "https://")):
        raise InputError(f"'{base_url}' is no address; expected http://... or https://...")
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        raise InputError(f"No group '{unknown[0]}'; expected some of {', '.join(GROUPS)}.")
    sources = [source for group in groups for source in GROUPS[group]]
    return [source.at(base_url) for source in sources] if base_url else sources
