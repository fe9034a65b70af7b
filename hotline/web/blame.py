"""What a form cannot check by itself: the act tells the field, and the page comes back as it was typed."""

from collections.abc import Iterator
from contextlib import contextmanager

from wtforms import Field


class FieldBlamed(Exception):
    """The field has its message already; whoever shows the form catches this and shows it again."""


@contextmanager
def blamed(field: Field, error: type[Exception], text: str) -> Iterator[None]:
    """Within it that error becomes the field's message.

    Raises FieldBlamed.
    """
    try:
        yield
    except error as wrong:
        field.errors = [text]
        raise FieldBlamed from wrong
