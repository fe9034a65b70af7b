"""What citizens text back, and what it means; what nobody can read is not guessed at."""

import pytest

from hotline.surveys.grades import Answer
from hotline.surveys.grades import Satisfaction as S
from hotline.surveys.replies import read


@pytest.mark.parametrize(
    ("text", "solved", "grade"),
    [
        ("11", True, S.VERY_SATISFIED),
        (" 1 2 ", True, S.SATISFIED),
        ("1，3", True, S.FAIRLY_SATISFIED),
        ("2、4", False, S.DISSATISFIED),
        ("２５", False, S.VERY_DISSATISFIED),
        ("已解决，满意", True, S.SATISFIED),
        ("没有解决 非常不满意", False, S.VERY_DISSATISFIED),
        ("未解决,不满意", False, S.DISSATISFIED),
        ("解决了，基本满意。", True, S.FAIRLY_SATISFIED),
    ],
)
def test_a_plain_answer_is_read(text: str, solved: bool, grade: S) -> None:
    assert read(text) == Answer(solved, grade)


@pytest.mark.parametrize(
    "text", ["", "你好", "3", "1", "16", "111", "13800138000", "满意", "已解决", "?", "1" * 4000, "\0"]
)
def test_what_cannot_be_read_is_not_guessed(text: str) -> None:
    assert read(text) is None
