"""Reading a citizen's text reply to the two questions. Pure: an unreadable text gives None, never a guess."""

import re
import unicodedata

from hotline.surveys.grades import Answer, Satisfaction

GRADES = tuple(Satisfaction)
# The longest words first: 不满意 contains 满意, 未解决 contains 解决.
_SOLVED = (
    ("没有解决", False),
    ("没解决", False),
    ("未解决", False),
    ("不解决", False),
    ("已解决", True),
    ("解决了", True),
)
_GRADE_WORDS = (
    ("非常不满意", Satisfaction.VERY_DISSATISFIED),
    ("非常满意", Satisfaction.VERY_SATISFIED),
    ("基本满意", Satisfaction.FAIRLY_SATISFIED),
    ("不满意", Satisfaction.DISSATISFIED),
    ("满意", Satisfaction.SATISFIED),
)


def read(text: str) -> Answer | None:
    """'11', '1 5', '2，4', '１２' by digits (solved 1/2, grade 1 to 5), or '已解决 满意' by words."""
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = re.fullmatch(r"\D{0,4}([12])[\s,，、.;；]*([1-5])\D{0,4}", plain)
    if digits:
        return Answer(digits[1] == "1", GRADES[int(digits[2]) - 1])
    solved = next((value for word, value in _SOLVED if word in plain), None)
    grade = next((value for word, value in _GRADE_WORDS if word in plain), None)
    return Answer(solved, grade) if solved is not None and grade is not None else None
