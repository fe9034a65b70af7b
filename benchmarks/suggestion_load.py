"""python -m benchmarks.suggestion_load ITEMS [--meaning]: one classifier, asked sentence by sentence.

Prints {"suggest_ms": [...], "floor_ms": [...], "build_seconds", "megabytes"}. The floor is what no classifier
of this kind can do without: with meaning the sentence's vector, else its pinyin. Both are timed in turn.
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil

from hotline.catalogue.files import DATA, ItemEntry, parse
from hotline.catalogue.service import SHIPPED
from hotline.catalogue.understanding.classifier import Classifier
from hotline.catalogue.understanding.terms import pinyin
from hotline.catalogue.understanding.usage import (
    Usage,
    coded_sentences,
    fingerprint,
    sentences_of,
    shipped_meanings,
)
from hotline.embeddings import BUNDLED, Bundled

SENTENCES = 200
HOTLINE = "12345"


def catalogue(size: int) -> list[ItemEntry]:
    """The shipped items, over and over under new codes: ten times the postings of every term."""
    items = parse(SHIPPED[0].read_text(encoding="utf-8")).item
    return [
        item.model_copy(update={"code": f"{item.code}{round_ or ''}"})
        for round_ in range(-(-size // len(items)))
        for item in items
    ][:size]


def spoken(items: list[ItemEntry]) -> dict[str, Usage]:
    """The vectors of the shipped items for the copies."""
    known = shipped_meanings()
    by_name = {
        item.name: known[fingerprint(sentences_of(HOTLINE, item), BUNDLED)]
        for item in parse(SHIPPED[0].read_text(encoding="utf-8")).item
    }
    return {item.code: Usage(meaning=by_name[item.name]) for item in items}


def milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


def main() -> None:
    arguments = argparse.ArgumentParser(prog=Path(__file__).stem)
    arguments.add_argument("items", type=int)
    arguments.add_argument("--meaning", action="store_true")
    chosen = arguments.parse_args()
    model = Bundled() if chosen.meaning else None
    items = catalogue(chosen.items)
    started = time.perf_counter()
    learnt = spoken(items) if model else {}
    classifier = Classifier(HOTLINE, items, learnt=learnt, meanings={}, embedder=model)
    built = time.perf_counter() - started
    texts = [text for _, text in coded_sentences(DATA / f"golden_{HOTLINE}.tsv")[:SENTENCES]]
    classifier.suggest(texts[0])
    suggest, floor = [], []
    for text in texts:
        suggest.append(milliseconds(partial(classifier.suggest, text)))
        floor.append(milliseconds(partial(model.embed, [text]) if model else partial(pinyin, text)))
    megabytes = psutil.Process().memory_info().rss / 2**20
    print(
        json.dumps({"suggest_ms": suggest, "floor_ms": floor, "build_seconds": built, "megabytes": megabytes})
    )


if __name__ == "__main__":
    main()
