"""A catalogue's next version is edited by several: nobody's work is lost, nothing changes before its time."""

import pytest
from sqlalchemy import func, select

from hotline.catalogue import changes, drafts, files, queries, service
from hotline.catalogue.content import content_of, digest
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.models import Item
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import ChangedMeanwhile, InvalidInput, NotFound, TransitionRefused
from hotline.learning.queries import classifier_for
from tests.catalogue.administrators import (
    ANNA,
    BORIS,
    NOW,
    draft_of,
    edit,
    facts,
    live_and_draft,
    live_name,
    publish,
)
from tests.catalogue.test_files import GOOD


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
        found = changes.diff(*(content_of(session, v) for v in live_and_draft(session)))
    assert [(c.code, [f.name for f in c.fields]) for c in found] == [("0101", ["name"]), ("0102", ["name"])]


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
        found = changes.diff(*(content_of(session, v) for v in live_and_draft(session)))
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
