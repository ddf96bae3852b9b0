"""Who may call, on a real server with tokens of Entra ID: signed here, judged by the code that judges Microsoft's."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from tests.serving import BATCH, CALL, HEALTH, Server, payload, serving

TENANT = "11111111-2222-4333-8444-555555555555"
CLIENT = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
ROLE = "valuehour.user"
GOOD = payload("VALUE_PER_HOUR", 8760, 2)
KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})
FOREIGN_KEY = RSAKey.generate_key(2048, {"kid": "ours", "use": "sig", "alg": "RS256"})


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    keys = folder / "keys.json"
    keys.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)), encoding="utf-8")
    with serving("--production", **production(keys)) as running:
        yield running


def production(keys: Path) -> dict[str, str]:
    """Settings that are safe where others reach the server."""
    return {
        "XLWINGS_AUTH_PROVIDERS": '["entraid"]',
        "XLWINGS_AUTH_ENTRAID_TENANT_ID": TENANT,
        "XLWINGS_AUTH_ENTRAID_CLIENT_ID": CLIENT,
        "XLWINGS_AUTH_REQUIRED_ROLES": json.dumps([ROLE]),
        "XLWINGS_HOSTNAME": "vh.example.com",
        "VALUEHOUR_NONCOMMERCIAL": "true",
        "VALUEHOUR_ENTRAID_KEYS_FILE": str(keys),
    }


def token(key: RSAKey = KEY, **changed: Any) -> str:
    """A token as Entra ID makes it, with some claims changed."""
    now = int(time.time())
    claims = {
        "aud": CLIENT,
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "iat": now - 10,
        "nbf": now - 10,
        "exp": now + 600,
        "name": "Ada",
        "oid": "user",
        "preferred_username": "ada@example.com",
        "roles": [ROLE],
        "ver": "2.0",
    } | changed
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, key)


def statuses(server: Server, authorization: str | None) -> set[int]:
    """How a call and a batch with this header are answered."""
    headers = {} if authorization is None else {"Authorization": authorization}
    return {server.post(CALL, GOOD, **headers).status, server.post(BATCH, {"calls": [GOOD]}, **headers).status}


def test_a_user_with_the_role_is_served(server: Server) -> None:
    ours = {"Authorization": f"Bearer {token()}"}

    assert server.post(CALL, GOOD, **ours).json == {"result": [[0.5]]}
    assert server.post(BATCH, {"calls": [GOOD]}, **ours).json["results"][0]["data"] == {"result": [[0.5]]}
    assert "1 VALUE_PER_HOUR for 'Ada'" in server.log


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer a b", "Basic YTpi", "Error: 13001"],
)
def test_a_missing_or_malformed_token_is_refused(server: Server, authorization: str | None) -> None:
    assert statuses(server, authorization) == {401}


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": FOREIGN_KEY},
        {"aud": "another-application"},
        {"iss": "https://login.microsoftonline.com/99999999-2222-4333-8444-555555555555/v2.0"},
        {"iss": "https://evil.example/v2.0"},
        {"exp": int(time.time()) - 3600},
        {"nbf": int(time.time()) + 3600},
        {"ver": "3.0"},
        {"ver": None},
    ],
    ids=[
        "signed by others",
        "for others",
        "of another tenant",
        "of others",
        "expired",
        "not yet",
        "of no version",
        "without version",
    ],
)
def test_a_token_that_is_not_meant_for_us_is_refused(server: Server, wrong: dict[str, Any]) -> None:
    assert statuses(server, f"Bearer {token(**wrong)}") == {401}


def test_a_token_without_a_real_signature_is_refused(server: Server) -> None:
    head, body, signature = token().split(".")
    unsigned = encoded(b'{"alg":"none","kid":"ours"}')
    symmetric = encoded(b'{"alg":"HS256","kid":"ours"}')
    by_the_public_key = hmac.digest(KEY.as_pem(private=False), f"{symmetric}.{body}".encode(), "sha256")

    for forged in (
        f"{unsigned}.{body}.",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[::-1]}",
        f"{symmetric}.{body}.{encoded(by_the_public_key)}",
    ):
        assert statuses(server, f"Bearer {forged}") == {401}


def encoded(part: bytes) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


@pytest.mark.parametrize("roles", [[], ["valuehour.reader"], [ROLE.upper()]])
def test_a_user_without_the_role_is_refused(server: Server, roles: list[str]) -> None:
    assert statuses(server, f"Bearer {token(roles=roles)}") == {403}


def test_what_needs_no_token_tells_nothing_of_anyone(server: Server) -> None:
    assert set(server.request("GET", HEALTH).json) == {
        "status",
        "version",
        "functions",
        "batching",
        "batch",
        "limits",
        "last_error",
    }


def test_a_token_never_stands_in_the_log(server: Server) -> None:
    used = token(name="Grace")
    statuses(server, f"Bearer {used}")
    statuses(server, f"Bearer {used[:-4]}AAAA")

    assert used[:-4] not in server.log
    assert used.split(".")[1] not in server.log


def test_the_user_s_name_cannot_forge_a_line_of_the_log(server: Server) -> None:
    statuses(server, f"Bearer {token(name='Eve' + chr(10) + 'INFO:valuehour.server:forged')}")
    statuses(server, f"Bearer {token(name='Eve' + chr(10) + 'INFO:valuehour.server:forged', roles=[])}")

    assert "forged" in server.log
    assert not any(line.startswith("INFO:valuehour.server:forged") for line in server.log.splitlines())


def test_production_answers_under_its_own_name_only(server: Server) -> None:
    ours = {"Authorization": f"Bearer {token()}"}

    assert server.post(CALL, GOOD, Host="vh.example.com", Origin="https://vh.example.com", **ours).status == 200
    assert server.post(CALL, GOOD, Host="vh.example.com", Origin="https://evil.example", **ours).status == 403
    assert server.post(CALL, GOOD, Host="evil.example", **ours).status == 421
