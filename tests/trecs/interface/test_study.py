from pathlib import Path

import pytest

from tests.trecs.evaluation.test_study import folder  # noqa: F401
from trecs.evaluation.study import QUESTIONS, Answer, Study
from trecs.interface.study import Session, build, open_study


@pytest.fixture
def study(folder: Path) -> Study:  # noqa: F811
    return Study(folder)


def test_a_session_asks_both_questions_about_each_pair(study: Study) -> None:
    session = Session.of(study, "Anna", 5)
    assert session.asked == len(session.left) == 10
    assert [question for _, question in session.left[:4]] == [*QUESTIONS, *QUESTIONS]
    assert session.left[0][0] == session.left[1][0]


def test_who_comes_back_goes_on(study: Study) -> None:
    session = Session.of(study, "Anna", 5)
    for trial, question in session.left[:3]:
        study.answers.add(Answer("Anna", trial, question, trial.left))
    again = Session.of(study, "Anna", 5)
    assert (again.asked, again.left) == (10, session.left[3:])
    assert len(Session.of(study, "Bert", 5).left) == 10


def test_the_page_is_built_and_offers_no_api(study: Study) -> None:
    page = build(study, 5)
    assert not page.get_api_info()["named_endpoints"]


def test_the_report_is_printed_without_a_page(
    study: Study, capsys: pytest.CaptureFixture[str]
) -> None:
    assert open_study(study.run.folder, 5, "127.0.0.1", 1, report=True) == 0
    assert capsys.readouterr().out == "No answers yet.\n"
