"""A catalogue goes live whole or not at all; tickets keep the version they were filed under."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from hotline import clock
from hotline.catalogue import queries, service
from hotline.catalogue.files import CatalogueRefused
from hotline.catalogue.models import CatalogueVersion, Category, Item
from hotline.catalogue.queries import UnknownItem
from hotline.db import transaction
from hotline.errors import NotFound
from hotline.event_log import Event
from hotline.learning.queries import classifier_for
from tests.catalogue.test_files import GOOD


def loaded_facts() -> list[Event]:
    with transaction() as session:
        return list(session.scalars(select(Event).where(Event.kind == "catalogue_loaded").order_by(Event.id)))


def test_both_shipped_catalogues_go_live(database: str) -> None:
    with transaction() as session:
        for path in service.SHIPPED:
            service.load(session, path, clock.now())
    with transaction() as session:
        assert [len(queries.items(session, h)) for h in ("12345", "12348")] == [240, 60]
        others = [queries.unsorted(session, hotline) for hotline in ("12345", "12348")]
        assert [other and other.code for other in others] == ["9901", "L9901"]
        assert [len(queries.categories(session, h)) for h in ("12345", "12348")] == [20 + 1, 12 + 1]
    assert [(e.data["hotline"], e.data["items"]) for e in loaded_facts()] == [("12345", 240), ("12348", 60)]


def test_loading_the_same_file_again_changes_nothing(database: str) -> None:
    ids = set()
    for _ in range(3):
        with transaction() as session:
            ids.add(service.load(session, GOOD, clock.now()).id)
    with transaction() as session:
        assert session.scalar(select(func.count()).select_from(Item)) == 2
    assert len(ids) == len(loaded_facts()) == 1


def test_a_new_version_replaces_the_old_which_stays_readable(database: str) -> None:
    with transaction() as session:
        old = service.load(session, GOOD, clock.now())
        new = service.load(session, GOOD.replace("路灯不亮", "路灯损坏"), clock.now())
    with transaction() as session:
        assert queries.item(session, "12345", "0101").name == "路灯损坏"
        names = select(Item.name).where(Item.version_id == old.id, Item.code == "0101")
        assert session.scalars(names).one() == "路灯不亮"
        assert session.scalars(select(CatalogueVersion.id).where(CatalogueVersion.live)).all() == [new.id]


def test_an_earlier_version_can_be_made_live_again(database: str) -> None:
    for text in (GOOD, GOOD.replace("路灯不亮", "路灯损坏"), GOOD):
        with transaction() as session:
            service.load(session, text, clock.now())
    with transaction() as session:
        assert queries.item(session, "12345", "0101").name == "路灯不亮"
        assert session.scalar(select(func.count()).select_from(CatalogueVersion)) == 2


def test_a_refused_file_leaves_the_live_catalogue_alone(database: str) -> None:
    with transaction() as session:
        service.load(session, GOOD, clock.now())
    with pytest.raises(CatalogueRefused, match="declares 9, the file has 2"), transaction() as session:
        service.load(session, GOOD.replace("items = 2", "items = 9"), clock.now())
    with transaction() as session:
        assert len(queries.items(session, "12345")) == 2


def test_a_file_that_cannot_be_read_is_named(database: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_bytes("一个目录".encode("utf-16"))
    for path, said in ((tmp_path / "none.toml", "cannot be read"), (broken, "is not UTF-8")):
        with pytest.raises(CatalogueRefused, match=said), transaction() as session:
            service.load(session, path, clock.now())


def test_two_keys_are_a_category_and_four_an_item(seeded: str) -> None:
    with transaction() as session:
        keyed = {k: queries.by_keys(session, "12345", k) for k in ("09", "0902")}
        legal = {k: queries.by_keys(session, "12348", k) for k in ("01", "0101")}
    assert isinstance(keyed["09"], Category) and isinstance(keyed["0902"], Item)
    assert {k: found.code for k, found in legal.items()} == {"01": "L01", "0101": "L0101"}


def test_keys_that_mean_nothing_are_said_to(seeded: str) -> None:
    for keys in ("", "0", "99", "9999", "010", "01010", "L01", "٠١", "*#", "01\0"):
        with pytest.raises(UnknownItem), transaction() as session:
            queries.by_keys(session, "12345", keys)


def test_a_code_the_catalogue_does_not_have_is_said_to(seeded: str) -> None:
    for code in ("", "9999", "0101", "L0101\0", "x" * 1000):
        with pytest.raises(UnknownItem), transaction() as session:
            queries.item(session, "12348", code)


def test_the_classifier_follows_the_live_version(database: str) -> None:
    for name in ("路灯不亮", "消防栓漏水"):
        with transaction() as session:
            service.load(session, GOOD.replace("路灯不亮", name), clock.now())
        with transaction() as session:
            suggester = classifier_for(session, "12345")
            assert suggester is classifier_for(session, "12345")
            assert suggester.suggest(name)[0].name == name


def test_a_hotline_without_a_catalogue_says_what_to_do(database: str) -> None:
    with pytest.raises(NotFound, match="load-catalogue"), transaction() as session:
        classifier_for(session, "12345")
