"""The live process: who hears what, and what pages are told when Valkey goes."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, web
from flask import Flask

from hotline import live as nudges
from hotline.web import live
from hotline.web.live_address import Listener, for_page, read, sign
from tests.agents.people import agent
from tests.conftest import Servers, sections
from tests.support.instance import configured

AGENT = Listener(7, "agent", None)
FIRM = Listener(9, "organisation", 30)


def test_mine_is_only_what_names_me() -> None:
    mine = {"kind": "agent_state_changed", "staff_id": 7}
    assert live.concerning(mine, AGENT) == {"agent_state_changed", "agent_state_changed:mine"}
    assert live.concerning({"kind": "agent_state_changed", "staff_id": 8}, AGENT) == {"agent_state_changed"}


def test_an_organisation_hears_only_of_itself() -> None:
    wishes = ["ticket_opened", "work_order_sent", "work_order_sent:organisation"]
    connection = live.Connection(FIRM, wishes)
    connection.offer({"kind": "ticket_opened", "ticket_id": 1})
    connection.offer({"kind": "work_order_sent", "organisation_id": 31})
    assert connection.untold == set()
    connection.offer({"kind": "work_order_sent", "organisation_id": 30})
    assert connection.untold == {"work_order_sent:organisation"}


def test_a_message_that_is_no_nudge_harms_nobody() -> None:
    assert live._nudges(b"not json") == []
    assert live._nudges(b'{"kind": "x"}') == []
    assert live._nudges(b'[1, {"kind": "x"}]') == [{"kind": "x"}]


@pytest.fixture
def without_database(servers: Servers, tmp_path: Path) -> Iterator[None]:
    with configured(tmp_path / "hotline.toml", sections(servers, "none")):
        yield


def test_a_token_is_signed(without_database: None) -> None:
    assert read(sign(AGENT)) == AGENT
    assert read(sign(AGENT)[:-2] + "xx") is None
    assert read("") is None


@asynccontextmanager
async def _served() -> AsyncIterator[str]:
    runner = web.AppRunner(live.make_app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


async def _next_event(response: ClientResponse) -> tuple[str, str]:
    name = ""
    async for line in response.content:
        text = line.decode().strip()
        if text.startswith("event: "):
            name = text.removeprefix("event: ")
        elif text.startswith("data: ") and name:
            return name, text.removeprefix("data: ")
    raise AssertionError("the stream ended")


async def _hears(url: str) -> list[tuple[str, str]]:
    """Connect, then let two facts happen at once: what the page hears."""
    async with ClientSession() as http, http.get(url) as response:
        heard = [await _next_event(response)]
        while heard[-1][0] != "fresh":
            heard.append(await _next_event(response))
        batch = [{"kind": "call_queued", "call_id": 1}, {"kind": "agent_state_changed", "staff_id": 7}]
        nudges.connection().publish(nudges.CHANNEL, json.dumps(batch))
        heard.append(await _next_event(response))
        return heard


def test_facts_of_one_moment_reach_the_page_together_without_ids(without_database: None) -> None:
    async def story() -> tuple[str, str]:
        async with _served() as base:
            kinds = "call_queued,agent_state_changed:mine,ticket_opened"
            heard = await asyncio.wait_for(_hears(f"{base}/live?token={sign(AGENT)}&kinds={kinds}"), 20)
            return heard[-1]

    assert asyncio.run(story()) == ("kinds", '["agent_state_changed:mine", "call_queued"]')


def test_strangers_hear_nothing(without_database: None) -> None:
    async def story() -> int:
        async with _served() as base, ClientSession() as http, http.get(f"{base}/live?token=x") as response:
            return response.status

    assert asyncio.run(story()) == 401


def test_only_our_own_pages_may_listen_across_ports(without_database: None) -> None:
    async def story() -> list[str | None]:
        async with _served() as base, ClientSession() as http:
            allowed = []
            for origin in ("http://127.0.0.1:8000", "https://evil.example"):
                async with http.get(f"{base}/live?token=x", headers={"Origin": origin}) as response:
                    allowed.append(response.headers.get("Access-Control-Allow-Origin"))
            return allowed

    assert asyncio.run(story()) == ["http://127.0.0.1:8000", None]


def test_without_valkey_pages_are_told_that_they_are_stale(servers: Servers, tmp_path: Path) -> None:
    settings = sections(servers, "none") | {"redis": {"url": "redis://127.0.0.1:1/0"}}

    async def story() -> tuple[str, str]:
        async with _served() as base, ClientSession() as http:
            response = await http.get(f"{base}/live?token={sign(AGENT)}&kinds=call_queued")
            return await asyncio.wait_for(_next_event(response), 10)

    with configured(tmp_path / "hotline.toml", settings):
        assert asyncio.run(story())[0] == "stale"


def test_a_thousand_pages_hear_of_one_fact(without_database: None) -> None:
    """In-process: a thousand connections, one nudge, each told once."""

    hub = live.Hub()
    pages = [live.Connection(Listener(n, "agent", None), ["call_queued"]) for n in range(1000)]
    hub.connections.update(pages)
    hub.offer([{"kind": "call_queued", "call_id": 1}, {"kind": "call_ended", "call_id": 1}])
    assert all(page.untold == {"call_queued"} for page in pages)


def test_the_page_is_given_an_address_that_fits_how_it_was_reached(app: Flask) -> None:
    from hotline.db import transaction

    with transaction() as session:
        me = agent(session)
    with app.test_request_context("/", base_url="http://10.0.0.5:8000"):
        assert for_page(me) == "", "no live port is set: the page refreshes slowly and says so"
