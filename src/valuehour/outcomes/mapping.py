"""The map file read and checked, and keys turned into workflows of the catalog."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from valuehour.errors import OutcomesError, UsageError
from valuehour.models import Catalog
from valuehour.models.names import key, shown
from valuehour.models.outcomes import Match, OutcomeMap, SuccessRule, WorkflowSetting, outcome_map
from valuehour.outcomes.amounts import is_blank

SIZE_LIMIT = 5_000_000  # bytes
UNTAGGED = "(untagged)"

# What counts as success where neither a column nor the user's map says so: the success rules of the catalog as far
# as the columns of a run can tell. A time limit is a promise of one's own organisation: it is set in the map.
OWN_RULES = {
    "support_reply": SuccessRule(accepted=True, manual_review=False),
    "sales_summary": SuccessRule(accepted=True),
    "planning_digest": SuccessRule(accepted=True),
    "onboarding_assistant": SuccessRule(accepted=True, manual_review=False),
}
ANY_RULE = SuccessRule(accepted=True)


class Keys(NamedTuple):
    """What a row says about its workflow, as it stands in the file."""

    workflow: str = ""
    tags: str = ""
    project: str = ""
    trace: str = ""


def read_map(path: Path | None) -> OutcomeMap:
    """Read a map file; the settings without one where there is none.

    Raises
    ------
    OutcomesError
        The file cannot be read or does not fit: one line per problem.
    """
    if path is None:
        return OutcomeMap()
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise OutcomesError(f"{path}: is larger than {SIZE_LIMIT:,} bytes; allowed: at most that")
        settings = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise OutcomesError(f"{path}: cannot be read: {error.strerror or error}; allowed: a TOML file") from error
    except UnicodeDecodeError as error:
        raise OutcomesError(f"{path}: byte {error.start} is not UTF-8; allowed: a TOML file saved as UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise OutcomesError(f"{path}: not TOML: {str(error)[:200]}; allowed: a map file as documented") from error
    found = outcome_map(settings)
    if not isinstance(found, OutcomeMap):
        raise OutcomesError("\n".join(f"{path}: {place or 'the file'}: {reason}" for place, reason in found))
    return found


def like(text: str, pattern: str) -> bool:
    """Tell whether a text fits a pattern in which ``*`` stands for any characters, in time linear in both.

    >>> like("support-eu-7", "support-*"), like("presupport", "support*"), like("a-b-c", "*b*")
    (True, False, True)
    """
    first, *rest = pattern.split("*")
    if not rest:
        return text == pattern
    *middle, last = rest
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


class WorkflowKeys:
    """Turns what rows say into workflows: first the rules of the map in their order, then the catalog's names."""

    def __init__(self, catalog: Catalog, settings: OutcomeMap) -> None:
        self._catalog = catalog
        self._tag_keys = tuple(_folded(name) for name in settings.tag)
        self._rules = [(match, self._workflow(match.to, f"match rule {place}")) for place, match in _numbered(settings)]
        self.settings: dict[str, WorkflowSetting] = {}
        for name, setting in settings.workflows.items():
            self.settings[self._workflow(name, "workflows")] = setting
        self._seen: dict[tuple[str, str], str | None] = {}

    def setting(self, workflow: str) -> WorkflowSetting:
        """What the map says about a workflow."""
        return self.settings.get(workflow, WorkflowSetting())

    def success_rule(self, workflow: str) -> SuccessRule:
        """What makes a run of a workflow a success when no column says so."""
        return self.setting(workflow).success or OWN_RULES.get(workflow, ANY_RULE)

    @cached_property
    def names(self) -> Mapping[str, str]:
        """The name of each workflow by its id."""
        return {workflow.id: workflow.name for workflow in self._catalog.workflows}

    def workflows(self, keys: Keys) -> tuple[str, ...]:
        """Return the ids of the workflows that a row belongs to, each once; several when its tags name several.

        The workflow column counts first, then tags, trace and project: the first that leads to a workflow.
        """
        for within, texts in (
            ("workflow", (keys.workflow,)),
            ("tag", self.tags(keys.tags)),
            ("trace", (keys.trace,)),
            ("project", (keys.project,)),
        ):
            found = [self._one(within, text.strip()) for text in texts if not is_blank(text)]
            known = tuple(dict.fromkeys(workflow for workflow in found if workflow))
            if known:
                return known
        return ()

    def label(self, keys: Keys) -> str:
        """Return what a row without a workflow is listed under."""
        tags = self.tags(keys.tags)
        for text in (keys.workflow, ", ".join(tags), keys.trace, keys.project, keys.tags):
            if not is_blank(text) and text.strip() not in ("{}", "[]"):
                return text.strip()
        return UNTAGGED

    def tags(self, text: str) -> tuple[str, ...]:
        """Return what the tags of a row say about its workflow.

        Of tags with keys, the values under the tag key; of tags without keys, all of them.
        """
        if is_blank(text):
            return ()
        value = _parsed(text)
        if isinstance(value, Mapping):
            return tuple(
                each
                for name, content in value.items()
                if _folded(str(name)) in self._tag_keys
                for each in _texts(content)
            )
        found = []
        for each in _texts(value):
            for mark in (":", "="):
                name, separator, content = each.partition(mark)
                if separator and _folded(name) in self._tag_keys:
                    found.append(content)
                    break
            else:
                found.append(each)
        return tuple(found)

    def _one(self, within: str, text: str) -> str | None:
        if (within, text) not in self._seen:
            self._seen[within, text] = self._find(within, text)
        return self._seen[within, text]

    def _find(self, within: str, text: str) -> str | None:
        folded = text.casefold()
        for match, workflow in self._rules:
            if match.within not in ("any", within):
                continue
            fits = folded == match.exact.casefold() if match.exact else like(folded, (match.like or "").casefold())
            if fits:
                return workflow
        try:
            return self._catalog.workflow(text).id if len(text) <= 200 else None
        except UsageError:
            return None

    def _workflow(self, name: str, place: str) -> str:
        try:
            return self._catalog.workflow(name).id
        except UsageError as error:
            raise OutcomesError(f"the map file: {place}: {error}") from error


def _numbered(settings: OutcomeMap) -> Iterable[tuple[int, Match]]:
    return enumerate(settings.match, 1)


def _folded(name: str) -> str:
    return key(name)


def _parsed(text: str) -> object:
    """The JSON of a tag cell; a list of PostgreSQL's; or the text itself."""
    text = text.strip()
    if text[:1] in "{[":
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            if text.startswith("{") and text.endswith("}") and ":" not in text:
                return [each.strip().strip('"') for each in text[1:-1].split(",")]
    return text


def _texts(value: object) -> list[str]:
    if isinstance(value, (list, tuple)):
        return [each for part in value for each in _texts(part)]
    if isinstance(value, Mapping):
        # Tags as records of key and value, as some exports write them.
        if {"key", "value"} <= set(value):
            return [f"{value['key']}:{value['value']}"]
        return [f"{name}:{content}" for name, content in value.items()]
    return [] if value is None else [str(value)]


def described(keys: Keys) -> str:
    """Put keys as a message shows them."""
    return shown(next((text for text in keys if not is_blank(text)), UNTAGGED))
