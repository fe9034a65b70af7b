"""The embedder process: the bundled sentence model behind OpenAI's API, on loopback only.

A crash of its C code ends this process, which `up` starts again; the pages and calls go on with words alone.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp import web

from hotline.config import settings
from hotline.embeddings import AT_ONCE, BUNDLED, Bundled
from hotline.log_setup import set_up_logging
from hotline.telephony.asterisk.connection import LOOPBACK

BUNDLED_MODEL = web.AppKey("bundled_model", Bundled)
THREAD = web.AppKey("thread", ThreadPoolExecutor)


async def embeddings(request: web.Request) -> web.Response:
    """{"input": "…" or ["…", …]} -> {"data": [{"index", "embedding"}, …]}; 400 says what is wrong."""
    try:
        texts = (await request.json())["input"]
    except (ValueError, KeyError, TypeError):
        return _refused('send JSON such as {"input": ["text"]}')
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return _refused("input is a text or a list of texts")
    if not 1 <= len(texts) <= AT_ONCE:
        return _refused(f"1 to {AT_ONCE} texts a request")
    model, thread = request.app[BUNDLED_MODEL], request.app[THREAD]
    vectors = await asyncio.get_running_loop().run_in_executor(thread, model.embed, texts)
    rows: list[dict[str, Any]] = [
        {"object": "embedding", "index": number, "embedding": row.tolist()}
        for number, row in enumerate(vectors)
    ]
    return web.json_response({"object": "list", "model": BUNDLED, "data": rows})


def _refused(message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=400)


def application() -> web.Application:
    app = web.Application(client_max_size=2**20)
    app[BUNDLED_MODEL] = Bundled()
    app[THREAD] = ThreadPoolExecutor(1, "embedder")  # the model uses every core for one sentence
    app.router.add_post("/v1/embeddings", embeddings)
    return app


def run() -> None:
    """Until SIGTERM."""
    set_up_logging()
    web.run_app(application(), host=LOOPBACK, port=settings().embeddings.port, print=None, access_log=None)
