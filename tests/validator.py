"""The Open XML SDK as a judge: what it objects to in a file is what makes Excel offer a repair.

The judge is one program per platform inside an npm package; ``make`` installs it into ``tests/validator``. Node is
needed to install it, not to run it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

PACKAGES = Path(__file__).parent / "validator" / "node_modules" / "@xarsh"
OFFICE_VERSION = "Microsoft365"


def program() -> Path:
    """Return where the judge of this platform is, or would be when installed."""
    machine = "arm64" if platform.machine().lower() in {"arm64", "aarch64"} else "x64"
    name = "ooxml-validator.exe" if sys.platform == "win32" else "ooxml-validator"
    return PACKAGES / f"ooxml-validator-{sys.platform}-{machine}" / name


def validate(path: Path) -> list[str]:
    """Return what the Open XML SDK objects to in a workbook, one line each: part, place and reason."""
    # The judge is a .NET program: without this setting it asks for a system library of languages that it does not use.
    environment = {**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}
    done = subprocess.run(
        [program(), path, OFFICE_VERSION],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment,
        timeout=60,
    )
    try:
        verdict = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise RuntimeError(f"{path.name}: the Open XML validator gave no verdict: {done.stdout}{done.stderr}") from None
    lines = [f"{error['path']} {error['xPath']}: {error['description']}" for error in verdict["errors"]]
    if verdict["ok"] != (not lines):
        raise RuntimeError(f"{path.name}: the Open XML validator contradicts itself: {done.stdout}")
    return lines
