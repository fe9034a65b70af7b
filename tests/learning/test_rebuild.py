"""From accepted tickets to a model that suggests better, and what keeps a worse one out."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from dispatch.queries import last_order
from hotline.catalogue.files import DATA
from hotline.catalogue.understanding.usage import coded_sentences
from hotline.db import transaction
from hotline.event_log import Event
from hotline.learning import artefact, queries, service
from hotline.learning.models import LearntModel
from tests.conftest import Servers, sections
from tests.dispatch.people import send_back
from tests.learning.people import LATER, agents_at_work, rebuilt, registered, said_and_accepted, sent
from tests.learning.sentences import BITES, HELD_OUT, MARRIAGE, about_bites, about_gifts
from tests.support.instance import configured

HOTLINE = "12348"
WRONG = "L0402"
OPENINGS = (
    "你好，",
    "我想问一下，",
    "麻烦您，",
    "是这样的，",
    "请问，",
    "律师您好，",
    "想咨询，",
    "有个事，",
)


@pytest.fixture
def centre(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[None]:
    """Its sentence model is away: words alone."""
    name = servers.copy_of(seeded_template)
    away = {"url": "http://127.0.0.1:9/v1"}
    with configured(tmp_path / "hotline.toml", sections(servers, name) | {"embeddings": away}):
        yield
    servers.drop(name)


def right_first(code: str, sentences: tuple[str, ...]) -> int:
    with transaction() as session:
        classifier = queries.classifier_for(session, HOTLINE)
    return sum([one.code for one in classifier.suggest(said)][:1] == [code] for said in sentences)


def scores() -> np.ndarray:
    """Of every item for every held-out sentence."""
    with transaction() as session:
        classifier = queries.classifier_for(session, HOTLINE).classifier
    return np.array([classifier.scores(said) for said in HELD_OUT])


def live_model() -> int | None:
    with transaction() as session:
        return queries.live_model_id(session, HOTLINE)


def kept(model_id: int) -> bytes:
    with transaction() as session:
        return session.scalars(select(LearntModel.artefact).where(LearntModel.id == model_id)).one() or b""


def facts(kind: str) -> list[dict[str, object]]:
    with transaction() as session:
        return list(session.scalars(select(Event.data).where(Event.kind == kind).order_by(Event.id)))


def test_two_hundred_corrections_teach_what_a_bride_price_is_about(centre: None) -> None:
    before = right_first(MARRIAGE, HELD_OUT)
    said_and_accepted(MARRIAGE, about_gifts(), corrected_from=WRONG)
    model = rebuilt()
    after = right_first(MARRIAGE, HELD_OUT)
    assert (model.state, model.reasons) == ("passed", [])
    assert before <= 3 and after >= 10, (before, after)
    assert live_model() == model.id
    (fact,) = facts("classifier_rebuilt")
    assert (fact["tickets"], fact["words_alone"]) == (model.tickets, True)


def test_the_same_tickets_give_the_same_scores_to_the_bit(centre: None) -> None:
    said_and_accepted(MARRIAGE, list(about_gifts())[:40])
    first = rebuilt()
    was = scores()
    assert rebuilt().state == "same"
    with transaction() as session:
        service.roll_back(session, HOTLINE, None, reason="试一试", actor="staff:7", now=LATER)
    assert not np.array_equal(scores(), was)
    second = rebuilt()
    assert (second.id != first.id, second.state, second.sha256) == (True, "passed", first.sha256)
    assert kept(second.id) == kept(first.id)
    assert np.array_equal(scores(), was)


def nearly_golden() -> list[str]:
    """What examines an item, said a little otherwise: those sentences themselves are never learnt."""
    golden = [said for code, said in coded_sentences(DATA / "golden_12348.tsv") if code == BITES]
    return [f"{opening}{said}" for opening, said in product(OPENINGS, golden)]


def test_a_poisoned_batch_is_refused_and_the_live_model_stays(centre: None) -> None:
    said_and_accepted(MARRIAGE, list(about_gifts())[:40])
    good = rebuilt()
    was = scores()
    said_and_accepted(WRONG, [*about_bites(), *nearly_golden()])
    refused = rebuilt()
    assert refused.state == "refused"
    reasons = {reason[0]: reason[1:] for reason in refused.reasons}
    assert reasons["first"][0] > reasons["first"][1]
    assert (reasons["contradiction"][0], reasons["contradiction"][2]) == (WRONG, BITES)
    assert live_model() == good.id
    assert np.array_equal(scores(), was)
    (fact,) = facts("classifier_refused")
    assert fact["reasons"] == refused.reasons


def test_rolling_back_restores_every_score_and_pauses_the_nights(centre: None) -> None:
    said_and_accepted(MARRIAGE, list(about_gifts())[:40])
    earlier = rebuilt()
    was = scores()
    said_and_accepted(MARRIAGE, list(about_gifts())[40:80])
    later = rebuilt()
    assert later.state == "passed" and not np.array_equal(scores(), was)
    with transaction() as session:
        service.roll_back(session, HOTLINE, earlier.id, reason="新模型偏了", actor="staff:7", now=LATER)
    assert np.array_equal(scores(), was)
    (fact,) = facts("classifier_rolled_back")
    assert (fact["model_id"], fact["previous_id"], fact["reason"]) == (earlier.id, later.id, "新模型偏了")
    with transaction() as session:
        assert service.on_hold(session, HOTLINE)
        assert service.ask_by_the_clock(session, LATER) == []
    assert artefact.read(kept(earlier.id)).keys() == {MARRIAGE}


def test_a_ticket_that_came_back_as_wrong_is_not_learnt(centre: None) -> None:
    said = list(about_gifts())[:20]
    with transaction() as session:
        (person,) = agents_at_work(session, 1)
        for sentence in said:
            order = sent(session, registered(session, WRONG, sentence, person))
            send_back(session, order.id, now=LATER)
    assert (rebuilt().state, live_model()) == ("same", None)


def test_a_ticket_that_came_back_after_it_was_learnt_is_forgotten(centre: None) -> None:
    ids = said_and_accepted(MARRIAGE, list(about_gifts())[:20])
    assert rebuilt().tickets == 20
    with transaction() as session:
        for ticket_id in ids:
            order = last_order(session, ticket_id)
            send_back(session, order.id, now=LATER)
    nothing = rebuilt()
    assert (nothing.state, nothing.items, nothing.reasons) == ("passed", 0, [])
    assert right_first(MARRIAGE, HELD_OUT) <= 3
