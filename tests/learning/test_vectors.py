"""With a sentence model: what was learnt has meaning, to the same bits, and new words get vectors at once."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from hotline.catalogue import queries as catalogue
from hotline.db import transaction
from hotline.embeddings import BUNDLED, Bundled, embedder
from hotline.learning import artefact, jobs, queries
from hotline.learning.learnt import Remembering, learnt_from, tempered
from hotline.learning.models import KeptMeaning
from tests.conftest import Servers, sections
from tests.learning.sentences import MARRIAGE, about_gifts
from tests.support.embedder import running_embedder
from tests.support.instance import configured


@pytest.fixture(scope="module")
def model() -> Bundled:
    return Bundled()


def test_the_same_sentences_give_the_same_vectors_to_the_bit_alone_and_together(model: Bundled) -> None:
    said = list(about_gifts())[:20]
    together = model.embed(said)
    alone = np.concatenate([model.embed([one]) for one in said])
    assert np.array_equal(together, alone)
    assert artefact.written(learnt_from({MARRIAGE: said}, model)) == artefact.written(
        learnt_from({MARRIAGE: said}, Remembering(model))
    )


def test_meaning_survives_being_written_and_weighs_as_a_dozen_sentences(model: Bundled) -> None:
    said = list(about_gifts())[:30]
    learnt = learnt_from({MARRIAGE: said}, model)
    content, _ = artefact.written(learnt)
    back = artefact.read(content)[MARRIAGE].meaning
    there = learnt[MARRIAGE].meaning
    assert back and there and np.array_equal(back.total, there.total)
    quiet = tempered(learnt)[MARRIAGE].meaning
    assert quiet and (quiet.sentences, quiet.model) == (12, BUNDLED)
    assert np.allclose(quiet.total / 12, there.total / 30)


@pytest.fixture
def site(servers: Servers, seeded_template: str, tmp_path: Path) -> Iterator[None]:
    """A site with a model server of its own, that calls the model by another name."""
    name = servers.copy_of(seeded_template)
    with running_embedder() as url:
        own = {"url": url, "model": "our-own", "timeout_seconds": 30}
        with configured(tmp_path / "hotline.toml", sections(servers, name) | {"embeddings": own}):
            yield
    servers.drop(name)


def test_a_sites_own_model_gets_vectors_of_every_item_in_parts(site: None) -> None:
    assert jobs.work_out_meanings() == jobs.AT_ONCE
    with transaction() as session:
        assert set(session.scalars(select(KeptMeaning.model))) == {"our-own"}
        items = catalogue.items(session, "12345")
        known = queries.meanings_of(session, "12345", items, embedder())
        assert len(known) == jobs.AT_ONCE
        classifier = queries.classifier_for(session, "12345")
    assert classifier.suggest("路灯坏了")
