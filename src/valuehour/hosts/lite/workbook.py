"""What a workbook of xlwings Lite holds: its code (``main.py``) and the packages that it needs (``requirements.txt``).

xlwings Lite keeps both inside the workbook. It installs packages from the public index or from a web address; where
there is neither for ours, ``main.py`` carries the package itself.
"""

from __future__ import annotations

import bz2
import hashlib
import textwrap
from base64 import b64encode

from valuehour import __version__
from valuehour.functions import FUNCTIONS
from valuehour.hosts.archive import archive
from valuehour.hosts.excel.calls import NAMESPACE, Rows
from valuehour.hosts.lite.address import checked
from valuehour.hosts.lite.packed import DISTRIBUTION, WHEEL, package, wheel

PURPOSES = {
    "main.py": "the code of a workbook in xlwings Lite",
    "requirements.txt": "the packages of that workbook",
    WHEEL: "our functions for Python in the browser",
}

_WIDTH = 118

_HEAD = '''"""The functions of valuehour {version} for this workbook: ={example} and {others} more.

Made by "valuehour addin build --lite". Your own functions and scripts can stand below.
"""
'''

_INSTALLED = """
from valuehour.hosts.lite.functions import functions

globals().update(functions(__name__))
"""

_CARRIED = '''
import base64
import bz2
import sys
import tempfile
from pathlib import Path

# The package valuehour itself: a zip archive of Python files, compressed.
ARCHIVE = """
{archive}
"""
path = Path(tempfile.gettempdir()) / "{name}"
path.write_bytes(bz2.decompress(base64.b64decode(ARCHIVE)))
if str(path) not in sys.path:
    sys.path.insert(0, str(path))
'''


def files_for(taxonomy: Rows, *, url: str | None = None) -> dict[str, bytes]:
    """The files for a workbook by their names.

    Parameters
    ----------
    taxonomy : rows of structure and dimension
        What GROUPINGS looks up.
    url : web address
        The folder where the wheel will be; then ``main.py`` is short, and ``requirements.txt`` names the wheel. Without
        it ``main.py`` carries the package.

    Returns
    -------
    the same bytes for the same taxonomy, version and url

    Raises
    ------
    UsageError
        The address is none that packages are taken from.
    """
    first, *others = FUNCTIONS
    head = _HEAD.format(version=__version__, example=f"{NAMESPACE}.{first}(A2,B2)", others=len(others))
    if url is None:
        code, requirements = head + _carried(archive(package(taxonomy))), "xlwings\n"
    else:
        code, requirements = head, f"xlwings\n{checked(url)}/{WHEEL}\n"
    return {
        "main.py": (code + _INSTALLED).encode(),
        "requirements.txt": requirements.encode(),
        WHEEL: wheel(taxonomy),
    }


def _carried(content: bytes) -> str:
    # The name says which content it is: a newer package is a new file, and Python takes its modules from that one.
    name = f"{DISTRIBUTION}-{__version__}-{hashlib.sha256(content).hexdigest()[:12]}.zip"
    text = b64encode(bz2.compress(content)).decode()
    return _CARRIED.format(archive="\n".join(textwrap.wrap(text, _WIDTH)), name=name)
