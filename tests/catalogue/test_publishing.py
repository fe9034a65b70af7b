"""A version goes live now or at its time, is overtaken, rolled back to, and never two at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from hotline.catalogue import changes, drafts, files, queries, service, workbook
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.drafts import DraftExists
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.models import CatalogueVersion
from hotline.catalogue.states import MOVES, VersionState
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile, InvalidInput, NotFound, TransitionRefused
from hotline.learning.queries import classifier_for
from tests.catalogue.administrators import (
    ANNA,
    BORIS,
    BROKEN,
    LATER,
    NOW,
    draft_of,
    edit,
    facts,
    live_and_draft,
    live_name,
    publish,
)
from tests.catalogue.test_files import GOOD


def test_evidence_an_item_asks_for_goes_live_and_into_the_files(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", evidence_characters=20, evidence_photos=2)
        publish(session)
    with transaction() as session:
        item = queries.item(session, "12345", "0101")
        assert (item.evidence_characters, item.evidence_photos) == (20, 2)
        content = content_of(session, item.version)
    assert files.parse(files.write(content)) == content
    assert workbook.read(workbook.write(content)) == content


def test_at_its_time_a_scheduled_version_goes_live(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        draft = draft_of(session)
        seen = digest(content_of(session, draft))
        with pytest.raises(InvalidInput, match="future"):
            service.schedule(session, draft, at=NOW, seen=seen, note="x", actor=BORIS, now=NOW)
        service.schedule(session, draft, at=LATER, seen=seen, note="新年起", actor=BORIS, now=NOW)
    with transaction() as session:
        assert service.publish_due(session, LATER - timedelta(seconds=1)) == 0
    assert live_name() == "路灯不亮"
    with transaction() as session:
        assert service.publish_due(session, LATER) == 1
        assert service.publish_due(session, LATER) == 0
        newest = queries.publications(session, "12345")[0]
        assert (newest.at, newest.actor, newest.note) == (LATER, BORIS, "新年起")
    assert live_name() == "路灯损坏"


def test_a_scheduled_version_is_not_edited_but_can_be_taken_back(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        draft = draft_of(session)
        seen = digest(content_of(session, draft))
        service.schedule(session, draft, at=LATER, seen=seen, note="新年起", actor=BORIS, now=NOW)
    with pytest.raises(TransitionRefused), transaction() as session:
        edit(session, "0102", name="路灯常亮")
    with transaction() as session:
        service.take_back(session, draft_of(session), actor=ANNA, now=NOW)
        edit(session, "0102", name="路灯常亮")
        assert service.publish_due(session, LATER) == 0
    assert live_name() == "路灯不亮"


def test_a_scheduled_version_that_was_overtaken_waits_for_a_person(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        draft = draft_of(session)
        seen = digest(content_of(session, draft))
        service.schedule(session, draft, at=LATER, seen=seen, note="新年起", actor=BORIS, now=NOW)
        service.load(session, GOOD.replace("门口的路灯", "巷口的路灯"), NOW)
    with transaction() as session:
        assert service.publish_due(session, LATER) == 0
        assert draft_of(session).state == "draft"
        assert facts(session, "catalogue_taken_back")[0]["reason"] == "overtaken"
    assert live_name() == "路灯不亮"


def test_an_overtaken_draft_is_carried_onto_what_is_live_now(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏", department="市政公用局")
        newer = BROKEN.replace("路灯损坏", "路灯熄灭", 1).replace("items = 2", "items = 3") + GOOD[
            GOOD.index("[[item]]") : GOOD.index("[[item]]", GOOD.index("[[item]]") + 1)
        ].replace("0101", "0103")
        service.load(session, newer, NOW)
    with pytest.raises(ChangedMeanwhile, match="take its changes over"), transaction() as session:
        publish(session)
    with transaction() as session:
        renewed, both = drafts.renew(session, draft_of(session), actor=ANNA, now=NOW)
        assert both == ["0101"]
        found = changes.diff(*(content_of(session, v) for v in live_and_draft(session)))
        assert [(c.code, [f.name for f in c.fields]) for c in found] == [("0101", ["name", "department"])]
        assert queries.item_in(session, renewed, "0103") is not None
        again, nothing = drafts.renew(session, renewed, actor=ANNA, now=NOW)
        assert (again.id, nothing) == (renewed.id, [])
        publish(session)
    assert [live_name("0101"), live_name("0102")] == ["路灯损坏", "路灯损坏"]


def test_rolling_back_makes_the_old_rows_live_and_says_so_in_the_history(catalogue: None) -> None:
    with transaction() as session:
        first = queries.live_version(session, "12345")
        assert first
        edit(session, "0101", name="路灯损坏")
        second = publish(session)
    with transaction() as session:
        service.roll_back(
            session, queries.version(session, "12345", first.id), note="改错了", actor=ANNA, now=LATER
        )
    assert live_name() == "路灯不亮"
    with transaction() as session:
        history = queries.publications(session, "12345")
        assert [(p.version_id, p.way) for p in history] == [
            (first.id, "rolled_back"),
            (second.id, "published"),
            (first.id, "loaded"),
        ]
        with pytest.raises(TransitionRefused):
            version = queries.version(session, "12345", first.id)
            service.roll_back(session, version, note="x", actor=ANNA, now=LATER)
        live = queries.live_version(session, "12345")
        assert live is not None and live.sha256 == digest(content_of(session, live))


def test_the_classifier_follows_what_is_published_and_rolled_back(catalogue: None) -> None:
    def suggested() -> str:
        with transaction() as session:
            found = classifier_for(session, "12345").suggest("消防栓漏水了")
        return found[0].name if found else ""

    with transaction() as session:
        first = queries.live_version(session, "12345")
        assert first
        edit(session, "0102", name="消防栓漏水", keywords=["消防栓"])
        publish(session)
    assert suggested() == "消防栓漏水"
    with transaction() as session:
        service.roll_back(session, queries.version(session, "12345", first.id), note="x", actor=ANNA, now=NOW)
    assert suggested() != "消防栓漏水"


def test_an_imported_file_is_a_draft_and_deletes_no_matter(catalogue: None) -> None:
    with transaction() as session:
        drafts.import_draft(session, files.parse(BROKEN), actor=ANNA, now=NOW)
        with pytest.raises(DraftExists):
            drafts.import_draft(session, files.parse(BROKEN), actor=ANNA, now=NOW)
    assert live_name() == "路灯不亮"
    with transaction() as session:
        publish(session)
    assert live_name() == "路灯损坏"
    without = files.parse(GOOD.replace("items = 2", "items = 1").replace(GOOD[GOOD.rindex("[[item]]") :], ""))
    with pytest.raises(CatalogueRefused, match="item 0102: is missing"), transaction() as session:
        drafts.import_draft(session, without, actor=ANNA, now=NOW)


def test_drafts_of_one_day_have_names_of_their_own(catalogue: None) -> None:
    names = []
    for name in ("路灯损坏", "路灯熄灭", "路灯闪烁"):
        with transaction() as session:
            edit(session, "0101", name=name)
            names.append(publish(session).version)
    assert names == ["2026-03-03", "2026-03-03.2", "2026-03-03.3"]


def test_a_version_and_a_hotline_that_do_not_exist_are_said_to(catalogue: None) -> None:
    with transaction() as session:
        for ask in (
            lambda: queries.version(session, "12345", 10**12),
            lambda: queries.version(session, "12348", 1),
            lambda: drafts.open_draft(session, "12348", actor=ANNA, now=NOW),
        ):
            with pytest.raises(NotFound):
                ask()


def test_search_finds_by_code_name_department_keyword_and_example(catalogue: None) -> None:
    with transaction() as session:
        live = queries.live_version(session, "12345")
        assert live

        def found(words: str, **more: str) -> int:
            return len(session.scalars(queries.search(live, words, **more)).all())

        assert [found(w) for w in ("", "0101", "路灯", "城市管理", "门口", "lamp", "路灯 0102")] == [
            2, 1, 2, 2, 2, 2, 1,
        ]  # fmt: skip
        assert [found(w) for w in ("%", "_", "\\", "\0火星")] == [0, 0, 0, 0]
        assert (found("", category="01"), found("", category="02")) == (2, 0)


def test_every_state_of_a_version_is_reached_and_left_as_the_table_says() -> None:
    assert {new for moves in MOVES.values() for new in moves} == set(VersionState)
    assert all(MOVES.values())


@pytest.mark.parametrize("state", ["live", "draft"])
def test_the_database_itself_refuses_a_second_one(catalogue: None, state: str) -> None:
    with transaction() as session:
        draft_of(session)
    second = CatalogueVersion(
        hotline="12345",
        version="2",
        title="二",
        made_at=NOW,
        state=state,
        sha256="2" if state == "live" else "",
    )
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(second)


def test_of_two_who_publish_at_the_same_moment_one_does(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        seen = digest(content_of(session, draft_of(session)))
    start = Barrier(4)

    def publishes(number: int) -> bool:
        start.wait()
        try:
            with transaction() as session:
                draft = queries.open_version(session, "12345")
                if draft is None:
                    return False
                service.publish(session, draft, seen=seen, note="同时", actor=f"staff:{number}", now=NOW)
        except (TransitionRefused, ChangedMeanwhile):
            return False
        return True

    with ThreadPoolExecutor(4) as people:
        assert sorted(people.map(publishes, range(4))) == [False, False, False, True]
    with transaction() as session:
        assert [p.way for p in queries.publications(session, "12345")] == ["published", "loaded"]


def test_of_many_who_open_a_draft_at_the_same_moment_all_get_the_same(catalogue: None) -> None:
    def opens(number: int) -> int:
        with transaction() as session:
            return drafts.open_draft(session, "12345", actor=f"staff:{number}", now=NOW).id

    with ThreadPoolExecutor(4) as people:
        assert len(set(people.map(opens, range(8)))) == 1
