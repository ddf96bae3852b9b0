"""The ledger's file: made, opened, appended to by several writers at once, read in order."""

from __future__ import annotations

import contextlib
import datetime
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import ValidationError

from valuehour import __version__
from valuehour.errors import LedgerError, UsageError
from valuehour.ledger import canonical, schema
from valuehour.ledger.rules import Rules
from valuehour.models.ledger import Checkpoint, LedgerDraft, LedgerEntry, LedgerHeader
from valuehour.models.record import explain

CODE = f"valuehour {__version__}"
BUSY_SECONDS = 60.0
PAGE_SIZE = 8192
"""Bytes. With SQLite's 4096 a batch takes a tenth longer; an entry by itself takes some microseconds less."""
# A clock that is set right by some seconds must not stop the writers; one that is minutes behind is wrong.
CLOCK_SLACK = datetime.timedelta(minutes=2)

Clock = Callable[[], datetime.datetime]
Row = tuple[int, str, str]
"""Number, hash and document of an entry."""


class Head(NamedTuple):
    """The end of a chain: the number of its last entry (0: none), its hash, the moment it was recorded."""

    number: int
    hash: str
    recorded: str


class Ledger:
    """An open ledger.

    Examples
    --------
    >>> import tempfile
    >>> from decimal import Decimal
    >>> clock = lambda: datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC)
    >>> draft = LedgerDraft.model_validate({"name": "uplift.K", "value": Decimal("1.12"), "status": "measured",
    ...     "effective": datetime.date(2026, 9, 30), "source": "Study", "author": "ana"})
    >>> with tempfile.TemporaryDirectory() as folder, Ledger.create(Path(folder, "l.db"), "Example", clock) as ledger:
    ...     added = ledger.append([draft], clock)
    ...     added == [ledger.head()], ledger.entry(1).value
    (True, Decimal('1.12'))
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, header: str) -> None:
        self.path = path
        self.connection = connection
        self.header_document = header
        self.genesis = canonical.sha256(header)
        self.id = canonical.ledger_id(header)
        self._rules = Rules(connection)

    @classmethod
    def create(cls, path: Path, title: str, clock: Clock) -> Self:
        """Make an empty ledger; the file appears complete or not at all.

        Raises
        ------
        LedgerError
            The file exists or cannot be written, or the title is none.
        """
        try:
            header = LedgerHeader(title=title, created=canonical.moment(clock()))
        except ValidationError as error:
            raise LedgerError("; ".join(f"{field} {fault}" for field, fault in explain(error, LedgerHeader))) from error
        with new_file(path, canonical.header_document(header)):
            pass
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, shared: bool = False) -> Self:
        """Open a ledger.

        Parameters
        ----------
        shared : several threads use it, one at a time

        Raises
        ------
        LedgerError
            There is no such file, or it is not a ledger.
        """
        if not path.is_file():
            raise LedgerError(f"{path}: there is no such ledger; make one with: valuehour ledger init {path}")
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=BUSY_SECONDS,
            check_same_thread=not shared,
        )
        try:
            _set_up(connection)
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            if application != schema.APPLICATION_ID:
                raise LedgerError(f"{path}: not a ledger of valuehour")
            row = connection.execute("SELECT document FROM header").fetchone()
            if row is None:
                raise LedgerError(f"{path}: a ledger without its header")
            return cls(path, connection, str(row[0]))
        except sqlite3.Error as error:
            connection.close()
            raise LedgerError(f"{path}: not a ledger that can be read ({error})") from error
        except LedgerError:
            connection.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    # Reading ------------------------------------------------------------------------------------------------

    def head(self) -> Head:
        """Return the end of the chain."""
        with self.translated():
            return self._head()

    def _head(self) -> Head:
        query = "SELECT number, hash, recorded FROM entries ORDER BY number DESC LIMIT 1"
        row = self.connection.execute(query).fetchone()
        return Head(*row) if row is not None else Head(0, self.genesis, "")

    def rows(self, first: int = 1, last: int | None = None) -> Iterator[Row]:
        """Yield number, hash and document of the entries in order, one after the other, however many there are."""
        query = "SELECT number, hash, document FROM entries WHERE number >= ? AND number <= ? ORDER BY number"
        with self.translated():
            yield from self.connection.execute(query, (first, 2**62 if last is None else last))

    def entries(self, first: int = 1, last: int | None = None, name: str | None = None) -> Iterator[LedgerEntry]:
        """Yield entries in order, those with a name when one is given."""
        if name is None:
            rows: Iterator[Row] = self.rows(first, last)
        else:
            query = "SELECT number, hash, document FROM entries WHERE name = ? AND number BETWEEN ? AND ? ORDER BY 1"
            rows = self.connection.execute(query, (name, first, 2**62 if last is None else last))
        with self.translated():
            for number, hash_, text in rows:
                yield self.read(number, hash_, text)

    def entry(self, number: int) -> LedgerEntry:
        """Return the entry with a number; raise UsageError when there is none."""
        with self.translated():
            row = self.connection.execute(
                "SELECT number, hash, document FROM entries WHERE number = ?", (number,)
            ).fetchone()
        if row is None:
            raise UsageError(f"{self.path}: there is no entry {number}; there are {self.head().number}")
        return self.read(*row)

    def read(self, number: int, hash_: str, text: str) -> LedgerEntry:
        """Return a stored row as an entry; raise LedgerError with its place when it is not one."""
        try:
            return canonical.entry(text, hash_)
        except LedgerError as error:
            raise LedgerError(f"{self.path}: entry {number}: {error}") from error

    def checkpoint(self, clock: Clock) -> Checkpoint:
        """Return what is to be kept outside: the number of entries, the last hash, the date."""
        head = self.head()
        return Checkpoint(ledger=self.id, count=head.number, head=head.hash, date=canonical.moment(clock()))

    # Writing ------------------------------------------------------------------------------------------------

    def append(self, drafts: Sequence[LedgerDraft], clock: Clock) -> list[Head]:
        """Record entries, all or none; when this returns, they are on disk.

        Parameters
        ----------
        drafts : what to record
        clock : gives the moment of recording, asked once the ledger is ours to write

        Returns
        -------
        number, hash and moment of each new entry

        Raises
        ------
        LedgerError
            A rule is broken, the clock runs behind the ledger, or the file cannot be written.
        """
        with self.translated(), self._transaction():
            head = self._head()
            recorded = self._moment(clock(), head)
            self._rules.refresh()
            hashes: list[str] = []
            texts: list[str] = []
            numbers = range(head.number + 1, head.number + len(drafts) + 1)
            previous = head.hash
            for number, draft in zip(numbers, drafts, strict=True):
                self._rules.check(draft, number - 1, recorded, is_first=not texts)
                text = canonical.document(
                    draft, ledger=self.id, number=number, previous=previous, recorded=recorded, code=CODE
                )
                previous = canonical.sha256(text)
                hashes.append(previous)
                texts.append(text)
            self.connection.executemany(schema.INSERT, zip(numbers, hashes, texts, strict=True))
        return [Head(number, hash_, recorded) for number, hash_ in zip(numbers, hashes, strict=True)]

    def _moment(self, now: datetime.datetime, head: Head) -> str:
        text = canonical.moment(now)
        if text >= head.recorded:
            return text
        last = datetime.datetime.fromisoformat(head.recorded)
        if last - now > CLOCK_SLACK:
            raise LedgerError(
                f"{self.path}: the clock says {text}, but the last entry was recorded at {head.recorded}; "
                "set the clock right, entries are recorded in the order of time"
            )
        return head.recorded

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        # IMMEDIATE takes the write lock at once: a deferred transaction would fail when it comes to writing.
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def translated(self) -> Iterator[None]:
        """Turn what SQLite complains about into an error that names the file."""
        try:
            yield
        except sqlite3.Error as error:
            raise LedgerError(f"{self.path}: {_in_words(error)}") from error


def _in_words(error: sqlite3.Error) -> str:
    text = str(error)
    if "disk is full" in text or "disk I/O" in text:
        return f"could not be written, nothing was recorded: the disk is full or failing ({text})"
    if "locked" in text:
        return f"other writers held it for {BUSY_SECONDS:g} seconds; nothing was recorded, try again"
    if "readonly" in text:
        return "may not be written (the file or its folder is read-only)"
    return text


def _set_up(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA recursive_triggers = ON")
    # Some builds of SQLite are strict by default, and then refuse json_extract in generated columns.
    connection.execute("PRAGMA trusted_schema = ON")


@contextlib.contextmanager
def new_file(path: Path, header: str) -> Iterator[sqlite3.Connection]:
    """Make a ledger's file beside its place and put it there when everything in it is complete.

    Raises
    ------
    LedgerError
        The file exists, or cannot be written. An existing file is never touched.
    """
    if path.exists():
        raise LedgerError(f"{path}: is there already; a ledger is never overwritten")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        temporary.unlink(missing_ok=True)
        connection = sqlite3.connect(temporary, isolation_level=None)
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
            connection.execute("PRAGMA journal_mode = WAL")
            _set_up(connection)
            connection.execute("BEGIN IMMEDIATE")
            for statement in schema.EVERYTHING.values():
                connection.execute(statement)
            connection.execute("INSERT INTO header (document) VALUES (?)", (header,))
            yield connection
            connection.execute("COMMIT")
            connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        finally:
            connection.close()
        # A hard link fails where a file has appeared meanwhile; a rename would replace it.
        os.link(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise LedgerError(f"{path}: is there already; a ledger is never overwritten") from None
    except sqlite3.Error as error:
        raise LedgerError(f"{path}: cannot be written ({error})") from error
    except OSError as error:
        raise LedgerError(f"{path}: cannot be written ({error.strerror})") from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            temporary.with_name(temporary.name + suffix).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a new name in a folder survive a power cut, where the system can."""
    with contextlib.suppress(OSError, AttributeError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
