"""The add-in's VBA in LibreOffice's Basic: a second engine, which knows neither our generator nor pyOpenVBA."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests import soffice
from valuehour.catalog import load_catalog
from valuehour.functions import FUNCTIONS
from valuehour.hosts.classic.code import FUNCTIONS_MODULE, HELP_MODULE, functions_module, help_module

pytestmark = pytest.mark.requires_calc_python

OPTION = "Option VBASupport 1\n"
ERRORS = ["#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"]

# Basic is handed the object that Windows would make, and results are told as texts.
SETTER = """
Public Sub SetPython(ByVal server As Object)
    Set python = server
End Sub

Public Function MappedRows() As Variant
    Dim rows(0 To 1, 0 To 1) As Variant
    rows(0, 0) = "#NUM!"
    rows(0, 1) = 2.5
    rows(1, 0) = "low"
    rows(1, 1) = "#N/A"
    MappedRows = WithErrors(rows)
End Function
"""
MACROS = """
Private Function Told(ByVal value As Variant) As String
    Dim row As Long
    Dim column As Long
    Dim text As String
    If IsError(value) Then
        text = CStr(value)
    ElseIf IsArray(value) Then
        For row = LBound(value, 1) To UBound(value, 1)
            For column = LBound(value, 2) To UBound(value, 2)
                text = text & "[" & Told(value(row, column)) & "]"
            Next column
        Next row
    Else
        text = CStr(value)
    End If
    Told = text
End Function
"""
HELP_MACRO = """
Public Function HelpCompiles() As String
    HelpCompiles = "yes"
End Function
"""
COUNTS = {name: 3 if function.variadic else len(function.arguments) for name, function in FUNCTIONS.items()}
FUNCTION_CALLS = [(f"{name}({', '.join(map(str, range(1, n + 1)))})", n + 0.5) for name, n in COUNTS.items()]
RANGES = [
    ('ALLOCATE(7, Range("A1:B2"), 2)', "one"),
    ('UPLIFT(Range("A1"), Range("A1:A2"))', "two"),
    ("UPLIFT()", "three"),
]
TEXTS = [(f"SUCCESS_RATE({place}, 1)", text) for place, text in enumerate([*ERRORS, "#num!", "#N/A → x", "low"])]
UNASKED = ['UPLIFT(Range("A1:A2,B1:B2"), 2)', "MappedRows()"]


@dataclass
class Answers:
    """What expressions give in Basic, and how the object was called meanwhile."""

    texts: list[str]
    calls: list[Any]

    def take(self, number: int) -> tuple[list[str], list[Any]]:
        """The next of both."""
        taken = self.texts[:number], self.calls[:number]
        self.texts, self.calls = self.texts[number:], self.calls[number:]
        return taken


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Answers]:
    groups = {"functions": FUNCTION_CALLS, "ranges": RANGES, "texts": TEXTS}
    expressions = [expression for group in groups.values() for expression, _ in group] + UNASKED
    macros = [
        f"Public Function M{place}() As String\n    M{place} = Told({expression})\nEnd Function\n"
        for place, expression in enumerate(expressions)
    ]
    functions, helps = (text.replace("\r\n", "\n").partition("\n")[2] for text in (functions_module(), help_module()))
    asked = {
        "modules": {
            # this Basic has no Value2
            FUNCTIONS_MODULE: OPTION + functions.replace(".Value2", ".Value") + SETTER,
            HELP_MODULE: OPTION + helps + HELP_MACRO,
            "Asked": OPTION + MACROS + "".join(macros),
        },
        "setter": f"{FUNCTIONS_MODULE}.SetPython",
        "macros": [f"{HELP_MODULE}.HelpCompiles", *(f"Asked.M{place}" for place in range(len(macros)))],
        "cells": {"A1": 4, "B1": "a text", "A2": 0.5},
        "results": [result for group in groups.values() for _, result in group],
    }
    path = tmp_path_factory.mktemp("basic") / "asked.json"
    path.write_text(json.dumps(asked), encoding="utf-8")
    with soffice.session(load_catalog().taxonomy()) as session:
        answer = session.ask("basic", path)
    compiled, *texts = answer["texts"].values()
    assert compiled == "yes"
    found = Answers(texts, answer["calls"])
    return {name: Answers(*found.take(len(group))) for name, group in groups.items()} | {"unasked": found}


def test_every_function_hands_its_arguments_over_and_gives_the_result(answers: dict[str, Answers]) -> None:
    found = answers["functions"]
    assert found.calls == [["Calculate", name, list(range(1, n + 1))] for name, n in COUNTS.items()]
    assert [float(text.replace(",", ".")) for text in found.texts] == [n + 0.5 for n in COUNTS.values()]


def test_ranges_become_rows_of_values(answers: dict[str, Answers]) -> None:
    assert answers["ranges"].texts == ["one", "two", "three"]
    assert answers["ranges"].calls == [
        ["Calculate", "ALLOCATE", [7, [[4, "a text"], [0.5, None]], 2]],
        ["Calculate", "UPLIFT", [4, [[4], [0.5]]]],
        ["Calculate", "UPLIFT", []],
    ]


def test_texts_that_name_errors_become_errors_alone_and_in_rows(answers: dict[str, Answers]) -> None:
    numbers = [2000, 2007, 2015, 2023, 2029, 2036, 2042]
    assert answers["texts"].texts == [*(f"Error {number}" for number in numbers), "#num!", "#N/A → x", "low"]
    areas, rows = answers["unasked"].texts
    assert rows.replace(",", ".") == "[Error 2036][2.5][low][Error 2042]"
    assert areas == "Error 2015"
    assert answers["unasked"].calls == [], "a range of several areas is refused before anybody is asked"
