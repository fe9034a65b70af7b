"""Sentence vectors come from the bundled model or from a site's own server; without either, that is said."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from hotline.embeddings import AT_ONCE, BUNDLED, Bundled, EmbeddingsFailed, Server
from hotline.telephony.asterisk.free_ports import free_tcp_port
from tests.support.embedder import running_embedder

TEXTS = ["暖气一点都不热", "家里暖气片是凉的", "护照丢了怎么补办"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with running_embedder() as url:
        yield url


@contextmanager
def answering(body: bytes, status: int = 200) -> Iterator[str]:
    """A site's server that says the same to everybody."""

    class Always(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Always)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_means_the_same_lies_close_together() -> None:
    cold, colder, passport = Bundled().embed(TEXTS)
    assert cold @ colder > cold @ passport + 0.05


def test_the_embedder_process_answers_as_the_model_itself(url: str) -> None:
    many = TEXTS * AT_ONCE
    assert np.allclose(Bundled().embed(many), Server(url, BUNDLED).embed(many), atol=1e-6)


def test_nobody_there_is_said_at_once_and_for_a_while_after() -> None:
    server = Server(f"http://127.0.0.1:{free_tcp_port()}/v1", BUNDLED)
    for said in ("did not answer", "a moment ago"):
        with pytest.raises(EmbeddingsFailed, match=said):
            server.embed(["暖气不热"])


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b"[]",
        b'{"data": []}',
        b'{"data": [{"index": 0, "embedding": []}, {"index": 1, "embedding": [1.0]}]}',
        b'{"data": [{"index": 0, "embedding": ["x", "y"]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 1.0]}]}',
    ],
)
def test_an_answer_that_is_none_is_refused(body: bytes) -> None:
    with answering(body) as url, pytest.raises(EmbeddingsFailed):
        Server(url, "a site's model").embed(["暖气不热"])


def test_a_server_in_trouble_is_refused() -> None:
    with answering(b"{}", status=500) as url, pytest.raises(EmbeddingsFailed):
        Server(url, "a site's model").embed(["暖气不热"])


def test_vectors_come_in_the_order_asked() -> None:
    rows = [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [3.0, 0.0]}]
    with answering(json.dumps({"data": rows}).encode()) as url:
        assert Server(url, "a site's model").embed(["a", "b"]).round(3).tolist() == [[1, 0], [0, 1]]
