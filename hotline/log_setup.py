"""Logging for every process: one line a record, UTC, telephone numbers masked whoever wrote them."""

import logging
import re
import time

LONG_NUMBER = re.compile(r"(?<![\w.])(\+?\d{3})\d{4,8}(\d{4})(?![\w.])")


class MaskingFormatter(logging.Formatter):
    """The last guard: a number that slipped into a message or a traceback is masked here."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        return LONG_NUMBER.sub(r"\1●●●●\2", super().format(record))


def set_up_logging(level: str = "INFO") -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(MaskingFormatter("%(asctime)sZ %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
