"""Checkpoints on the Hugging Face Hub: downloaded by name, uploaded with their model cards.

A repository holds what a checkpoint folder does, each part in its folder with its card, and at its
root a `config.json` that says what it is and a card that tells of the parts.
"""

import json
import re
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path

from huggingface_hub import ModelHubMixin, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from files.errors import InputError
from files.weights import FORMAT, read_record
from files.whole import copy_atomically, write_atomically

KIND = "trecs"
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
CARD = """\
---
{{ card_data }}
---
# TReCS checkpoint

The trained parts of TReCS Studio: a description and a mouse trace become a segmentation canvas,
and the canvas a picture ([Koh et al., WACV 2021](https://arxiv.org/abs/2011.03775)).

    from trecs import TReCS
    from trecs.narrative import from_text

    studio = TReCS.from_pretrained("user/repository")
    picture = studio(from_text("a dog on the grass")).image

or `trecs draw narrative.json --checkpoint user/repository --out drawing`.

- **Data**, **Recipe**, **Numbers** and **Limits**: in the card of each part: `tagger`, `trace`,
  `alignment`, `encoder`, `generator` and `library`.
- **Licence**: that of each part, as its card tells; the strictest binds the pictures.
"""


class OnHub(
    ModelHubMixin,
    library_name="trecs-studio",
    pipeline_tag="text-to-image",
    license="other",
    license_name="see-the-parts",
    tags=["trecs", "image-generation", "localized-narratives"],
    model_card_template=CARD,
):
    """What can be saved to a folder and pushed to the Hub, part by part.

    `save_pretrained(folder)` writes everything into a local folder, `push_to_hub("user/repo")`
    into a repository, which is made if need be (log in with `hf auth login`; large files go
    through LFS by themselves).
    """

    cards: Mapping[str, str]  # the parts' model cards, by the parts' names

    @abstractmethod
    def save_parts(self, folder: Path) -> None:
        """Writes each part into its folder within `folder`."""

    def _save_pretrained(self, save_directory: Path) -> None:
        self.save_parts(save_directory)
        for part, card in self.cards.items():
            write_atomically(save_directory / part / "README.md", card.encode())
        record = json.dumps({"kind": KIND, "format": FORMAT}, indent=2) + "\n"
        write_atomically(save_directory / "config.json", record.encode())


def checkpoint_folder(
    name: Path | str, *, revision: str | None = None, token: str | None = None
) -> Path:
    """A local checkpoint folder as it is, or a Hub repository ("user/repo") once downloaded.

    Downloads are kept in the Hub's own cache and not repeated. Raises InputError, in one line,
    where there is neither, nothing can be reached, access is not granted, or the repository is
    not a TReCS checkpoint (which is seen before anything large is downloaded).
    """
    folder = Path(name)
    if folder.is_dir():
        return folder
    repository = folder.as_posix()
    if not REPOSITORY.fullmatch(repository):
        raise InputError(
            f"No checkpoints in '{folder}'; expected a folder with tagger, trace, encoder, "
            "generator and library, such as the repository's `checkpoints`, or the name of a "
            "repository on the Hugging Face Hub (user/repo)."
        )
    try:
        config = hf_hub_download(repository, "config.json", revision=revision, token=token)
        read_record(Path(config).parent, KIND)
        return Path(snapshot_download(repository, revision=revision, token=token))
    except GatedRepoError as error:
        raise InputError(
            f"Access to '{repository}' must be asked for: on huggingface.co/{repository}, then "
            "`hf auth login`."
        ) from error
    except RevisionNotFoundError as error:
        raise InputError(f"'{repository}' has no revision '{revision}' on the Hub.") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise InputError(
            f"There is neither a folder '{repository}' nor a repository of that name on the "
            "Hugging Face Hub (for a private one: `hf auth login`)."
        ) from error
    except LocalEntryNotFoundError as error:
        raise InputError(
            f"There is no folder '{repository}', and a repository of that name is neither in the "
            "cache nor to be reached: the Hugging Face Hub does not answer, or HF_HUB_OFFLINE is "
            "set."
        ) from error
    except EntryNotFoundError as error:
        raise InputError(
            f"'{repository}' on the Hugging Face Hub is no TReCS checkpoint: it has no config.json."
        ) from error
    except (HfHubHTTPError, OSError) as error:
        why = " ".join(str(error).split())[:160]
        raise InputError(f"'{repository}' could not be downloaded ({why}); try again.") from error


def copied(folder: Path, target: Path) -> None:
    """Copies the files of a part whose data stay on disk, where they are not there already."""
    if target.resolve() == folder.resolve():
        return
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.name.startswith("."):
            copy_atomically(path, target / path.name)
