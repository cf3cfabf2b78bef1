from pathlib import Path

import pytest

from files.errors import InputError
from tests.processes import NOBODY, in_a_child
from trecs.commands.output import check_file, check_folder


def test_places_that_cannot_be_written_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file", tmp_path / "file" / "inside" / "it"):
        with pytest.raises(InputError, match="is a file"):
            check_folder(out)
    with pytest.raises(InputError, match="is a folder"):
        check_file(tmp_path)
    with pytest.raises(InputError, match="Nothing can be written"):
        check_folder(Path("/proc/out"))
    check_folder(tmp_path / "new" / "out")
    check_file(tmp_path / "new" / "image.png")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_where_this_user_may_not_write_is_told_before_the_work(closed: Path) -> None:
    def check() -> None:
        with pytest.raises(InputError, match=r"Nothing can be written to .*; give another --out"):
            check_folder(closed.parent / "new" / "out")
        with pytest.raises(InputError, match="Nothing can be written to"):
            check_file(closed.parent / "image.png")
        check_folder(closed)
        check_folder(closed / "new")

    assert in_a_child(check, NOBODY) == 0
    assert list(closed.iterdir()) == []


def test_a_name_that_is_too_long_is_told_before_the_work(tmp_path: Path) -> None:
    check_folder(tmp_path / ("x" * 255))
    for check in (check_folder, check_file):
        with pytest.raises(InputError, match="the name is too long"):
            check(tmp_path / ("x" * 256))


@pytest.mark.parametrize("target", ["nowhere", "link"])
def test_a_link_to_nothing_is_told_before_the_work(tmp_path: Path, target: str) -> None:
    link = tmp_path / "link"
    link.symlink_to(target)
    for check, out in ((check_folder, link), (check_folder, link / "x"), (check_file, link / "x")):
        with pytest.raises(InputError, match=f"link' is a link to '{target}', which is not there"):
            check(out)


def test_what_is_no_file_is_not_replaced() -> None:
    with pytest.raises(InputError, match="is no file that can be replaced"):
        check_file(Path("/dev/null"))
