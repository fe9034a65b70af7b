"""Fit the points of hotline/catalogue/data/emergency_points.tsv: python -m scripts.fit_emergencies

It reads tests/catalogue/emergencies.tsv (a rule, or - where nobody is in danger; small talk too) and
alarming.tsv beside it, examples of the shipped catalogues, idle talk and the sayings that ship. The same
files give the same points, bit for bit.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from math import exp, log, sqrt
from pathlib import Path

import numpy as np

from hotline.catalogue import files
from hotline.catalogue.service import SHIPPED
from hotline.catalogue.understanding.emergencies import shipped_lexicon, shipped_listener
from hotline.catalogue.understanding.emergency_hunch import terms
from hotline.catalogue.understanding.usage import idle_talk

ROOT = Path(__file__).parent.parent
OUT = files.DATA / "emergency_points.tsv"
NUMBERS = ("110", "119", "120", "122")
NUMBER_OF = {
    "1601": "110",
    "1609": "110",
    "L1201": "110",
    "1602": "119",
    "1505": "119",
    "1608": "119",
    "1603": "120",
    "1604": "122",
}
LEFT_OUT = {
    "L1203",
    "1607",
    "0609",
    "2003",
    "L0105",
    "9901",
    "L9901",
}  # neither plainly an emergency nor plainly none
ROUNDS, STEP, SHRINK, CALLS_WEIGH = 40, 0.15, 1e-3, 4
SMOOTH = 0.5
LEAST = 0.2  # lighter terms change nothing that is heard

UNKNOWN = ""  # some number must be rung
Row = tuple[str | None, str]  # the number to ring, or None


def rows() -> Iterator[Row]:
    for file in SHIPPED:
        for item in files.parse(file.read_text(encoding="utf-8")).item:
            for example in item.examples if item.code not in LEFT_OUT else ():
                yield NUMBER_OF.get(item.code), example
    yield from ((None, text) for text in idle_talk())
    tests = ROOT / "tests/catalogue"
    told_apart = (tests / "emergencies.tsv", tests / "alarming.tsv")
    for path in (*told_apart, *sorted(files.DATA.glob("sayings_*.tsv"))):
        for line in path.read_text(encoding="utf-8").splitlines():
            code, _, text = line.partition("\t")
            if text and code not in LEFT_OUT:
                yield _number(code), text


def _number(code: str) -> str | None:
    if code in ("plain", "veiled"):
        return UNKNOWN
    rule = shipped_listener().rules.get(code)
    number = rule.number if rule else NUMBER_OF.get(code)
    return number if number is None or number in NUMBERS else "119"


def fit(wanted: Sequence[Row]) -> tuple[float, dict[str, float]]:
    """Logistic regression by Adagrad, one sentence at a time; emergencies are few and weigh more."""
    sentences = [sorted({term for term, _ in terms(_heard(text))}) for _, text in wanted]
    times = Counter(term for sentence in sentences for term in sentence)
    known = {term: place for place, term in enumerate(sorted(term for term, n in times.items() if n > 1))}
    columns = [np.array([known[term] for term in sentence if term in known], int) for sentence in sentences]
    weights, seen, bias = np.zeros(len(known)), np.full(len(known), 1e-6), -2.0
    order = np.random.default_rng(0)
    for _ in range(ROUNDS):
        for row in order.permutation(len(columns)):
            column, is_call = columns[row], wanted[row][0] is not None
            scale = sqrt(max(1, len(column)))
            chance = 1 / (1 + exp(-max(-30.0, min(30.0, bias + weights[column].sum() / scale))))
            error = (chance - is_call) * (CALLS_WEIGH if is_call else 1)
            slope = error / scale + SHRINK * weights[column]
            seen[column] += slope * slope
            weights[column] -= STEP * slope / np.sqrt(seen[column])
            bias -= 0.002 * error
    return bias, {term: float(weights[place]) for term, place in known.items()}


def services(wanted: Sequence[Row], term_list: Sequence[str]) -> dict[str, list[float]]:
    """Naive Bayes among the emergencies: which number the terms speak for."""
    calls = [(number, {term for term, _ in terms(_heard(text))}) for number, text in wanted if number]
    counts = {number: Counter(t for n, found in calls if n == number for t in found) for number in NUMBERS}
    of_number = Counter(number for number, _ in calls)
    return {
        term: [
            _log_lift(counts[n][term] / of_number[n], sum(c[term] for c in counts.values()) / len(calls))
            for n in NUMBERS
        ]
        for term in term_list
    }


def _log_lift(share: float, everywhere: float) -> float:
    """How much more often a term is heard for this number than for any; what it never had says little."""
    return log((share + SMOOTH * everywhere) / ((1 + SMOOTH) * everywhere)) if everywhere else 0.0


def _heard(text: str) -> str:
    reading = shipped_lexicon().reading
    return text.translate(str.maketrans(reading.traditional, reading.simplified))


def main() -> None:
    wanted = list(rows())
    bias, weights = fit(wanted)
    speaks_for = services(wanted, list(weights))
    lines = ["\t".join(["term", f"{bias:.2f}", *NUMBERS])]
    for term, weight in sorted(weights.items()):
        rounded = [weight, *speaks_for[term]]
        if abs(weight) >= LEAST:
            lines.append("\t".join([term, *(str(round(100 * one)) for one in rounded)]))
    OUT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    calls = sum(number is not None for number, _ in wanted)
    sys.stdout.write(f"{len(wanted)} sentences, {calls} emergencies, {len(lines)} terms\n")


if __name__ == "__main__":
    main()
