"""The VBA of the add-in, as text: what VBA accepts, what cells can reach, and what it can never do."""

from __future__ import annotations

import re
from importlib.resources import as_file, files

import pytest
from pyopenvba import ExcelFile
from pyopenvba.interpreter import VBACompileError, parse_module, tokenize

from valuehour.errors import CellError
from valuehour.functions import FUNCTIONS
from valuehour.hosts.classic.code import ERROR_NUMBERS, WORKBOOK_CODE, functions_module, help_module
from valuehour.hosts.classic.server import PROG_ID
from valuehour.hosts.help import LONGEST, argument_help, function_help

MODULES = {"functions": functions_module(), "help": help_module(), "workbook": WORKBOOK_CODE}

# [MS-VBAL] 3.3.5.2: what cannot be the name of an argument.
KEYWORDS = """
    abs addressof alias and any array as attribute boolean byref byte byval call case cbool cbyte ccur cdate cdbl
    cdec cdecl cint circle clng clnglng clngptr const csng cstr currency cvar cverr date debug decimal declare
    defbool defbyte defcur defdate defdbl defdec defint deflng defobj defsng defstr defvar dim do doevents double
    each else elseif empty end endif enum eqv erase event exit false fix for friend function get global gosub goto
    if imp implements in input inputb int integer is lbound len lenb let like linput lock long longlong longptr loop
    lset me mod new next not nothing null on open option optional or paramarray preserve print private pset public
    put raiseevent redim rem resume return rset scale seek select set sgn shared single spc static stop string sub
    tab then to true type typeof ubound unlock until variant vb_base vb_control vb_creatable vb_customizable
    vb_description vb_exposed vb_ext_key vb_globalnamespace vb_helpid vb_invoke_func vb_invoke_property vb_name
    vb_predeclaredid vb_procdata vb_templatederived vb_usermemid vb_varuserdata vb_varhelpid vb_invoke_propertyput
    wend while width with withevents write xor
"""
RESERVED = frozenset(KEYWORDS.split())

# Everything beyond the language that the modules use: functions of VBA, and members of each object.
BEYOND = {
    "functions": {"createobject", "dateadd", "err", "isarray", "isobject", "now", "vartype", "vbcrlf", "vbstring"},
    "help": {"application", "iribboncontrol", "msgbox", "thisworkbook", "vbcrlf", "vbinformation"},
    "workbook": set(),
}
MEMBERS: dict[str, dict[str, set[str]]] = {
    "functions": {"python": {"calculate", "about"}, "arguments": {"areas", "value2"}, "err": {"description"}},
    "help": {"application": {"macrooptions"}, "thisworkbook": {"name", "isaddin", "saved"}},
    "workbook": {},
}
WORDS = {"else", "explicit", "goto", "object", "error", "date", "step", "vb_name"}
FORBIDDEN = {
    *("activeworkbook", "workbooks", "sheets", "evaluate", "environ", "getobject", "getsetting", "callbyname"),
    *("declare", "lib", "addressof", "shell", "run", "open", "input", "dir", "curdir"),
}
NAMED_ARGUMENTS = {"macro", "category", "argumentdescriptions"}


def names(text: str) -> list[str]:
    """The names of a module in the order of the text; no comments and no texts."""
    return [token.text for token in tokenize(text) if token.kind == "ident"]


def declared(text: str) -> set[str]:
    """The names that a module declares: procedures, arguments, variables and labels."""
    found = set(re.findall(r"\b(?:Function|Sub) (\w+)", text)) | set(re.findall(r"^(\w+):\r?$", text, re.MULTILINE))
    return {name.lower() for name in found | set(re.findall(r"(\w+)(?:\(\))? As ", text))}


@pytest.mark.parametrize("name", MODULES)
def test_vba_takes_the_lines(name: str) -> None:
    lines = MODULES[name].replace("\r\n", "\n").split("\n")
    assert "\r" not in "".join(lines)
    assert MODULES[name].isascii(), "a module is read in the code page of the machine"
    assert max(map(len, lines)) <= 1023
    continued = "".join("_" if line.endswith(" _") else "." for line in lines)
    assert max(map(len, re.findall("_*", continued))) <= 24


@pytest.mark.parametrize("name", MODULES)
def test_another_reader_of_vba_takes_the_code(name: str) -> None:
    parsed = parse_module(MODULES[name], name=name)
    assert parsed.procedures
    with pytest.raises(VBACompileError):
        parse_module(MODULES[name].replace("End Sub", "End").replace("End Function", "End"), name=name)


@pytest.mark.parametrize("name", ["functions", "help"])
def test_every_name_must_be_declared(name: str) -> None:
    assert "\r\nOption Explicit\r\n" in MODULES[name]


def test_there_is_one_function_for_each_and_its_arguments_are_those_of_the_definition() -> None:
    heads = dict(re.findall(r"^Public Function (\w+)\((.*)\) As Variant\r$", MODULES["functions"], re.MULTILINE))
    assert list(heads) == list(FUNCTIONS)
    for name, function in FUNCTIONS.items():
        parts = heads[name].split(", ")
        assert len(parts) == len(function.arguments), name
        for part, argument in zip(parts, function.arguments, strict=True):
            match = re.fullmatch(r"(Optional |ParamArray |)(\w+)(\(\)|) As Variant", part)
            assert match, part
            kind = "ParamArray " if argument.variadic else "Optional " if argument.optional else ""
            assert (match[1], match[2].lower(), match[3]) == (kind, argument.name, "()" if argument.variadic else "")
            assert argument.name not in RESERVED


def test_no_name_is_spelled_in_two_ways() -> None:
    """VBA keeps one spelling for a name: Excel would show a function as another place writes it."""
    for text in MODULES.values():
        for name in names(text):
            assert name.upper() not in FUNCTIONS or name in FUNCTIONS, name


def test_every_error_that_a_function_gives_becomes_an_error_cell() -> None:
    named = re.findall(r'Case "(\S+)": WithError = CVErr\((\d+)\)', MODULES["functions"])
    given = set(CellError) - {CellError.SPILL, CellError.CALC}  # these no function may give
    assert {text: int(number) for text, number in named} == {str(e): ERROR_NUMBERS[e] for e in given}


def test_excel_gets_the_whole_of_every_text() -> None:
    for function in FUNCTIONS.values():
        texts = [function_help(function), *map(argument_help, function.arguments)]
        assert all(0 < len(text) <= LONGEST for text in texts)
        for text in texts:
            quoted = text.replace('"', '""')
            assert f'"{quoted}"' in MODULES["help"]


# Opening a workbook must never run its code ---------------------------------------------------------------------


@pytest.mark.parametrize("name", MODULES)
def test_no_name_is_used_but_those_on_the_list(name: str) -> None:
    """So nothing looks at another workbook, its folder, a file or an environment, and nothing starts a program."""
    ours = set().union(*map(declared, MODULES.values()))
    members = set().union({"count"}, *MEMBERS[name].values())
    used = {word.lower() for word in names(MODULES[name])}
    beyond = used - ours - RESERVED - WORDS - members
    assert beyond == BEYOND[name] | (NAMED_ARGUMENTS if name == "help" else set())
    assert not used & FORBIDDEN


def test_the_same_look_at_the_template_finds_what_it_looks_for() -> None:
    """The add-in of xlwings reads the open workbook's sheets and folder, and starts what they name."""
    template = files("xlwings").joinpath("quickstart_addin_ribbon.xlam")
    with as_file(template) as path, ExcelFile(path) as file:
        used = {word.lower() for word in names(file.get_module("xlwings"))}
    assert {"activeworkbook", "sheets", "declare", "lib", "open", "environ", "run"} <= used & FORBIDDEN


@pytest.mark.parametrize("name", MODULES)
def test_of_every_object_only_these_members_are_used(name: str) -> None:
    tokens = [token.text.lower() for token in tokenize(MODULES[name])]
    members: dict[str, set[str]] = {}
    for place, text in enumerate(tokens):
        if text == ".":
            before = place - 1
            if tokens[before] == ")":  # arguments(place).Value2
                while tokens[before] != "(":
                    before -= 1
                before -= 1
            members.setdefault(tokens[before], set()).add(tokens[place + 1])
    members.pop("areas", None)  # .Areas.Count
    assert members == MEMBERS[name]


def test_the_one_object_that_is_made_has_a_fixed_name() -> None:
    text = MODULES["functions"]
    assert f'Private Const PYTHON_NAME As String = "{PROG_ID}"' in text
    assert set(re.findall(r"CreateObject\((.*?)\)", text)) == {"PYTHON_NAME"}
    assert "CreateObject" not in MODULES["help"] + MODULES["workbook"]


def test_a_cell_can_say_neither_what_is_called_nor_where() -> None:
    """A formula can call any function of an add-in, with any text; the stock add-in of xlwings has =RunPython("…")."""
    public = re.findall(r"^Public (Function|Sub) (\w+)", MODULES["functions"] + MODULES["help"], re.MULTILINE)
    assert [name for kind, name in public if kind == "Function"] == list(FUNCTIONS)
    assert {name for kind, name in public if kind == "Sub"} == {"ReportState", "ShowAbout", "DescribeFunctions"}
    calls = re.findall(
        r'^    (\w+) = Calculated\("(\w+)", (?:Array\(.*\)|arguments)\)\r$', MODULES["functions"], re.MULTILINE
    )
    assert calls == [(name, name) for name in FUNCTIONS]


def test_a_quote_in_a_text_does_not_end_it() -> None:
    from valuehour.hosts.classic.code import literal

    assert literal('say "no" & "yes"') == '"say ""no"" & ""yes"""'
