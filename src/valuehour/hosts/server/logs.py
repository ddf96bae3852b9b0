"""What the server logs: one line a message, whatever foreign texts stand in it, and the last failure for its health."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class OneLine(logging.Filter):
    """Writes out whatever could end a line or move the cursor, so that nobody can forge a line of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every message through, in one line."""
        message = record.getMessage()
        if _CONTROLS.search(message):
            record.msg = _CONTROLS.sub(lambda found: ascii(found[0])[1:-1], message)
            record.args = None
        return True


class LastFailure(logging.Handler):
    """Remembers the last failure of a function."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.last: dict[str, str] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep when it was and what failed."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="seconds")
        self.last = {"at": at.replace("+00:00", "Z"), "message": record.getMessage()}


FAILURES = LastFailure()


def install() -> None:
    """Make the logs of this process safe to read."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(OneLine())
    logging.getLogger("valuehour.server").addHandler(FAILURES)
    # One line of ours for a request in the place of one for each of its thousands of calls.
    logging.getLogger("xlwings_server.routers.xlwings").setLevel(logging.WARNING)
