"""The ledger in a cell: what it holds for a name, how well that is known, and what stands behind it."""

from __future__ import annotations

from valuehour.errors import CellError, NotAvailableError, SourceError
from valuehour.functions.records import Record, Records
from valuehour.functions.rules import Rule
from valuehour.functions.worksheet import worksheet_function

_NO_DAY = "it must be a date up to 31 December 9999, or 0 for today"


def _row(column: str) -> str:
    return f"INDEX({{{column}}},MATCH({{name}},{{names}},0))"


def _each_row(column: str) -> str:
    # MAP, because not every engine looks a whole range of names up.
    return f"MAP({{name}},LAMBDA(key,XLOOKUP(key,{{names}},{{{column}}})))"


@worksheet_function(
    family="Ledger",
    kinds={"name": "text"},
    expression=f"IF(({{as_of}}<1)+({{as_of}}>={{day}})>0,{_row('values')},NA())",
    dynamic={"result": f"IF(({{as_of}}<1)+({{as_of}}>={{day}})>0,{_each_row('values')},#N/A)"},
    rules=(
        Rule(CellError.NUM, _NO_DAY, when="as_of < 0"),
        Rule(CellError.NUM, _NO_DAY, when="as_of >= 2958466"),
    ),
    example='=LEDGER("uplift.K")',
    example_result=1.12,
)
def ledger(name: str, as_of: float = 0, *, records: Records | None = None) -> float:
    """Return the value that the ledger holds for a name on a day.

    ledger = the value of the entry that held for the name on that day, as it was known on that day

    The ledger is the one of the server, or the records in the workbook's own table tblLedger: those are of one day,
    so that an earlier day gives #N/A.

    Parameters
    ----------
    name : text
        A name of the ledger such as uplift.K or share.Region.EMEA, in any case.
    as_of : date, from 0 to 31 December 9999
        The day to look from, such as DATE(2026,9,30); what was recorded after it does not count. Leave it out (or
        give 0) for today.

    Returns
    -------
    number, in the unit it was recorded in

    Raises
    ------
    NotAvailableError
        Nothing of that name is there on that day, or not for the one who asks (``#N/A``).
    DomainError
        ``as_of`` is no day (``#NUM!``).
    SourceError
        There is no ledger here, or it cannot be read (``#REF!``).

    Source
    ------
    value_created_per_hour: Continuous Compounding Loop, Recalibration Hooks

    Examples
    --------
    >>> from valuehour.functions.records import Snapshot
    >>> ledger("uplift.K", records=Snapshot.of(46000, [("uplift.K", 1.12, "measured", "Pilot report")]))
    1.12
    """
    return _holding(name, as_of, records).value


@worksheet_function(
    family="Ledger",
    kinds={"name": "text"},
    expression=_row("statuses"),
    dynamic={"result": _each_row("statuses")},
    example='=LEDGER_STATUS("uplift.K")',
    example_result="measured",
)
def ledger_status(name: str, *, records: Records | None = None) -> str:
    """Return how well the value that the ledger holds today is known: assumed, measured or approved.

    ledger_status = the status of the entry that holds for the name today

    Parameters
    ----------
    name : text
        A name of the ledger such as uplift.K or share.Region.EMEA, in any case.

    Returns
    -------
    text: assumed, measured or approved

    Raises
    ------
    NotAvailableError
        Nothing of that name is there, or not for the one who asks (``#N/A``).
    SourceError
        There is no ledger here, or it cannot be read (``#REF!``).

    Source
    ------
    value_created_per_hour: Interpretation (ledger-backed)

    Examples
    --------
    >>> from valuehour.functions.records import Snapshot
    >>> ledger_status("uplift.K", records=Snapshot.of(46000, [("uplift.K", 1.12, "measured", "Pilot report")]))
    'measured'
    """
    return _holding(name, 0, records).status


@worksheet_function(
    family="Ledger",
    kinds={"name": "text"},
    expression=_row("evidences"),
    dynamic={"result": _each_row("evidences")},
    example='=LEDGER_EVIDENCE("uplift.K")',
    example_result="Pilot report",
)
def ledger_evidence(name: str, *, records: Records | None = None) -> str:
    """Return what stands behind the value that the ledger holds today: a reference, a file with its sha256, or both.

    ledger_evidence = the evidence of the entry that holds for the name today, or "none given"

    Parameters
    ----------
    name : text
        A name of the ledger such as uplift.K or share.Region.EMEA, in any case.

    Returns
    -------
    text

    Raises
    ------
    NotAvailableError
        Nothing of that name is there, or not for the one who asks (``#N/A``).
    SourceError
        There is no ledger here, or it cannot be read (``#REF!``).

    Source
    ------
    value_created_per_hour: Interpretation (ledger-backed)

    Examples
    --------
    >>> from valuehour.functions.records import Snapshot
    >>> ledger_evidence("uplift.K", records=Snapshot.of(46000, [("uplift.K", 1.12, "measured", "Pilot report")]))
    'Pilot report'
    """
    return _holding(name, 0, records).evidence


def _holding(name: str, as_of: float, records: Records | None) -> Record:
    if records is None:
        raise SourceError("there is no ledger to look in here; open a workbook with a table tblLedger, or ask a server")
    found = records.holding(str(name), int(as_of))
    if found is None:
        day = f" on day {int(as_of)}" if as_of >= 1 else ""
        raise NotAvailableError(f"name is {name!r}; the ledger holds nothing of that name for you{day}")
    return found
