"""The real model, loaded once."""

import pytest

from hotline.speech.whisper import Whisper


@pytest.fixture(scope="session")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Whisper:
    return Whisper(tmp_path_factory.getbasetemp(), threads=2)
