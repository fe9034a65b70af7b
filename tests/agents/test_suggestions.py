"""While an agent types: items, the question between near ones, an alarm."""

import pytest
from flask.testing import FlaskClient

DRAIN = "我家厨房下水道堵了，想找人来疏通"


def test_suggestions_come_as_one_types(client: FlaskClient, me: int) -> None:
    found = client.get("/agent/suggest", query_string={"hotline": "12345", "text": DRAIN}).json
    assert found and len(found["items"]) == 3
    assert {"code", "name", "kind", "handler", "confidence", "words"} <= set(found["items"][0])
    assert found["items"][0]["words"], "what decided is shown"
    assert client.get("/agent/suggest?hotline=12345&text=").json == {
        "abstained": True,
        "items": [],
        "shown": ";abstained",
        "emergency": None,
        "question": None,
    }
    unknown = client.get("/agent/suggest?hotline=1&text=x", headers={"Accept": "application/json"})
    assert unknown.status_code == 404


def test_where_two_items_are_near_the_one_question_that_tells_them_apart_is_shown(
    client: FlaskClient, me: int
) -> None:
    query = {"hotline": "12345", "text": "医院给我爸做手术做坏了，这事怎么办"}
    question = client.get("/agent/suggest", query_string=query).json["question"]
    assert question["ask"].endswith("？")
    replies = {answer["code"]: answer for answer in question["answers"]}
    assert replies["L0502"]["hotline"] == "12348" and replies["0406"]["hotline"] == "12345"
    assert all(answer["kind"] for answer in question["answers"])


@pytest.mark.parametrize("hotline", ["12345", "12348"])
def test_an_emergency_is_told_with_its_number_as_one_types(
    client: FlaskClient, me: int, hotline: str
) -> None:
    """Z05, N04: the same on both lines, and before any form."""
    query = {"hotline": hotline, "text": "我妈躺在地上怎么叫都没反应"}
    emergency = client.get("/agent/suggest", query_string=query).json["emergency"]
    assert (emergency["rule"], emergency["number"], emergency["item_code"]) == ("unconscious", "120", "1603")
    assert emergency["name"] == "昏迷、叫不醒" and emergency["words"]
