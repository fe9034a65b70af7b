"""Writes docs/events.md from hotline/events/: every kind of fact and its fields. A test holds them equal.

.venv/bin/python -m scripts.write_events_doc
"""

from dataclasses import fields
from pathlib import Path

from hotline.events import KINDS, Fact

DOC = Path(__file__).parents[1] / "docs" / "events.md"

HEAD = """# Facts

Everything that happens in Hotline is a fact in `event_log`, written in the transaction that made it true and
never changed. `hotline export events --jsonl` prints one JSON object a fact:

| key | means |
|---|---|
| `id` | number of the fact, unique, ascending in each transaction |
| `at` | when, ISO 8601 with zone |
| `kind` | one of the kinds below |
| `actor` | who: `staff:7`, `caller:3`, `caller:withheld`, `organisation:12`, `system:<part>` |
| `subjects` | the ids (`…_id`) the fact is about |
| `data` | the other fields |

Kinds and fields are for ever: a field is never renamed or given another meaning; new kinds, and new fields
with a default, may be added. No fact carries a telephone number, a name or a citizen's own
words; a reason or purpose that staff typed is kept as typed.
Written from `hotline/events/`; do not edit by hand.
"""


def text() -> str:
    return HEAD + "".join(_section(kind, fact) for kind, fact in KINDS.items())


def _section(kind: str, fact: type[Fact]) -> str:
    doc = " ".join((fact.__doc__ or "").split())
    shown = "" if doc.startswith(fact.__name__ + "(") else f"{doc}\n\n"
    rows = "".join(f"| `{f.name}` | {_type(f.type)} |\n" for f in fields(fact))
    return f"\n## {kind}\n\n{shown}| field | type |\n|---|---|\n{rows}"


def _type(annotation: object) -> str:
    name = getattr(annotation, "__name__", str(annotation))
    return name.replace(" | None", ", may be empty")


if __name__ == "__main__":
    DOC.write_text(text(), encoding="utf-8")
