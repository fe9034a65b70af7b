"""Which words of a text spoke for an item, cut out of the text as they stand there; pure."""

from collections.abc import Mapping, Sequence

SHOWN = 4
LEAST_SHARE = 0.08  # of the item's score; less decides nothing


def deciding_words(text: str, keywords: Sequence[str], shares: Mapping[str, float]) -> tuple[str, ...]:
    """The item's keywords in the text first, then the pairs of characters that gave most; joined where they
    overlap.

    `shares` is what each term gave to the score; the terms are those of `terms.characters`.
    """
    lowered = text.lower()
    least = LEAST_SHARE * sum(shares.values())
    strong = sorted((t for t, share in shares.items() if share >= least), key=lambda t: -shares[t])
    wanted = [word for word in keywords if word in text]
    wanted += [term if term.isascii() else term.replace(" ", "") for term in strong if len(term) > 1]
    spans: list[tuple[int, int]] = []
    for word in wanted:
        at = lowered.find(word.lower())
        if at >= 0:
            spans = _joined(spans, (at, at + len(word)))
    return tuple(text[first:last] for first, last in spans[:SHOWN])


def _joined(spans: Sequence[tuple[int, int]], new: tuple[int, int]) -> list[tuple[int, int]]:
    """`new` takes in what it overlaps, and stands where the first of them stood."""
    touching = [span for span in spans if span[0] < new[1] and new[0] < span[1]]
    if not touching:
        return [*spans, new]
    whole = (min(new[0], *(s[0] for s in touching)), max(new[1], *(s[1] for s in touching)))
    place = spans.index(touching[0])
    rest = [span for span in spans if span not in touching]
    return [*rest[:place], whole, *rest[place:]]
