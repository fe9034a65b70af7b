"""A catalogue's next version: edited by several, looked at, published at a time, taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from hotline.catalogue import changes, drafts, files, queries, service
from hotline.catalogue.classifier import classifier_for
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.drafts import DraftExists
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.models import CatalogueVersion, Item
from hotline.catalogue.queries import UnknownItem
from hotline.catalogue.states import MOVES, VersionState
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile, InvalidInput, NotFound, TransitionRefused
from hotline.event_log import Event
from tests.catalogue.test_files import GOOD

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
ANNA, BORIS = "staff:1", "staff:2"
BROKEN = GOOD.replace("路灯不亮", "路灯损坏")


@pytest.fixture
def catalogue(database: str) -> None:
    with transaction() as session:
        service.load(session, GOOD, NOW)


def draft_of(session: Session) -> CatalogueVersion:
    return drafts.open_draft(session, "12345", actor=ANNA, now=NOW)


def edit(session: Session, code: str, actor: str = ANNA, edition: int | None = None, **said: object) -> None:
    draft = draft_of(session)
    seen = drafts.item_of(session, draft, code).edition if edition is None else edition
    drafts.edit_item(session, draft, code, said, edition=seen, actor=actor, now=NOW)


def publish(session: Session, note: str = "三定方案调整") -> CatalogueVersion:
    draft = draft_of(session)
    seen = digest(content_of(session, draft))
    service.publish(session, draft, seen=seen, note=note, actor=BORIS, now=NOW)
    return draft


def live_name(code: str = "0101") -> str:
    with transaction() as session:
        return queries.item(session, "12345", code).name


def facts(session: Session, kind: str) -> list[dict[str, object]]:
    return [e.data for e in session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id))]


def test_what_is_edited_changes_nothing_for_anybody_until_it_is_published(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏", department="市政公用局")
    assert live_name() == "路灯不亮"
    with transaction() as session:
        publish(session)
    assert live_name() == "路灯损坏"


def test_the_history_says_who_made_what_live_when_and_why(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        made = publish(session)
    with transaction() as session:
        history = queries.publications(session, "12345")
        assert [(p.actor, p.at, p.way, p.note) for p in history] == [
            (BORIS, NOW, "published", "三定方案调整"),
            ("system:catalogue", NOW, "loaded", "catalogue"),
        ]
        assert history[0].version.based_on_id == history[1].version_id
        assert (history[0].version.made_by, history[0].version.state) == (ANNA, "live")
        assert history[1].version.state == "retired"
        assert [item.name for _, item in queries.item_versions(session, "12345", "0101")] == [
            "路灯不亮",
            "路灯损坏",
        ]
        (published,) = [f for f in facts(session, "catalogue_published") if f["way"] == "published"]
        assert published["catalogue_version_id"] == made.id
        assert facts(session, "catalogue_item_edited")[0]["fields"] == ["name"]


def test_a_published_version_cannot_be_edited(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        made = publish(session)
    with transaction() as session:
        version = queries.version(session, "12345", made.id)
        for act in (
            lambda: drafts.edit_item(session, version, "0101", {"name": "x"}, edition=1, actor=ANNA, now=NOW),
            lambda: drafts.add_item(session, version, {"code": "0103"}, actor=ANNA, now=NOW),
            lambda: drafts.undo(session, version, "0101", actor=ANNA, now=NOW),
            lambda: drafts.discard(session, version, actor=ANNA, now=NOW),
            lambda: drafts.renew(session, version, actor=ANNA, now=NOW),
        ):
            with pytest.raises(TransitionRefused):
                act()


def test_of_two_who_edit_one_item_the_second_is_told_and_nothing_is_lost(catalogue: None) -> None:
    with transaction() as session:
        seen = drafts.item_of(session, draft_of(session), "0101").edition
    with transaction() as session:
        edit(session, "0101", ANNA, seen, name="路灯损坏")
    with pytest.raises(ChangedMeanwhile), transaction() as session:
        edit(session, "0101", BORIS, seen, department="市政公用局")
    with transaction() as session:
        item = drafts.item_of(session, draft_of(session), "0101")
        assert (item.name, item.department) == ("路灯损坏", "城市管理局")


def test_two_who_edit_two_items_do_not_disturb_each_other(catalogue: None) -> None:
    with transaction() as session:
        draft_of(session)
    with transaction() as session:
        edit(session, "0101", ANNA, 1, name="路灯损坏")
    with transaction() as session:
        edit(session, "0102", BORIS, 1, name="路灯常亮")
    with transaction() as session:
        found = changes.diff(*(content_of(session, v) for v in _live_and_draft(session)))
    assert [(c.code, [f.name for f in c.fields]) for c in found] == [("0101", ["name"]), ("0102", ["name"])]


def _live_and_draft(session: Session) -> tuple[CatalogueVersion, CatalogueVersion]:
    live = queries.live_version(session, "12345")
    assert live
    return live, draft_of(session)


def test_nobody_publishes_what_they_have_not_seen(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        seen = digest(content_of(session, draft_of(session)))
    with transaction() as session:
        edit(session, "0102", name="路灯常亮")
    with pytest.raises(ChangedMeanwhile, match="look again"), transaction() as session:
        service.publish(session, draft_of(session), seen=seen, note="x", actor=ANNA, now=NOW)
    assert live_name() == "路灯不亮"


@pytest.mark.parametrize(("note", "said"), [(" ", "say why"), ("因" * 301, "at most 300")])
def test_nothing_is_published_without_a_reason(catalogue: None, note: str, said: str) -> None:
    with pytest.raises(InvalidInput, match=said), transaction() as session:
        edit(session, "0101", name="路灯损坏")
        publish(session, note)


def test_a_draft_like_the_live_version_is_not_published(catalogue: None) -> None:
    with pytest.raises(InvalidInput, match="nothing is different"), transaction() as session:
        publish(session)


@pytest.mark.parametrize(
    ("said", "field", "kind"),
    [
        ({"kind": "grumble"}, "kind", "literal_error"),
        ({"name": ""}, "name", "string_pattern_mismatch"),
        ({"keywords": []}, "keywords", "too_short"),
        ({"emergency_minutes": 0}, "emergency_minutes", "greater_than_equal"),
        ({"assisting": ["城市管理局"]}, "assisting", "assists_itself"),
        ({"handler": "firm", "level": "town"}, "level", "firm_level"),
    ],
)
def test_a_wrong_field_is_refused_by_the_rules_of_a_file(
    catalogue: None, said: dict[str, object], field: str, kind: str
) -> None:
    with pytest.raises(CatalogueRefused) as refused, transaction() as session:
        edit(session, "0101", **said)
    assert [(fault.field, fault.kind) for fault in refused.value.faults] == [(field, kind)]


def test_a_new_matter_is_added_and_taken_back(catalogue: None) -> None:
    with transaction() as session:
        entry = content_of(session, draft_of(session)).item[0].model_dump()
        new = {**entry, "code": "0103", "name": "路灯太亮", "official_code": "GJ-2026-7"}
        drafts.add_item(session, draft_of(session), new, actor=ANNA, now=NOW)
        with pytest.raises(CatalogueRefused, match="taken"):
            drafts.add_item(session, draft_of(session), new, actor=ANNA, now=NOW)
        drafts.undo(session, draft_of(session), "0103", actor=ANNA, now=NOW)
        with pytest.raises(NotFound):
            drafts.item_of(session, draft_of(session), "0103")
        drafts.add_item(session, draft_of(session), new, actor=ANNA, now=NOW)
        publish(session)
    with transaction() as session:
        assert queries.item(session, "12345", "0103").official_code == "GJ-2026-7"


def test_a_change_is_taken_back_alone(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏", keywords=["灯"])
        edit(session, "0102", name="路灯常亮")
        drafts.undo(session, draft_of(session), "0101", actor=ANNA, now=NOW)
        found = changes.diff(*(content_of(session, v) for v in _live_and_draft(session)))
    assert [change.code for change in found] == ["0102"]


def test_a_discarded_draft_leaves_nothing(catalogue: None) -> None:
    with transaction() as session:
        edit(session, "0101", name="路灯损坏")
        drafts.discard(session, draft_of(session), actor=ANNA, now=NOW)
    with transaction() as session:
        assert queries.open_version(session, "12345") is None
        assert session.scalar(select(func.count()).select_from(Item)) == 2


def test_who_edits_a_draft_that_was_discarded_is_told(catalogue: None) -> None:
    with transaction() as session:
        draft = draft_of(session)
    with transaction() as session:
        drafts.discard(session, draft_of(session), actor=BORIS, now=NOW)
    with pytest.raises(ChangedMeanwhile, match="discarded"), transaction() as session:
        drafts.edit_item(session, draft, "0101", {"name": "x"}, edition=1, actor=ANNA, now=NOW)


def test_a_retired_matter_is_offered_to_nobody_and_read_by_who_filed_under_it(catalogue: None) -> None:
    with transaction() as session:
        filed_under = queries.item(session, "12345", "0101")
        edit(session, "0101", retired=True)
        publish(session)
    with transaction() as session:
        assert [item.code for item in queries.items(session, "12345")] == ["0102"]
        for ask in (queries.item, queries.by_keys):
            with pytest.raises(UnknownItem):
                ask(session, "12345", "0101")
        assert [s.code for s in classifier_for(session, "12345").suggest("门口的路灯不亮")] == ["0102"]
        old = session.get(Item, filed_under.id)
        assert old is not None and old.name == "路灯不亮"
        live = queries.live_version(session, "12345")
        assert live is not None
        assert content_of(session, live).meta.items == 1
        retired = session.scalars(queries.search(live, retired=True)).all()
        assert [item.code for item in retired] == ["0101"]


def test_a_file_counts_the_matters_in_force() -> None:
    retired = GOOD.replace("confidential_default = false", "confidential_default = false\nretired = true", 1)
    with pytest.raises(CatalogueRefused, match="declares 2, the file has 1"):
        files.parse(retired)
    assert len(files.parse(retired.replace("items = 2", "items = 1")).item) == 2


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
        found = changes.diff(*(content_of(session, v) for v in _live_and_draft(session)))
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
