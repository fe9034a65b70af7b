"""The embedder process, as `hotline up` starts it."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import tomli_w

from hotline.telephony.asterisk.free_ports import free_tcp_port
from hotline.wiring.instance import answers_at
from hotline.wiring.processes import ProcessSpec, running


@contextmanager
def running_embedder() -> Iterator[str]:
    """Its URL, for [embeddings]."""
    port = free_tcp_port()
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "hotline.toml"
        config.write_text(tomli_w.dumps({"embeddings": {"port": port}}))
        argv = [sys.executable, "-m", "hotline.wiring.cli", "process", "embedder"]
        env = {**os.environ, "HOTLINE_CONFIG": str(config)}
        spec = ProcessSpec(name="embedder", argv=argv, env=env, ready=answers_at("127.0.0.1", port))
        with running(spec, log_dir=Path(scratch)):
            yield f"http://127.0.0.1:{port}/v1"
