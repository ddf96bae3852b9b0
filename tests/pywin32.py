"""A stand-in for pywin32 and Windows' COM, so that xlwings' own code for Windows runs anywhere.

It proves what xlwings and we do with values, not how Windows carries them from one program to another.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import ctypes
import sys
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest import mock

NUMBER_OF_ERROR = -2146828288
"""An error cell of number n arrives as this plus n."""
LEFT_OUT = -2147352572

WAITED = 0


class ComError(Exception):
    """Of pywintypes."""


class Wrapped:
    """An object as a client of COM sees it: what it does not name as public is not there."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        if name not in self._inner._public_methods_:
            raise ComError(f"unknown name: {name}")
        return getattr(self._inner, name)


class Windows:
    """What the stand-in knows: which classes programs offer."""

    def __init__(self) -> None:
        self.offered: list[str] = []

    def activate(self, clsid: str) -> Any:
        """The object of a class that a program offers, as CreateObject gives it."""
        if clsid not in self.offered:
            raise ComError("ActiveX component can't create object")
        policy = sys.modules["win32com.server.policy"].DefaultPolicy
        return policy()._CreateInstance_(clsid, "IDispatch")

    def modules(self) -> dict[str, ModuleType]:
        """The modules of pywin32."""

        def offer(clsid: str, *_: Any) -> int:
            self.offered.append(clsid)
            return 1

        class DefaultPolicy:
            def _CreateInstance_(self, clsid: str, iid: str) -> Any:  # noqa: N802  as pywin32 has it
                raise ComError("no such class")

        pythoncom = module(
            "pythoncom",
            IID_IDispatch="IDispatch",
            IID_IEnumVARIANT="IEnumVARIANT",
            TypeIIDs={"IDispatch": type("PyIDispatch", (), {})},
            CLSCTX_LOCAL_SERVER=4,
            REGCLS_MULTIPLEUSE=1,
            REGCLS_SUSPENDED=4,
            MakePyFactory=lambda clsid: clsid,
            CoRegisterClassObject=offer,
            EnableQuitMessage=ignore,
            CoResumeClassObjects=ignore,
            PumpWaitingMessages=lambda: True,  # no client is left
            CoRevokeClassObject=ignore,
            CoInitialize=ignore,
            CoUninitialize=ignore,
            __file__="pythoncom.dll",
        )
        event = module(
            "win32event", INFINITE=-1, QS_ALLEVENTS=0, WAIT_OBJECT_0=WAITED, MsgWaitForMultipleObjects=waited
        )
        kinds = ("CDispatch", "CoClassBaseClass", "DispatchBaseClass")
        client = module(
            "win32com.client",
            Dispatch=ignore,
            DispatchEx=ignore,
            gencache=SimpleNamespace(EnsureModule=ignore),
            **{kind: type(kind, (), {}) for kind in kinds},
        )
        util = module("win32com.server.util", wrap=lambda inner, *_: Wrapped(inner))
        policy = module("win32com.server.policy", DefaultPolicy=DefaultPolicy)
        dispatcher = module("win32com.server.dispatcher")
        server = module("win32com.server", util=util, policy=policy, dispatcher=dispatcher)
        pywintypes = module("pywintypes", com_error=ComError, IID=str, TimeType=type("TimeType", (), {}))
        plain = [module(name) for name in ("win32con", "win32gui", "win32process", "win32timezone")]
        api = module("win32api", GetCurrentThreadId=lambda: 1)
        found = [pythoncom, event, client, util, policy, dispatcher, server, pywintypes, api, *plain]
        found.append(module("win32com", client=client, server=server))
        return {each.__name__: each for each in found}


def module(name: str, **members: Any) -> ModuleType:
    """A module that holds this."""
    made = ModuleType(name)
    vars(made).update(members)
    return made


def ignore(*_: Any, **__: Any) -> None:
    """Take whatever comes."""


def waited(*_: Any) -> int:
    """Wait for nothing."""
    return WAITED


def windows_with_xlwings() -> Windows:
    """Import xlwings as Windows does. Only in a process of its own, and before anything else imports it."""
    assert "xlwings" not in sys.modules
    assert asyncio.sleep
    assert concurrent.futures.ThreadPoolExecutor  # these look at the platform when they are imported
    windows = Windows()
    sys.modules.update(windows.modules())
    libraries = {
        "oledll": SimpleNamespace(ole32=SimpleNamespace(CLSIDFromString=ignore)),
        "windll": SimpleNamespace(),
        "PyDLL": lambda _: SimpleNamespace(PyCom_PyObjectFromIUnknown=SimpleNamespace()),
    }
    with mock.patch.multiple(ctypes, create=True, **libraries), mock.patch.object(sys, "platform", "win32"):
        import xlwings
    assert xlwings.engines.active.name == "excel"
    return windows
