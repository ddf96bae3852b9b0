"""Every function through a real server gives what Python gives: called alone, and in batches."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.parity import arguments
from tests.serving import BATCH, CALL, Server, payload, serving
from valuehour.catalog import load_catalog
from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS

ERROR_TYPES = {
    CellError.NULL: "Null",
    CellError.DIV0: "Div0",
    CellError.VALUE: "Value",
    CellError.REF: "Ref",
    CellError.NAME: "Name",
    CellError.NUM: "Num",
    CellError.NA: "NotAvailable",
}
MANY = 100_000
SETS = 40


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving() as running:
        yield running


def sent(cell: Any) -> Any:
    """A cell as Office.js sends it."""
    if isinstance(cell, CellError):
        return {"type": "Error", "basicType": "Error", "basicValue": str(cell), "errorType": ERROR_TYPES[cell]}
    return "" if cell is None else cell


def posted(name: str, *given: Any) -> dict[str, Any]:
    """A call as Office.js posts it: what is left out is null, what may be repeated is one list."""
    rows = [
        [list(map(sent, row)) for row in argument] if isinstance(argument, list) else [[sent(argument)]]
        for argument in given
    ]
    if FUNCTIONS[name].variadic:
        return payload(name, rows)
    return payload(name, *rows, *[None] * (len(FUNCTIONS[name].arguments) - len(rows)))


def read(cell: Any) -> Any:
    """A cell as our functions get it: an empty text is a blank in Excel."""
    return None if cell == "" else cell


def expected(name: str, *given: Any) -> list[list[Any]]:
    """What Python says, as Office.js takes it."""
    cells = [[list(map(read, row)) for row in one] if isinstance(one, list) else read(one) for one in given]
    value = FUNCTIONS[name].evaluate(*cells, taxonomy=load_catalog().taxonomy())
    rows = value if isinstance(value, list) else [[value]]
    return [
        [
            {"type": "Error", "errorType": ERROR_TYPES.get(cell, "Value")} if isinstance(cell, CellError) else cell
            for cell in row
        ]
        for row in rows
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_cell_shows_what_python_says_called_alone_and_in_a_batch(server: Server, name: str) -> None:
    sets = [call.arguments for call in arguments.calls(name, SETS)]
    calls = [posted(name, *given) for given in sets]

    batch = server.post(BATCH, {"calls": calls})
    alone = [server.post(CALL, call) for call in calls]

    assert batch.status == 200
    wanted = [{"status": 200, "data": {"result": expected(name, *given)}} for given in sets]
    assert batch.json["results"] == wanted
    assert [{"status": answer.status, "data": answer.json} for answer in alone] == wanted


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_range_of_100_000_cells_comes_back_as_python_has_it(server: Server, name: str) -> None:
    first, *others = next(iter(arguments.valid_calls(name, 1))).arguments
    place = next((i for i, argument in enumerate(FUNCTIONS[name].arguments) if argument.whole_range), 0)
    given = [first, *others]
    is_shares = FUNCTIONS[name].arguments[place].name == "shares"
    given[place] = [[0.5 / MANY if is_shares else cell] for cell in repeated(given[place])]

    answer = server.post(CALL, posted(name, *given))

    assert answer.status == 200
    result = answer.json["result"]
    assert result == expected(name, *given)
    if not FUNCTIONS[name].needs_taxonomy:  # it takes no range, and says so in one cell
        assert len(result) == (1 if FUNCTIONS[name].aggregates and not FUNCTIONS[name].returns_array else MANY)


def repeated(argument: Any) -> list[Any]:
    """The cells of an argument, repeated until there are many."""
    cells = [cell for row in argument for cell in row] if isinstance(argument, list) else [argument]
    return (cells * (MANY // len(cells) + 1))[:MANY]


def test_a_cell_that_holds_no_number_at_all_is_an_error_and_not_a_failure(server: Server) -> None:
    body = json.dumps({"calls": [payload("VALUE_PER_HOUR", math.nan, 3), payload("VALUE_PER_HOUR", 8760, math.inf)]})

    answer = server.request("POST", BATCH, body.encode(), {"Content-Type": "application/json"})

    assert [entry["status"] for entry in answer.json["results"]] == [200, 200]
    assert [entry["data"]["result"][0][0]["type"] for entry in answer.json["results"]] == ["Error", "Error"]


def test_a_blank_cell_counts_as_zero_and_only_what_is_left_out_gets_its_default(server: Server) -> None:
    calls = [payload("VALUE_PER_HOUR", 8760, 1, last, None) for last in (None, "", [[None]], [[""]])]

    results = server.post(BATCH, {"calls": calls}).json["results"]

    by_zero = {"type": "Error", "errorType": "Div0"}
    assert [entry["data"]["result"][0][0] for entry in results] == [1.0, by_zero, by_zero, by_zero]
    assert server.post(CALL, calls[2]).json["result"] == [[by_zero]]


def test_what_all_calls_have_in_common_may_stand_once(server: Server) -> None:
    whole = payload("VALUE_PER_HOUR", 8760, 2)
    shared = {key: whole.pop(key) for key in ("client", "version", "runtime", "session_id", "culture_info_name")}
    bad = {**whole, "runtime": "none"}

    results = server.post(BATCH, {"shared": shared, "calls": [whole, bad]}).json["results"]

    assert results[0] == {"status": 200, "data": {"result": [[0.5]]}}
    assert results[1]["status"] == 400


def test_one_bad_call_spoils_its_own_cell_only(server: Server) -> None:
    good = payload("VALUE_PER_HOUR", 8760, 1)
    ragged = payload("ALLOCATE", 10, [[1, 2], [3]], None)

    results = server.post(BATCH, {"calls": [good, payload("NO_SUCH", 1), ragged, good]}).json["results"]

    assert [entry["status"] for entry in results] == [200, 404, 400, 200]
    assert results[1]["data"] == {"detail": "there is no function 'NO_SUCH'"}
    assert results[2]["data"]["detail"].startswith("ALLOCATE: weights is")


def test_an_old_excel_gets_errors_as_texts(server: Server) -> None:
    call = payload("VALUE_PER_HOUR", 1, 0, runtime="1.1")

    assert server.post(CALL, call).json == {"result": [["#DIV/0!"]]}


def test_an_empty_batch_is_answered(server: Server) -> None:
    assert server.post(BATCH, {"calls": []}).json == {"results": []}


def test_the_health_says_what_is_there(server: Server) -> None:
    answer = server.request("GET", "/valuehour/health")

    assert answer.headers["cache-control"].startswith("no-store")
    found = answer.json
    assert (found["status"], found["batching"], found["batch"]) == ("ok", True, BATCH)
    assert found["functions"] == sorted(FUNCTIONS)
    assert found["last_error"] is None


def test_excel_learns_the_functions_with_their_arguments(server: Server) -> None:
    told = {entry["name"]: entry for entry in server.request("GET", "/xlwings/custom-functions-meta").json["functions"]}

    assert set(told) == set(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        parameters = told[name]["parameters"]
        assert [entry["name"] for entry in parameters] == [argument.name for argument in function.arguments]
        assert [entry.get("optional", False) for entry in parameters] == [one.optional for one in function.arguments]
        assert parameters[-1].get("repeating", False) == function.variadic


@pytest.mark.parametrize("style", ["native", "officejs"])
def test_a_template_can_be_downloaded(server: Server, style: str, tmp_path: Path) -> None:
    answer = server.request("GET", f"/valuehour/templates/workflow_outcomes.xlsx?style={style}")

    assert answer.status == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="workflow_outcomes.xlsx"'
    from valuehour.workbooks.build import build
    from valuehour.workbooks.formula import Style

    assert answer.body == build("workflow_outcomes", style=Style(style)).package.to_bytes()


@pytest.mark.parametrize("path", ["nothing.xlsx", "..%2Fvalue_model.xlsx", "value_model.xlsx?style=lambda"])
def test_what_is_no_template_is_not_found(server: Server, path: str) -> None:
    answer = server.request("GET", f"/valuehour/templates/{path}")

    assert answer.status == 404
    assert "PK" not in answer.body.decode()
