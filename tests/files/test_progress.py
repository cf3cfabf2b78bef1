import io

import pytest

from files.progress import progress_bar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_file_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress_bar(range(3), "things")) == [0, 1, 2]
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_one() -> None:
    terminal = Terminal()
    assert list(progress_bar(range(3), "things", file=terminal)) == [0, 1, 2]
    assert "things: 100%" in terminal.getvalue()
