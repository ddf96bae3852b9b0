"""The Dockerfile, which is not built here: what a reader would check in it."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.serving import HEALTH
from valuehour.cli.serve import serve

ROOT = Path(__file__).parents[3]
FILE = ROOT / "addin" / "Dockerfile"
PRIVILEGED = 1024


def instructions() -> list[tuple[str, str]]:
    """Instruction and arguments, lines put together and comments left out."""
    lines = [line for line in FILE.read_text(encoding="utf-8").splitlines() if not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in whole.splitlines() if line)]


def arguments(name: str) -> list[str]:
    return [rest for word, rest in instructions() if word == name]


def test_only_instructions_that_docker_knows_stand_there_and_every_image_has_a_version() -> None:
    known = {"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
    assert {word for word, _ in instructions()} <= known
    images = [rest.split()[0] for rest in arguments("FROM")]
    assert len(images) == 2
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)


def test_it_runs_without_rights() -> None:
    words = [word for word, _ in instructions()]
    user, last_run = words.index("USER"), len(words) - 1 - words[::-1].index("RUN")
    assert last_run < user < words.index("ENTRYPOINT")
    assert arguments("USER") == ["10001"]
    assert int(arguments("EXPOSE")[0]) >= PRIVILEGED


def test_all_that_is_copied_is_there_and_sent_to_docker() -> None:
    ignored = FILE.with_name("Dockerfile.dockerignore").read_text(encoding="utf-8").split("\n")
    sent = {line[1:] for line in ignored if line.startswith("!")}
    copied = [source for rest in arguments("COPY") if "--from" not in rest for source in rest.split()[:-1]]

    assert "*" in ignored
    assert "**/.env" in ignored
    assert {source.removeprefix("./") for source in copied} == sent
    assert all((ROOT / source).exists() for source in copied)
    assert not any(fnmatch.fnmatch("scratch", pattern) for pattern in sent)


def test_the_server_is_started_as_its_command_takes_it_in_production_with_several_workers() -> None:
    (entry,), (more,) = arguments("ENTRYPOINT"), arguments("CMD")
    program, command, *options = json.loads(entry) + json.loads(more)
    context = serve.make_context("serve", options)

    assert (program, command) == ("valuehour", "serve")
    assert context.params["production"] is True
    assert context.params["workers"] > 1
    assert str(context.params["port"]) == arguments("EXPOSE")[0]


def test_its_health_is_asked_where_the_server_tells_it(monkeypatch: pytest.MonkeyPatch) -> None:
    (check,) = arguments("HEALTHCHECK")
    code = json.loads(check.partition("CMD ")[2])[2]
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda address, timeout: asked.append(address))
    for below in ("", "/vh"):
        monkeypatch.setenv("XLWINGS_APP_PATH", below)
        exec(code, {})  # noqa: S102  it is what docker runs

    here = f"http://127.0.0.1:{arguments('EXPOSE')[0]}"
    assert asked == [f"{here}{HEALTH}", f"{here}/vh{HEALTH}"]


def test_the_versions_it_installs_are_those_of_the_lock(tmp_path: Path) -> None:
    (line,) = [rest for rest in arguments("RUN") if "requirements.lock" in rest]
    command = line.partition(" > versions.txt")[0]
    script = re.sub(r"\s+", " ", command).replace("requirements.lock", str(ROOT / "requirements.lock"))
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)

    versions = [Requirement(entry) for entry in done.stdout.splitlines() if not entry.startswith("#")]
    assert {"xlwings-server", "uvicorn", "formualizer", "click"} <= {version.name for version in versions}
    assert all(str(version.specifier).startswith("==") for version in versions)
