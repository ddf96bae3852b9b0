"""The server runs from an installed wheel, where no repository is."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.serving import CALL, payload, serving

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel holds."""
    folder = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "wheel")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "wheel").iterdir()
    with zipfile.ZipFile(wheel) as package:
        package.extractall(folder / "packages")
    return folder / "packages"


def test_a_server_from_an_installed_wheel_serves_functions_task_pane_and_manifest(installed: Path) -> None:
    with serving(PYTHONPATH=str(installed)) as server:
        call = payload("VALUE_PER_HOUR", 8760, 2)
        assert server.post(CALL, call).json == {"result": [[0.5]]}
        pane = server.request("GET", "/taskpane.html")
        manifest = server.request("GET", "/manifest.xml")
        icon = server.request("GET", "/static/images/icons/valuehour-32.png")

    assert (pane.status, manifest.status, icon.status) == (200, 200, 200)
    assert b"VALUE_PER_HOUR" in pane.body
    assert b'<DisplayName DefaultValue="valuehour"' in manifest.body
    assert icon.body.startswith(b"\x89PNG")


def test_the_wheel_s_own_project_is_used_and_not_the_one_of_the_repository(installed: Path) -> None:
    code = "from valuehour.hosts.server import project; print(project.folder())"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(installed)}, capture_output=True, text=True, check=True
    )

    assert Path(done.stdout.strip()) == installed / "valuehour" / "hosts" / "server" / "project"
