"""A page that runs the code of a workbook of xlwings Lite, as xlwings Wasm would."""

from __future__ import annotations

import json
import zipfile
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

from tests.browser import PYODIDE
from valuehour.hosts.excel.calls import Rows
from valuehour.hosts.lite.packed import WHEEL
from valuehour.hosts.lite.workbook import files_for

NAME = "lite.html"
PAGE = """<!doctype html>
<title>Lite</title>
<script type="module">
import { loadPyodide } from "./pyodide/pyodide.mjs";

const text = async (path) => (await fetch(path)).text();
async function start() {
  const pyodide = await loadPyodide({ indexURL: new URL("./pyodide/", import.meta.url).href });
  await pyodide.loadPackage(%(wheels)s.map((name) => new URL(name, import.meta.url).href));
  for (const path of %(files)s) {
    pyodide.FS.mkdirTree(path.split("/").slice(0, -1).join("/") || ".");
    pyodide.FS.writeFile(path, await text(`home/${path}`));
  }
  await pyodide.runPythonAsync(await text("home/wasm_runtime.py"));
  const call = pyodide.globals.get("custom_functions_call");
  globalThis.callMany = async (bodies) => {
    const results = [];
    for (const body of bodies) results.push(await call(body));
    return results;
  };
  globalThis.meta = pyodide.globals.get("custom_functions_meta")(await text("home/custom_functions/__init__.py"));
}
start().then(() => (document.title = "ready"), (error) => { console.error(error); document.title = "failed"; });
</script>
"""


def xlwings_wheel(folder: Path) -> str:
    """The installed xlwings as a wheel of Python files, which is what browsers get of it."""
    installed = distribution("xlwings")
    name = f"xlwings-{installed.version}-py3-none-any.whl"
    info = f"xlwings-{installed.version}.dist-info"
    with zipfile.ZipFile(folder / name, "w") as wheel:
        for file in installed.files or ():
            if file.suffix == ".py":
                wheel.write(str(file.locate()), str(file))
        wheel.writestr(f"{info}/METADATA", installed.read_text("METADATA") or "")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name


def write(folder: Path, taxonomy: Rows, *, url: str | None = None) -> None:
    """A folder as xlwings Wasm would serve it, with the workbook's main.py as its functions."""
    (folder / "pyodide").symlink_to(PYODIDE)
    made = files_for(taxonomy, url=url)
    wheels = [xlwings_wheel(folder)]
    if url is not None:
        (folder / WHEEL).write_bytes(made[WHEEL])
        assert made["requirements.txt"].decode().split() == ["xlwings", f"{url}/{WHEEL}"]
        wheels.append(WHEEL)
    runtime = files("xlwings_server").joinpath("wasm")
    home = {
        "config.py": runtime.joinpath("config.py").read_bytes(),
        "wasm_runtime.py": runtime.joinpath("wasm_runtime.py").read_bytes(),
        ".env": b'XLWINGS_LICENSE_KEY="noncommercial"\n',
        "custom_functions/__init__.py": made["main.py"],
        "custom_scripts/__init__.py": b"",
    }
    for path, content in home.items():
        (folder / "home" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "home" / path).write_bytes(content)
    page = PAGE % {"wheels": json.dumps(wheels), "files": json.dumps(list(home))}
    (folder / NAME).write_text(page, encoding="utf-8")
