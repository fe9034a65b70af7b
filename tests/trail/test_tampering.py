"""Whoever touches what is written is found, and told where (R01)."""

import pytest

from hotline.db import transaction
from hotline.event_log import Event
from hotline.trail import jobs
from hotline.trail.verification import verify
from tests.trail.tampering import as_superuser, event_ids, faults, sealed, seals, sign_in, verify_trail

CLUSTER_START = "'100'"  # a transaction before any of ours


@pytest.fixture
def ids(database: str) -> list[int]:
    """Nine facts under three seals."""
    sealed(range(1, 4), range(4, 7), range(7, 10))
    return event_ids()


def test_an_untouched_trail_is_whole(ids: list[int]) -> None:
    verdict = verify()
    assert (verdict.good, verdict.facts, verdict.seals) == (True, 9, 3)
    answer = verify_trail()
    assert answer.exit_code == 0
    assert "Whole: 9 facts under 3 seals are as they were sealed." in answer.output


@pytest.mark.parametrize(
    "change",
    [
        "data = jsonb_set(data, '{staff_id}', '55')",
        """data = data || '{"more": null}'""",
        "at = at + interval '1 microsecond'",
        "actor = 'staff:6'",
        "kind = 'staff_signed_iN'",
        "ticket_id = 0",
        "call_id = 1",
    ],
)
def test_one_changed_byte_is_found_with_its_fact(ids: list[int], change: str) -> None:
    as_superuser(f"UPDATE event_log SET {change} WHERE id = {ids[4]}")
    assert faults(verify()) == [("changed", 2, ids[4])]
    answer = verify_trail()
    assert answer.exit_code == 1
    assert "BROKEN: 9 facts under 3 seals, 1 faults:" in answer.output
    assert f"fact {ids[4]} was changed (seal 2)" in answer.output


def test_a_number_written_another_way_is_a_change(ids: list[int]) -> None:
    """1 and 1.0 are the same number, not the same bytes."""
    as_superuser(f"UPDATE event_log SET data = '{{\"staff_id\": 5.0}}' WHERE id = {ids[4]}")
    assert faults(verify()) == [("changed", 2, ids[4])]


@pytest.mark.parametrize(("gone", "seal", "before"), [(4, 2, 3), (3, 2, None), (8, 3, 7)])
def test_a_removed_fact_is_missed(ids: list[int], gone: int, seal: int, before: int | None) -> None:
    as_superuser(f"DELETE FROM event_log WHERE id = {ids[gone]}")
    near = ids[before] if before is not None and before // 3 == gone // 3 else 0
    assert faults(verify()) == [("removed", seal, near)]


def test_two_facts_that_changed_places_are_found(ids: list[int]) -> None:
    first, second = ids[0], ids[5]
    as_superuser(
        "ALTER TABLE event_log ALTER COLUMN id DROP IDENTITY",
        f"UPDATE event_log SET id = -1 WHERE id = {first}",
        f"UPDATE event_log SET id = {first} WHERE id = {second}",
        f"UPDATE event_log SET id = {second} WHERE id = -1",
    )
    assert {seal for _breach, seal, _near in faults(verify())} == {1, 2}


def test_two_facts_whose_words_changed_places_are_found(ids: list[int]) -> None:
    as_superuser(
        f"UPDATE event_log e SET data = o.data, actor = o.actor FROM event_log o"
        f" WHERE e.id IN ({ids[3]}, {ids[4]}) AND o.id IN ({ids[3]}, {ids[4]}) AND o.id <> e.id"
    )
    assert faults(verify()) == [("changed", 2, ids[3]), ("changed", 2, ids[4])]


@pytest.mark.parametrize("tx", [CLUSTER_START, "(SELECT tx FROM event_log ORDER BY tx LIMIT 1 OFFSET 4)"])
def test_a_fact_slipped_into_the_past_is_found(ids: list[int], tx: str) -> None:
    as_superuser(
        "INSERT INTO event_log (id, at, kind, actor, data, tx) OVERRIDING SYSTEM VALUE"
        f" SELECT 777, at, kind, actor, data, {tx} FROM event_log WHERE id = {ids[0]}"
    )
    assert [(breach, near) for breach, _seal, near in faults(verify())] == [("added", 777)]


def test_a_fact_before_all_others_is_found(ids: list[int]) -> None:
    as_superuser(f"UPDATE event_log SET era = -1, tx = '0' WHERE id = {ids[8]}")
    assert {breach for breach, _seal, _near in faults(verify())} == {"added", "removed"}


def test_a_seal_made_to_fit_a_changed_fact_no_longer_fits_the_chain(ids: list[int]) -> None:
    as_superuser(
        "UPDATE event_log SET actor = 'staff:6' WHERE id = " + str(ids[4]),
        "UPDATE event_seal SET hash = sha256(hash), marks = substring(marks FROM 1 FOR 8) || "
        "'\\x0000000000000000' || substring(marks FROM 17) WHERE number = 2",
    )
    assert ("changed", 2, ids[4]) in faults(verify())
    assert ("seal_altered", 3, 0) in faults(verify())


@pytest.mark.parametrize(
    "column", ["sealed_at = sealed_at + interval '1 day'", "total = 8", "hash = sha256('x')"]
)
def test_an_altered_seal_is_found(ids: list[int], column: str) -> None:
    as_superuser(f"UPDATE event_seal SET {column} WHERE number = 3")
    assert faults(verify()) == [("seal_altered", 3, 0)]


def test_a_missing_seal_is_found(ids: list[int]) -> None:
    as_superuser("DELETE FROM event_seal WHERE number = 2")
    assert ("seal_missing", 2, 0) in faults(verify())
    assert faults(verify(3)) == [("seal_missing", 2, 0)]


def test_a_trail_cut_at_its_end_is_found_by_the_head_noted_before(ids: list[int]) -> None:
    noted = seals()[2].hash.hex()
    assert f"Head: {noted}" in verify_trail().output
    sealed([10])
    assert verify_trail("--head", noted).exit_code == 0
    as_superuser(f"DELETE FROM event_log WHERE id >= {ids[6]}", "DELETE FROM event_seal WHERE number >= 3")
    assert verify_trail().exit_code == 0, "the chain alone cannot know"
    answer = verify_trail("--head", noted)
    assert answer.exit_code == 1
    assert "the head you noted is not in the chain" in answer.output


def test_a_trail_written_anew_is_found_by_the_head_noted_before(ids: list[int]) -> None:
    """Who owns the database can seal the whole log again; what stands on paper he cannot change."""
    noted = seals()[2].hash.hex()
    as_superuser(f"UPDATE event_log SET actor = 'staff:6' WHERE id = {ids[4]}", "DELETE FROM event_seal")
    sealed([10])
    assert verify().good
    assert faults(verify(noted=noted)) == [("head_gone", 0, 0)]


def test_a_head_that_is_none_is_refused(database: str) -> None:
    answer = verify_trail("--head", "abc")
    assert answer.exit_code == 1
    assert "64 characters" in answer.output


def test_verification_can_begin_at_a_fact(ids: list[int]) -> None:
    as_superuser(f"UPDATE event_log SET actor = 'staff:6' WHERE id = {ids[0]}")
    assert verify_trail("--from", str(ids[3])).exit_code == 0
    assert verify_trail("--from", str(ids[2])).exit_code == 1
    assert "there is no fact 4711" in verify_trail("--from", "4711").output


def test_what_is_not_sealed_yet_is_counted(ids: list[int]) -> None:
    sign_in(10, 11)
    assert "2 facts are not sealed yet." in verify_trail().output
    with transaction() as session:
        session.get_one(Event, event_ids()[-1])
    jobs.seal(seals()[0].sealed_at)
    assert "0 facts are not sealed yet." in verify_trail().output


def test_many_faults_are_counted_and_the_first_ones_said(database: str) -> None:
    sealed(range(1, 40))
    as_superuser("UPDATE event_log SET actor = 'staff:6'")
    answer = verify_trail()
    assert "38 faults:" in answer.output or "39 faults:" in answer.output
    assert "… and" in answer.output
