"""Whatever else is sent to a real server is refused clearly; nothing of it runs, and others are answered meanwhile."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.served import PATIENCE
from tests.serving import BATCH, CALL, HEALTH, JSON, Server, payload, project, serving

GOOD = payload("VALUE_PER_HOUR", 8760, 2)
BODY_BYTES = 200_000
BODY_SECONDS = 2
CALLS = 50
CELLS = 60_000

# What a careless project could hold beside the functions. Each of these would leave a file if it ran.
CARELESS = """
import os
import pathlib
from valuehour.hosts.udfs import *


def leave_a_trace(*arguments):
    pathlib.Path(os.environ["TRACE"]).write_text("it ran")


def _private(*arguments):
    leave_a_trace()
"""


@pytest.fixture(scope="module")
def trace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that nobody may write."""
    return tmp_path_factory.mktemp("trace") / "trace"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, trace: Path) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    careless = project(folder / "careless")
    (careless / "custom_functions" / "__init__.py").write_text(CARELESS, encoding="utf-8")
    settings = {
        "XLWINGS_PROJECT_DIR": str(careless),
        "TRACE": str(trace),
        "VALUEHOUR_BODY_MAX_BYTES": str(BODY_BYTES),
        "VALUEHOUR_BATCH_MAX_BYTES": str(BODY_BYTES),
        "VALUEHOUR_BODY_SECONDS": str(BODY_SECONDS),
        "VALUEHOUR_BATCH_MAX_CALLS": str(CALLS),
        "VALUEHOUR_RESULT_MAX_CELLS": str(CELLS),
        "XLWINGS_CORS_ALLOW_ORIGINS": '["https://sheets.example.com"]',
    }
    with serving(**settings) as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_ran_and_the_server_still_answers(server: Server, trace: Path) -> Iterator[None]:
    yield
    assert not trace.exists()
    assert server.post(CALL, GOOD).json == {"result": [[0.5]]}


def refused(server: Server, content: Any) -> set[tuple[int, str]]:
    """The status and the reason of a call that is refused, alone and in a batch."""
    alone = server.post(CALL, content)
    batch = server.post(BATCH, {"calls": [content]})
    (entry,) = batch.json["results"]
    return {(alone.status, alone.json["detail"]), (entry["status"], entry["data"]["detail"])}


@pytest.mark.parametrize(
    "name",
    [
        "NO_SUCH_FUNCTION",
        "value_per_hour",
        "VALUE_PER_HOUR ",
        "VALUE_PER_HOUR\n",
        "VALUE_PER_HOUR.__class__",
        "",
        "os",
        "pathlib",
        "eval",
        "exec",
        "__builtins__",
        "__import__",
        "__name__",
        "_private",
        "leave_a_trace",
        "x" * 100_000,
    ],
)
def test_only_decorated_functions_can_be_called_by_name(server: Server, name: str) -> None:
    ((status, detail),) = refused(server, payload(name, 1))

    assert status == 404
    assert detail.startswith("there is no function '")
    assert len(detail) < 100


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"func_name": None}, "func_name is a text; found nothing"),
        ({"func_name": ["VALUE_PER_HOUR"]}, "func_name is a text; found list"),
        ({"func_name": {"a": 1}}, "func_name is a text; found dict"),
        ({"args": None}, "VALUE_PER_HOUR: args is a list; found nothing"),
        ({"args": {"0": 1}}, "VALUE_PER_HOUR: args is a list; found dict"),
        ({"args": [[[1]]] * 5}, "VALUE_PER_HOUR: 5 arguments; allowed: 4"),
        ({"args": [[[1], [2, 3]], [[1]]]}, "VALUE_PER_HOUR: total_value is a cell or rows of cells, all of one length"),
        ({"args": [[], [[1]]]}, "VALUE_PER_HOUR: total_value is a cell or rows of cells, all of one length"),
        ({"args": [[[]], [[1]]]}, "VALUE_PER_HOUR: total_value is a cell or rows of cells, all of one length"),
        ({"args": [[1, 2], [[1]]]}, "VALUE_PER_HOUR: total_value is a cell or rows of cells, all of one length"),
        ({"args": [[[[[3]]]], [[1]]]}, "VALUE_PER_HOUR: total_value is a cell or rows of cells, all of one length"),
        ({"func_name": "UPLIFT", "args": [3]}, "UPLIFT: factor is a list of arguments"),
        ({"version": None}, "VALUE_PER_HOUR: version is a text of at most 1000 characters"),
        ({"client": 7}, "VALUE_PER_HOUR: client is a text of at most 1000 characters"),
        ({"runtime": "\u0661.\u0664"}, "VALUE_PER_HOUR: runtime is a version such as 1.4"),
        ({"func_name": "UPLIFT", "args": [[None] * 20_000]}, "UPLIFT: 20,000 arguments; allowed: 255"),
        ({"runtime": "1.4; import os"}, "VALUE_PER_HOUR: runtime is a version such as 1.4"),
        ({"caller_address": {"a": 1}}, "VALUE_PER_HOUR: caller_address is a text of at most 1000 characters"),
        ({"culture_info_name": "x" * 1001}, "VALUE_PER_HOUR: culture_info_name is a text of at most 1000 characters"),
    ],
)
def test_a_call_that_excel_would_not_make_is_refused_with_the_reason(
    server: Server, changed: dict[str, Any], reason: str
) -> None:
    assert refused(server, GOOD | changed) == {(400, reason)}


def test_a_client_of_another_version_is_told_so(server: Server) -> None:
    ((status, detail),) = refused(server, GOOD | {"client": "Google Apps Script", "version": "0.1"})

    assert status == 400
    assert detail.startswith("xlwings version mismatch")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"nonsense",
        b'{"func_name": "VALUE_PER_HOUR", "args": [' + b"9" * 5000 + b"]}",
        b"[" * 100_000,
        b'{"calls":' * 10_000,
    ],
    ids=["empty", "cut short", "no text", "no JSON", "a number without end", "nested lists", "nested objects"],
)
@pytest.mark.parametrize("path", [CALL, BATCH])
def test_a_body_that_is_no_json_is_refused(server: Server, path: str, body: bytes) -> None:
    answer = server.request("POST", path, body, JSON)

    assert (answer.status, answer.json) == (400, {"detail": "the body is not JSON"})


@pytest.mark.parametrize(
    "content", [None, 3, "text", [], [GOOD], {"calls": None}, {"calls": {}}, {"calls": [], "shared": 3}]
)
def test_what_is_no_batch_is_refused(server: Server, content: Any) -> None:
    answer = server.post(BATCH, content)

    assert answer.status == 400
    assert answer.json["detail"].startswith("a batch is an object with a list of calls")


@pytest.mark.parametrize(
    "arguments", [(None, None), ([[2e308]], 1), ([[{"type": "Error"}]], 1), ([[{}]], [[{"a": [1]}]])]
)
def test_odd_cells_give_an_error_in_their_cell_and_no_failure(server: Server, arguments: tuple[Any, ...]) -> None:
    answer = server.post(CALL, payload("VALUE_PER_HOUR", *arguments))

    assert answer.status == 200
    assert answer.json["result"][0][0]["type"] == "Error"


# Too much


@pytest.mark.parametrize("told", [True, False], ids=["of a size told", "of a size not told"])
def test_a_body_that_is_too_large_is_refused(server: Server, told: bool) -> None:
    body = json.dumps({"calls": [GOOD], "padding": "x" * BODY_BYTES}).encode()
    with server.connect() as connection:
        start = f"POST {BATCH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        if told:
            connection.sendall(f"{start}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        else:
            chunks = f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n"
            connection.sendall(f"{start}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks)
        answer, _, detail = everything(connection).partition(b"\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(detail)["detail"].endswith(f"allowed: {BODY_BYTES:,}")


def test_a_body_without_end_is_not_read_to_its_end(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(head(CALL, 10**12))
        assert everything(connection).startswith(b"HTTP/1.1 413 ")


def test_too_many_calls_in_a_batch_are_refused(server: Server) -> None:
    assert server.post(BATCH, {"calls": [GOOD] * CALLS}).status == 200
    answer = server.post(BATCH, {"calls": [GOOD] * (CALLS + 1)})

    assert (answer.status, answer.json["detail"]) == (413, f"{CALLS + 1} calls in one batch; allowed: {CALLS}")


def test_a_small_call_for_a_huge_result_is_refused(server: Server) -> None:
    column, row = [[1]] * 1000, [[1] * 1000]
    ((status, detail),) = refused(server, payload("VALUE_PER_HOUR", column, row))

    assert (status, detail) == (413, f"VALUE_PER_HOUR: 1,000,000 cells at once; allowed: {CELLS:,}")


def test_many_calls_for_large_results_are_refused_as_a_whole(server: Server) -> None:
    large = payload("VALUE_PER_HOUR", [[1]] * 200, [[1] * 200])
    assert server.post(BATCH, {"calls": [large]}).status == 200

    answer = server.post(BATCH, {"calls": [large, large]})

    assert (answer.status, answer.json["detail"]) == (413, f"80,000 cells in one batch; allowed: {CELLS:,}")


def test_a_slow_body_is_cut_off_and_keeps_nobody_waiting(server: Server) -> None:
    with server.connect() as slow:
        slow.sendall(head(CALL, 500) + b"{")
        begun = time.monotonic()
        for _ in range(10):
            assert server.post(CALL, GOOD).status == 200
            slow.sendall(b" ")
        answer = everything(slow)
        took = time.monotonic() - begun

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"the body took longer than 2 seconds" in answer
    assert BODY_SECONDS <= took < BODY_SECONDS + PATIENCE / 4


def test_a_client_that_leaves_in_the_middle_is_no_failure(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(head(CALL, 500) + b"{")

    deadline = time.monotonic() + PATIENCE
    while "left: the client was gone before its request was whole" not in server.log:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)
    assert server.post(CALL, GOOD).status == 200
    assert "Traceback" not in server.log


def head(path: str, length: int) -> bytes:
    """How a post with a body of this length begins."""
    lines = (f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", f"Content-Length: {length}")
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode()


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


# Other places


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost.evil.example", "http://localhost:1", "file://", "http://["],
)
@pytest.mark.parametrize("path", [CALL, BATCH])
def test_a_web_page_of_another_origin_cannot_call(server: Server, path: str, origin: str) -> None:
    answer = server.post(path, GOOD, Origin=origin)

    assert answer.status == 403
    assert "are not answered" in answer.json["detail"]
    assert "access-control-allow-origin" not in answer.headers


def test_the_task_pane_itself_and_origins_of_the_settings_can_call(server: Server) -> None:
    assert server.post(CALL, GOOD, Origin=f"http://127.0.0.1:{server.port}").status == 200
    answer = server.post(CALL, GOOD, Origin="https://sheets.example.com")

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == "https://sheets.example.com"


def test_a_browser_that_asks_first_is_told_no(server: Server) -> None:
    asking = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    answer = server.request("OPTIONS", CALL, headers=asking)

    assert answer.status == 400
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{80}", "localhost.evil.example", "127.0.0.1.evil.example", "[::2]", ""]
)
@pytest.mark.parametrize("path", [CALL, HEALTH, "/taskpane.html", "/manifest.xml"])
def test_a_foreign_name_that_points_at_this_machine_opens_nothing(server: Server, path: str, host: str) -> None:
    method = "POST" if path == CALL else "GET"
    answer = server.request(
        method, path, json.dumps(GOOD).encode() if method == "POST" else None, JSON | {"Host": host}
    )

    assert answer.status == 421
    assert answer.json["detail"].endswith("allowed: localhost, 127.0.0.1, [::1]")


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_what_a_form_of_a_web_page_can_send_is_no_call(server: Server, kind: str) -> None:
    answer = server.request("POST", CALL, json.dumps(GOOD).encode(), {"Content-Type": kind})

    assert (answer.status, answer.json) == (415, {"detail": "a call is posted as application/json"})


def test_a_compressed_body_is_no_call(server: Server) -> None:
    assert server.post(CALL, GOOD, Content_Encoding="gzip").status == 415


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/xlwings/custom-scripts-call/leave_a_trace", 404),
        ("POST", "/xlwings/custom-scripts-call/__builtins__", 404),
        ("POST", "/xlwings/custom-scripts-call/", 404),
        ("GET", "/xlwings/alert?prompt=a&title=b&buttons=c&mode=d&callback=e", 404),
        ("POST", f"{CALL}%0A", 405),
        ("POST", f"{CALL}/", 405),
        ("POST", f"/{CALL}", 405),
        ("POST", "/valuehour/call", 405),
        ("POST", "/valuehour/./batch", 405),
        ("POST", "/", 405),
        ("PUT", CALL, 405),
        ("DELETE", HEALTH, 405),
        ("TRACE", "/", 405),
        ("GET", CALL, 405),
        ("GET", "/static/../../config.py", 404),
        ("GET", "/static/%2e%2e/%2e%2e/pyproject.toml", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
    ],
)
def test_there_is_no_other_way_in(server: Server, method: str, path: str, status: int) -> None:
    body = json.dumps(GOOD).encode() if method in ("POST", "PUT") else None

    assert server.request(method, path, body, JSON).status == status


def test_a_socket_is_not_opened(server: Server) -> None:
    asking = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    assert server.request("GET", "/socket.io/?EIO=4&transport=websocket", headers=asking).status in (403, 404)


# The log


def test_nobody_forges_a_line_of_the_log(server: Server) -> None:
    forged = "\nINFO:valuehour.server:forged\r\u2028INFO:forged\x1b[2K\x85"
    for content in (payload(forged, 1), GOOD | {"caller_address": forged}, GOOD | {"session_id": forged}):
        server.post(CALL, content)
        server.post(BATCH, {"calls": [content, payload("VALUE_PER_HOUR", forged, 1)]})
    server.post(CALL, GOOD, Origin="https://evil.example/%0AINFO:forged")
    server.request("POST", "/%0AINFO:forged", b"{}", JSON)
    server.request("GET", "/%0D%0AINFO:forged%1b[2K")

    lines = server.log.splitlines()
    assert not any(re.match(r"\W*INFO:(valuehour.server:)?forged", line) for line in lines)
    assert any("forged" in line for line in lines)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028]", server.log)


# Others are answered meanwhile


def slow_call() -> dict[str, Any]:
    """A call that keeps a processor busy: every cell of a large grid is an error of its own."""
    return payload(
        "VALUE_PER_HOUR", [[f"text {row}"] for row in range(240)], [[f"text {column}" for column in range(240)]]
    )


def test_long_arithmetic_does_not_keep_others_waiting(server: Server) -> None:
    answered = 0
    with ThreadPoolExecutor(2) as threads:
        long = [threads.submit(server.post, CALL, slow_call()) for _ in range(2)]
        while not any(one.done() for one in long):
            assert server.request("GET", HEALTH).status == 200
            assert server.post(BATCH, {"calls": [GOOD] * 10}).status == 200
            answered += 1
    assert [one.result().status for one in long] == [200, 200]
    assert answered >= 5  # one at most, if each long call kept all others waiting


def test_work_stops_when_nobody_waits_for_it_any_longer(server: Server) -> None:
    body = json.dumps(
        {"calls": [payload("VALUE_PER_HOUR", [["x"]] * 100, [["y"] * 12]) for _ in range(CALLS)]}
    ).encode()
    with server.connect() as connection:
        connection.sendall(head(BATCH, len(body)) + body)
        time.sleep(0.05)

    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        stopped = re.search(rf"stopped after (\d+) of {CALLS} calls: the client is gone", server.log)
        if stopped:
            assert int(stopped[1]) < CALLS
            return
        time.sleep(0.1)
    raise AssertionError(server.log)
