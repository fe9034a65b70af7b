"""The machine of a ticket as a drawing: a column for each of the four words citizens read; pure."""

from dataclasses import dataclass

from hotline.tickets.states import PUBLIC_STATE, TABLE, Move, TicketState

COLUMNS = ("accepted", "in_progress", "answered", "finished")
BOX = (150, 34)
STEP_X, STEP_Y = 300, 64
MARGIN = 60


@dataclass(frozen=True)
class Box:
    """A state, its left upper corner in pixels."""

    state: TicketState
    x: int
    y: int


@dataclass(frozen=True)
class Arrow:
    """A move; `path` as SVG writes curves."""

    move: Move
    path: str


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    headings: tuple[tuple[str, int], ...]


def drawing() -> Drawing:
    """Of the table as it is."""
    columns = {word: [state for state in TicketState if PUBLIC_STATE[state] == word] for word in COLUMNS}
    tallest = max(map(len, columns.values()))
    height = tallest * STEP_Y + MARGIN
    boxes = [
        Box(state, MARGIN + column * STEP_X, _spread(row, len(states), height))
        for column, states in enumerate(columns.values())
        for row, state in enumerate(states)
    ]
    by_state = {box.state: box for box in boxes}
    arrows = tuple(Arrow(move, _curve(by_state[move.old], by_state[move.new])) for move in TABLE)
    headings = tuple((word, MARGIN + column * STEP_X) for column, word in enumerate(COLUMNS))
    return Drawing(2 * MARGIN + (len(COLUMNS) - 1) * STEP_X + BOX[0], height, tuple(boxes), arrows, headings)


def _spread(row: int, rows: int, height: int) -> int:
    """The upper edge of this box where so many share the height."""
    return MARGIN + (2 * row + 1) * (height - MARGIN) // (2 * rows) - BOX[1]


def _curve(old: Box, new: Box) -> str:
    """From side to side between columns; around the right-hand side within one."""
    y1, y2 = old.y + BOX[1] // 2, new.y + BOX[1] // 2
    if old.x == new.x:
        x = old.x + BOX[0]
        out = x + 24 + abs(y2 - y1) // 5
        return f"M{x} {y1 + 5} C{out} {y1 + 5} {out} {y2 - 5} {x + 2} {y2 - 5}"
    x1, x2 = (old.x + BOX[0], new.x) if old.x < new.x else (old.x, new.x + BOX[0])
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"
