"""LibreOffice Calc, started for one conversion and stopped for certain.

Each start has its own session, so that a time-out ends the whole process group (a hung splash process survives
otherwise), and a throw-away profile that recalculates every file on loading: without it Calc trusts the values
that a file brings along, and a wrong one would pass.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ALWAYS_RECALCULATE = "0"
PROFILE = f"""<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>{ALWAYS_RECALCULATE}</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="ODFRecalcMode" oor:op="fuse">
<value>{ALWAYS_RECALCULATE}</value></prop></item>
</oor:items>
"""


class SofficeError(RuntimeError):
    """The conversion failed or took too long."""


def convert(files: Sequence[Path], to: str, out: Path, *, timeout: float = 120) -> list[Path]:
    """Convert files to another format (``xlsx``, ``pdf``…) in one start; return the new files in the same order.

    Starts take turns across test processes: two of them at a time time each other out on a small machine.
    """
    program = shutil.which("soffice")
    if program is None:
        raise SofficeError("soffice is not installed")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="soffice-") as folder, _turn():
        profile = Path(folder) / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(PROFILE, encoding="utf-8")
        command = [
            program,
            f"-env:UserInstallation={profile.as_uri()}",
            "--headless",
            "--norestore",
            "--nologo",
            "--convert-to",
            to,
            "--outdir",
            str(out),
            *map(str, files),
        ]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        try:
            report, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            raise SofficeError(f"soffice did not finish {len(files)} files within {timeout:g} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    results = [out / f"{file.stem}.{to.partition(':')[0]}" for file in files]
    missing = [result.name for result in results if not result.exists()]
    if missing:
        raise SofficeError(f"soffice wrote no {', '.join(missing)}: {report.strip()}")
    return results


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    with (Path(tempfile.gettempdir()) / f"valuehour-soffice-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
