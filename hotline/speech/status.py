"""How the recogniser is, for `hotline check` and /metrics."""

from collections.abc import Mapping

import requests

from hotline.config import Speech

PATIENCE_SECONDS = 2.0


def counts(speech: Speech) -> Mapping[str, float] | None:
    """Our own recogniser's figures (hotline/speech/server.py), none for another; None when nobody answers."""
    try:
        answer = requests.get(f"{speech.url.rstrip('/')}/status", timeout=PATIENCE_SECONDS)
        told = answer.json() if answer.ok else {}
    except requests.ConnectionError:
        return None
    except requests.RequestException:
        return {}
    known = isinstance(told, dict) and "recognised" in told
    return {name: float(value) for name, value in told.items()} if known else {}
