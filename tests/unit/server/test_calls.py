"""Calls as they are judged and answered, without a network: no payload is a failure, the short way changes nothing."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from http import HTTPStatus
from threading import Event
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import licence  # noqa: F401  before xlwings is imported
from tests.serving import payload
from valuehour.functions import FUNCTIONS
from valuehour.hosts import udfs
from valuehour.hosts.server import calls
from valuehour.hosts.server.refusals import Refused, quoted
from valuehour.hosts.server.work import Gone, Limits, answers, batch_body, plain_answers, read_batch, read_call

SERVED = calls.served_functions(udfs)
LIMITS = Limits(calls=50, cells=10_000)
PLAIN = [name for name, served in SERVED.items() if served.takes_plain_calls]


async def stock(call: calls.Payload) -> Mapping[str, Any]:
    """What xlwings itself makes of a call."""
    from xlwings.server import custom_functions_call

    return {"result": await custom_functions_call(call, udfs)}


def test_the_functions_are_served_and_nothing_else_of_their_module() -> None:
    assert set(SERVED) == set(FUNCTIONS)
    assert len(vars(udfs)) > len(SERVED)
    assert 10 < len(PLAIN) < len(SERVED)


numbers = st.one_of(
    st.integers(-(10**6), 10**6),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 1, -0.0, 1e308, 5e-324]),
)


@pytest.mark.parametrize("name", PLAIN)
@given(data=st.data())
def test_the_short_way_of_plain_numbers_gives_what_xlwings_gives(name: str, data: st.DataObject) -> None:
    fewest, most = FUNCTIONS[name].counts
    count = data.draw(st.integers(fewest, most))
    given_numbers = data.draw(st.lists(numbers, min_size=count, max_size=count))
    call = calls.judged(payload(name, *given_numbers, *[None] * (most - count)), SERVED, LIMITS.cells)

    short = calls.plain_body(call)

    if short is not None:
        assert json.loads(short) == asyncio.run(stock(call.payload))
        assert math.isfinite(value) if isinstance(value := json.loads(short)["result"][0][0], float) else value


def test_the_short_way_is_taken_where_thousands_of_cells_take_it() -> None:
    short = calls.plain_body(calls.judged(payload("VALUE_PER_HOUR", 8760, 2, None, None), SERVED, LIMITS.cells))
    assert short == '{"result":[[0.5]]}'


@pytest.mark.parametrize(
    "call",
    [
        payload("VALUE_PER_HOUR", "8760", 2),
        payload("VALUE_PER_HOUR", True, 2),
        payload("VALUE_PER_HOUR", [[1], [2]], 2),
        payload("VALUE_PER_HOUR", 8760, [[None]]),
        payload("VALUE_PER_HOUR", 8760),
        payload("VALUE_PER_HOUR", 8760, 0),
        payload("VALUE_PER_HOUR", 8760, -1),
        payload("VALUE_PER_HOUR", 8760, 2, client="Google Apps Script"),
        payload("ALLOCATE", 10, 1),
    ],
)
def test_whatever_else_goes_the_way_of_xlwings(call: dict[str, Any]) -> None:
    assert calls.plain_body(calls.judged(call, SERVED, LIMITS.cells)) is None


def test_a_function_that_asks_for_roles_never_takes_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    told = dict(udfs.VALUE_PER_HOUR.__xlfunc__, required_roles=["board"])  # type: ignore[attr-defined]
    monkeypatch.setattr(udfs.VALUE_PER_HOUR, "__xlfunc__", told)  # type: ignore[attr-defined]
    served = calls.served_functions(udfs)

    assert calls.plain_body(calls.judged(payload("VALUE_PER_HOUR", 8760, 2), served, LIMITS.cells)) is None


cells = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=5),
        st.sampled_from(["#N/A", "", {"type": "Error", "basicValue": "#NUM!"}, {"type": "Error"}, {"basicValue": {}}]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=2),
    max_leaves=8,
)
ranges = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda size: st.lists(st.lists(cells, min_size=size[1], max_size=size[1]), min_size=size[0], max_size=size[0])
)
odd_payloads = st.fixed_dictionaries(
    {
        "func_name": st.sampled_from([*SERVED, "os", ""]) | cells,
        "args": st.lists(ranges | cells | st.lists(ranges, max_size=3), max_size=5) | cells,
        "client": st.just("Office.js") | cells,
        "version": st.just("0") | cells,
        "runtime": st.sampled_from(["1.1", "1.4"]) | cells,
    },
    optional=dict.fromkeys(calls.OPTIONAL, cells),
)


@given(st.lists(odd_payloads | cells, max_size=4))
def test_nothing_that_can_be_sent_is_a_failure_of_ours(sent: list[Any]) -> None:
    body = json.dumps({"calls": sent}).encode()

    found = json.loads(batch_body(answers(read_batch(body, SERVED, LIMITS), stock, Event())))["results"]

    assert len(found) == len(sent)
    for entry in found:
        assert entry["status"] in (
            HTTPStatus.OK,
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        )
        assert set(entry["data"]) == {"result" if entry["status"] == HTTPStatus.OK else "detail"}


@given(st.binary(max_size=200) | st.text().map(str.encode) | cells.map(lambda value: json.dumps(value).encode()))
def test_nothing_that_is_no_call_is_taken_for_one(body: bytes) -> None:
    for read in (read_call, read_batch):
        with pytest.raises(Refused) as refused:
            read(body, SERVED, LIMITS)
        assert refused.value.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
        assert refused.value.detail.isprintable()


def test_a_failure_of_a_function_is_told_in_its_own_cell_and_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(call: calls.Payload) -> Mapping[str, Any]:
        if call["func_name"] == "UPLIFT":
            raise RuntimeError("secret")
        return await stock(call)

    sent = [payload("UPLIFT", [[[1]]]), payload("GROUP_PATH", [[["a"]]]), payload("UPLIFT", [[[2]]])]
    found = answers(read_batch(json.dumps({"calls": sent}).encode(), SERVED, LIMITS), broken, Event())

    assert [status for status, _ in found] == [500, 200, 500]
    assert json.loads(found[0][1]) == {"detail": "UPLIFT failed; see the server's log"}
    assert [record.getMessage() for record in caplog.records] == ["UPLIFT failed: RuntimeError"] * 2


def test_a_result_that_is_no_json_spoils_its_own_cell_only(caplog: pytest.LogCaptureFixture) -> None:
    async def odd(call: calls.Payload) -> Mapping[str, Any]:
        return {"result": [[math.nan if call["args"][0][0] == [["nan"]] else object()]]}

    sent = [
        payload("GROUP_PATH", [[["nan"]]]),
        payload("GROUP_PATH", [[["other"]]]),
        payload("VALUE_PER_HOUR", 8760, 1),
    ]
    found = answers(read_batch(json.dumps({"calls": sent}).encode(), SERVED, LIMITS), odd, Event())

    assert [status for status, _ in found] == [500, 500, 200]
    assert len(caplog.records) == 2


def test_work_ends_between_two_calls_once_nobody_waits() -> None:
    gone = Event()
    done = []

    async def leaving(call: calls.Payload) -> Mapping[str, Any]:
        done.append(call)
        if len(done) == 2:
            gone.set()
        return {"result": [[1]]}

    sent = [payload("GROUP_PATH", [[["a"]]])] * 9
    with pytest.raises(Gone, match="stopped after 2 of 9 calls"):
        answers(read_batch(json.dumps({"calls": sent}).encode(), SERVED, LIMITS), leaving, gone)


def test_a_request_of_plain_numbers_and_refusals_needs_no_thread() -> None:
    plain = [payload("VALUE_PER_HOUR", 8760, 1), payload("no such")]
    assert plain_answers(read_batch(json.dumps({"calls": plain}).encode(), SERVED, LIMITS)) is not None
    more = [*plain, payload("GROUP_PATH", [[["a"]]])]
    assert plain_answers(read_batch(json.dumps({"calls": more}).encode(), SERVED, LIMITS)) is None


@given(st.text())
def test_a_foreign_text_is_one_short_line_in_messages_and_logs(text: str) -> None:
    shown = quoted(text)

    assert shown.isprintable()
    assert shown.isascii()
    assert len(shown) < 700


def test_what_a_batch_shares_is_small_however_much_is_sent() -> None:
    """A thousand calls would each take up all of it again."""
    call = payload("VALUE_PER_HOUR", 8760, 2)
    context = {name: value for name, value in call.items() if name != "args"}
    padded = {"shared": context | {f"key {key}": 0 for key in range(1000)}, "calls": [{"args": call["args"]}, {}]}

    good, without = read_batch(json.dumps(padded).encode(), SERVED, LIMITS).entries

    assert isinstance(good, calls.Call)
    assert good.payload == call
    assert isinstance(without, Refused)
    ranges = read_batch(json.dumps({"shared": call, "calls": [{}]}).encode(), SERVED, LIMITS).entries
    assert [str(entry) for entry in ranges] == [without.detail] == ["VALUE_PER_HOUR: args is a list; found nothing"]
