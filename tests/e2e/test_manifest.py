"""The manifest is what Excel and the admin center take, by the rules that Microsoft has published.

Its own validator asks a service on the internet, so the rules stand here:
- order and number of elements: [MS-OWEMXML] 5.2 (appforoffice/1.1) and 5.7 (taskpaneappversionoverrides), and the page
  "How to find the proper order of manifest elements" of the Office Add-ins documentation;
- lengths, HTTPS and unique ids of resources: the pages "Resources", "Control" and "Group" of the manifest reference;
- sizes of icons: the pages "Icon", "IconUrl" and "HighResolutionIconUrl".
"""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from tests.served import Served, server
from valuehour.functions import FUNCTIONS

BASE = "http://schemas.microsoft.com/office/appforoffice/1.1"
OVERRIDES = "http://schemas.microsoft.com/office/taskpaneappversionoverrides"
TYPES = "http://schemas.microsoft.com/office/officeappbasictypes/1.0"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"

# The children of each element in their order; "?" may be missing, "+" may be repeated.
ORDER = {
    f"{{{BASE}}}OfficeApp": "Id AlternateId? Version ProviderName DefaultLocale DisplayName Description IconUrl "
    "HighResolutionIconUrl SupportUrl? AppDomains? Hosts Requirements? DefaultSettings Permissions Dictionary? "
    "VersionOverrides? ExtendedOverrides?",
    f"{{{BASE}}}AppDomains": "AppDomain+",
    f"{{{BASE}}}Hosts": "Host+",
    f"{{{BASE}}}Requirements": "Sets? Methods?",
    f"{{{BASE}}}Sets": "Set+",
    f"{{{BASE}}}DefaultSettings": "SourceLocation",
    f"{{{OVERRIDES}}}VersionOverrides": "Description? Requirements? Hosts Resources WebApplicationInfo? "
    "EquivalentAddins?",
    f"{{{OVERRIDES}}}Hosts": "Host+",
    f"{{{OVERRIDES}}}Host": "Runtimes? AllFormFactors? DesktopFormFactor?",
    f"{{{OVERRIDES}}}Runtimes": "Runtime+",
    f"{{{OVERRIDES}}}AllFormFactors": "ExtensionPoint+",
    f"{{{OVERRIDES}}}DesktopFormFactor": "GetStarted? SupportsSharedFolders? FunctionFile? ExtensionPoint+",
    f"{{{OVERRIDES}}}GetStarted": "Title Description LearnMoreUrl",
    f"{{{OVERRIDES}}}ExtensionPoint CustomFunctions": "Script Page Metadata Namespace?",
    f"{{{OVERRIDES}}}ExtensionPoint PrimaryCommandSurface": "OfficeTab+",
    f"{{{OVERRIDES}}}Script": "SourceLocation",
    f"{{{OVERRIDES}}}Page": "SourceLocation",
    f"{{{OVERRIDES}}}Metadata": "SourceLocation",
    f"{{{OVERRIDES}}}OfficeTab": "Group+",
    f"{{{OVERRIDES}}}Group": "OverriddenByRibbonApi? Label Icon Control+",
    f"{{{OVERRIDES}}}Control Button": "OverriddenByRibbonApi? Label Supertip Icon Action Enabled?",
    f"{{{OVERRIDES}}}Supertip": "Title Description",
    f"{{{OVERRIDES}}}Icon": "Image+",
    f"{{{OVERRIDES}}}Action ShowTaskpane": "TaskpaneId? SourceLocation Title?",
    f"{{{OVERRIDES}}}Resources": "Images? Urls? ShortStrings? LongStrings?",
    f"{{{TYPES}}}Images": "Image+",
    f"{{{TYPES}}}Urls": "Url+",
    f"{{{TYPES}}}ShortStrings": "String+",
    f"{{{TYPES}}}LongStrings": "String+",
    f"{{{OVERRIDES}}}WebApplicationInfo": "Id Resource Scopes",
    f"{{{OVERRIDES}}}Scopes": "Scope+",
}
KIND = {"Images": 2048, "Urls": 2048, "ShortStrings": 125, "LongStrings": 250}
"""The collections of resources, and the most characters that an entry of each may have."""
REFERS_TO = {
    "Runtime": "Urls",
    "SourceLocation": "Urls",
    "FunctionFile": "Urls",
    "LearnMoreUrl": "Urls",
    "Namespace": "ShortStrings",
    "Label": "ShortStrings",
    "Title": "ShortStrings",
    "Description": "LongStrings",
    "Image": "Images",
}
HOST = "functions.example.com"
SUPPORT = "https://help.example.com/valuehour"
SETTINGS = {
    "in production": {
        "XLWINGS_HOSTNAME": HOST,
        "XLWINGS_APP_PATH": "/finance",
        "XLWINGS_STATIC_URL_PATH": "/finance/static",
        "VALUEHOUR_SUPPORT_URL": SUPPORT,
        "VALUEHOUR_PROVIDER_NAME": 'Müller & Söhne "Controlling"',
        "XLWINGS_AUTH_PROVIDERS": json.dumps(["entraid"]),
        "XLWINGS_AUTH_ENTRAID_CLIENT_ID": "7b1f3c52-3d0c-4b4e-9c55-0f1f5f0b7c11",
        "XLWINGS_AUTH_ENTRAID_TENANT_ID": "0e9a6d5c-6a3e-4f59-8f43-0d3b3f0c2a77",
    },
    "with nothing set": {},
}


class Manifest(NamedTuple):
    root: Element
    served: Served
    settings: dict[str, str]


@pytest.fixture(scope="module", params=SETTINGS)
def manifest(request: pytest.FixtureRequest) -> Iterator[Manifest]:
    settings = SETTINGS[request.param]
    with server(**settings) as served:
        status, content = served.get(f"{served.url}/manifest.xml")
        assert status == 200
        yield Manifest(ElementTree.fromstring(content), served, settings)


def _name(element: Element) -> str:
    return element.tag.partition("}")[2]


def _resources(root: Element) -> dict[str, tuple[str, str]]:
    """Each resource: the collection it stands in, and its value."""
    found = root.find(f".//{{{OVERRIDES}}}Resources")
    assert found is not None
    return {entry.attrib["id"]: (_name(kind), entry.attrib["DefaultValue"]) for kind in found for entry in kind}


def _expected(element: Element) -> re.Pattern[str] | None:
    key = f"{element.tag} {element.get(TYPE)}"
    order = ORDER.get(key) or ORDER.get(element.tag)
    if order is None:
        return None
    parts = (re.fullmatch(r"(\w+)([?+]?)", part) for part in order.split())
    return re.compile("".join(f"({part[1]} ){part[2]}" for part in parts if part))


def test_every_element_has_its_children_in_the_order_of_the_schema(manifest: Manifest) -> None:
    for element in manifest.root.iter():
        children = "".join(f"{_name(child)} " for child in element)
        expected = _expected(element)
        if expected is None:
            assert not children, f"{element.tag} holds {children}and no rule says so"
        else:
            assert expected.fullmatch(children), f"{_name(element)} holds {children}"


def test_it_says_who_it_is_in_the_form_that_is_asked_for(manifest: Manifest) -> None:
    text = {_name(child): child.text or "" for child in manifest.root}
    assert manifest.root.get(TYPE) == "TaskPaneApp"
    assert UUID(text["Id"]).version == 4
    assert re.fullmatch(r"[1-9]\d*(\.\d+){1,3}", text["Version"])
    assert all(int(part) <= 65535 for part in text["Version"].split("."))
    assert re.fullmatch(r"[a-z]{2}-[A-Z]{2}", text["DefaultLocale"])
    assert text["ProviderName"] == manifest.settings.get("VALUEHOUR_PROVIDER_NAME", "valuehour")
    lengths = {"DisplayName": 125, "Description": 250}
    for name, most in lengths.items():
        value = manifest.root.find(f"{{{BASE}}}{name}")
        assert value is not None
        assert 1 <= len(value.attrib["DefaultValue"]) <= most


def test_resources_keep_to_the_lengths_and_every_reference_finds_its_own(manifest: Manifest) -> None:
    resources = _resources(manifest.root)
    assert len(resources) == len(manifest.root.findall(f".//{{{OVERRIDES}}}Resources/*/*"))
    for name, (kind, value) in resources.items():
        assert re.fullmatch(r"[A-Za-z][\w.]{0,31}", name)
        assert 1 <= len(value) <= KIND[kind]
    used = set()
    for element in manifest.root.iter():
        if (reference := element.get("resid")) is not None:
            assert resources[reference][0] == REFERS_TO[_name(element)]
            used.add(reference)
    assert used == resources.keys()


def test_every_icon_stands_in_the_required_sizes_and_is_there(manifest: Manifest) -> None:
    resources = _resources(manifest.root)
    icons = manifest.root.findall(f".//{{{OVERRIDES}}}Icon")
    assert len(icons) == 2
    for icon in icons:
        images = [(int(image.attrib["size"]), resources[image.attrib["resid"]][1]) for image in icon]
        sizes = [size for size, _ in images]
        assert {16, 32, 80} <= set(sizes) <= {16, 20, 24, 32, 40, 48, 64, 80}
        for size, address in images:
            assert _size(manifest.served, address) == size
    for name, size in {"IconUrl": 32, "HighResolutionIconUrl": 64}.items():
        value = manifest.root.find(f"{{{BASE}}}{name}")
        assert value is not None
        assert _size(manifest.served, value.attrib["DefaultValue"]) == size


def _size(served: Served, address: str) -> int:
    status, content = served.get(address)
    assert (status, content[:8]) == (200, b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">2I", content[16:24])
    assert width == height
    return int(width)


def test_every_address_is_on_the_server_itself_and_https_in_production(manifest: Manifest) -> None:
    values = [
        value for element in manifest.root.iter() for value in (element.get("DefaultValue"), element.text) if value
    ]
    addresses = [value for value in values if "://" in value and not value.startswith("api://")]
    support = [value for value in addresses if value == manifest.settings.get("VALUEHOUR_SUPPORT_URL")]
    own = [value for value in addresses if value not in support]
    origin = f"https://{HOST}" if manifest.settings else manifest.served.url
    assert all(value == origin or value.startswith(f"{origin}/") for value in own)
    assert len(own) == 15
    # Shown by Excel and offered when the add-in is new; without a place to ask nothing is offered.
    assert len(support) == (2 if manifest.settings else 0)


def test_single_sign_on_names_the_application_that_the_settings_name(manifest: Manifest) -> None:
    found = manifest.root.find(f".//{{{OVERRIDES}}}WebApplicationInfo")
    if not manifest.settings:
        assert found is None
        return
    assert found is not None
    client = manifest.settings["XLWINGS_AUTH_ENTRAID_CLIENT_ID"]
    assert [child.text for child in found][:2] == [client, f"api://{HOST}/finance/{client}"]


def test_ids_of_controls_groups_and_panes_are_unique_and_short(manifest: Manifest) -> None:
    ids = [element.attrib["id"] for element in manifest.root.iter() if _name(element) in ("Group", "Control")]
    assert len(set(ids)) == len(ids) == 2
    assert all(len(name) <= 125 for name in ids)


def test_the_functions_are_called_vh_dot_name_in_every_environment(manifest: Manifest) -> None:
    assert _resources(manifest.root)["Functions.Namespace"] == ("ShortStrings", "VH")
    status, content = manifest.served.get(f"{manifest.served.url}/xlwings/custom-functions-meta.json")
    assert status == 200
    assert {function["name"] for function in json.loads(content)["functions"]} == set(FUNCTIONS)


def test_each_environment_is_an_add_in_of_its_own_with_the_same_functions() -> None:
    found = {}
    for environment in ("prod", "staging"):
        with server(XLWINGS_ENVIRONMENT=environment, XLWINGS_HOSTNAME=HOST) as served:
            root = ElementTree.fromstring(served.get(f"{served.url}/manifest.xml")[1])
        name = root.find(f"{{{BASE}}}DisplayName")
        assert name is not None
        found[environment] = (
            root.findtext(f"{{{BASE}}}Id"),
            name.attrib["DefaultValue"],
            _resources(root)["Functions.Namespace"][1],
        )
    assert found == {
        "prod": ("e2c3fac6-2102-4095-8286-ecd6952495ef", "valuehour", "VH"),
        "staging": ("d3b355d1-97a1-447f-a590-d6fb0e359807", "valuehour [staging]", "VH"),
    }
