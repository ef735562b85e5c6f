"""YAML text to plain values, with the place of every key and value.

The file is composed to nodes and read from those, not loaded: nodes keep their line and column, a key keeps
its spelling (a bare `010` stays `010`), and a key that stands twice can be told. Only plain YAML 1.2 is read:
no tags, no merge keys.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, DocumentStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from onmodel.errors import Finding, Place

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file down to a value."""

MOST_VALUES: Final = 200_000
"""A file of more values is refused: ten thousand shots need fewer, and aliases can multiply without end."""

DEEPEST: Final = 40
"""Levels of nesting; a story file has six."""

LONGEST_NUMBER: Final = 40
"""Characters of a number, and its largest power of ten: `1e999999999` would fill the memory as a fraction."""

_TAG: Final = "tag:yaml.org,2002:"

_NOT_YAML: Final = (
    r"[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Characters that YAML 1.2 does not allow in a file, a byte order mark in the middle of one, and the rare
line ends that some editors count and others do not."""


@dataclass
class Tree:
    """What one file says, and where."""

    file: str
    value: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    """Where each key, or list item, begins."""
    values: dict[Path, Place] = field(default_factory=dict)
    """Where each value begins."""
    findings: list[Finding] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)
    """Paths of the values that were found wrong."""

    def written(self, path: Path) -> Path:
        """The same path in the file: where one thing stands for a list of it, there is no 0."""
        known: Path = ()
        for step in path:
            if step != 0 or (*known, step) in self.values:
                known = (*known, step)
        return known

    def place(self, path: Path) -> Place:
        """The place of the value at `path`, or of the nearest thing above it that was written."""
        path = self.written(path)
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path, Place(self.file, 1, 1))

    def is_sound(self, path: Path) -> bool:
        """Whether nothing at or below `path` was found wrong."""
        return not any(broken[: len(path)] == path for broken in self.broken)

    def key_place(self, path: Path) -> Place:
        """The place of the key at the end of `path`."""
        return self.keys.get(self.written(path)) or self.place(path)


def read_tree(text: str, file: str) -> Tree:
    """Read one YAML document.

    Args:
        text: the file's text.
        file: its name as messages show it.

    Returns:
        The tree; `tree.findings` says what is wrong with the YAML itself. It never raises for bad text.
    """
    tree = Tree(file)
    # Compiling the pattern takes as long as reading a small file: plain text goes without.
    if not _is_plain(text) and (bad := re.search(_NOT_YAML, text)):
        before = text[: bad.start()]
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        name = f"U+{ord(bad.group()):04X}"
        tree.findings.append(Finding(place, f"the character {name} is not allowed in YAML", "Remove it."))
        return tree
    try:
        node = _compose(text, file)
    except MarkedYAMLError as error:
        tree.findings.append(_explain(error, text, file))
        return tree
    except _Refused as refused:
        tree.findings.append(refused.finding)
        return tree
    if node is None:
        tree.findings.append(
            Finding(Place(file, 1, 1), "the file is empty", "`onmodel init DIR` writes examples.")
        )
        return tree
    try:
        tree.value = _Walk(tree).value(node, ())
    except _Refused as refused:
        tree.findings.append(refused.finding)
    return tree


class _Refused(Exception):
    """The file is not read any further."""

    def __init__(self, place: Place, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.finding = Finding(place, message, hint)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable()


def _compose(text: str, file: str) -> Node | None:
    """The document's nodes; its depth is looked at first, since the composer recurses in C without a limit.

    Raises:
        _Refused: the file is too deep, too long, or changes how YAML is read.
        MarkedYAMLError: it is not YAML.
    """
    depth = 0
    for count, event in enumerate(YAML(typ="safe").parse(text)):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        place = Place(file, event.start_mark.line + 1, event.start_mark.column + 1)
        if depth > DEEPEST:
            raise _Refused(place, f"nested deeper than {DEEPEST} levels")
        if count > 2 * MOST_VALUES:  # a key, or the end of a list, is an event too
            raise _Refused(place, f"over {MOST_VALUES:,} values in one file")
        if isinstance(event, DocumentStartEvent) and (event.version or event.tags):
            raise _Refused(place, "%YAML and %TAG are not used in story files", "Remove the line.")
    node: Node | None = YAML(typ="safe").compose(text)
    return node


class _Walk:
    """One walk over a file's nodes."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.left = MOST_VALUES

    def value(self, node: Node, path: Path) -> Any:
        """The plain value of a node; it ends with the first that is one too many."""
        place = self._place(node)
        self.tree.values[path] = place
        self.left -= 1
        if len(path) > DEEPEST:
            raise _Refused(
                place, f"nested deeper than {DEEPEST} levels", "An alias ('*name') may hold itself."
            )
        if self.left < 0:
            raise _Refused(
                place, f"over {MOST_VALUES:,} values in one file", "Aliases ('*name') may be multiplying."
            )
        if isinstance(node, ScalarNode):
            return self._scalar(node, place)
        if node.tag not in (f"{_TAG}map", f"{_TAG}seq"):
            self._refuse_tag(str(node.tag), place)
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        return [self._item(child, (*path, index)) for index, child in enumerate(node.value)]

    def _refuse_tag(self, tag: str, place: Place) -> None:
        written = tag.replace(_TAG, "!!")
        self.tree.findings.append(
            Finding(place, f"the tag '{written}' is not used in story files", "Remove it.")
        )

    def _item(self, node: Node, path: Path) -> Any:
        self.tree.keys[path] = self._place(node)
        return self.value(node, path)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            place = self._place(key_node)
            if not isinstance(key_node, ScalarNode):
                self.tree.findings.append(Finding(place, "a key must be a plain word"))
                continue
            if key_node.tag == f"{_TAG}merge":
                self.tree.findings.append(
                    Finding(place, "merge keys ('<<') are not used in story files", "Write the keys out.")
                )
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in found:
                first = self.tree.keys[here]
                self.tree.findings.append(
                    Finding(place, f"the key '{key}' stands twice", f"It stands first in line {first.line}.")
                )
                continue
            self.tree.keys[here] = place
            found[key] = self.value(value_node, here)
        return found

    def _scalar(self, node: ScalarNode, place: Place) -> Any:
        tag, text = str(node.tag), str(node.value)
        kind = tag.removeprefix(_TAG)
        if kind in _READ:
            read, wanted = _READ[kind]
            try:
                return read(text)
            except (ValueError, InvalidOperation):
                shown = text if len(text) <= LONGEST_NUMBER else text[:LONGEST_NUMBER] + "..."
                self.tree.findings.append(Finding(place, f"'{shown}' is not {wanted}"))
                return None
        if kind not in ("str", "timestamp", "value", "merge"):
            self._refuse_tag(tag, place)
        return text

    def _place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self.tree.file, mark.line + 1, mark.column + 1)


def _null(text: str) -> None:
    if text.lower() not in ("", "~", "null"):
        raise ValueError(text)


def _bool(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _int(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError(text)
    return int(text.replace("_", ""), 0 if re.match(r"[-+]?0[box]", text) else 10)


def _float(text: str) -> Decimal:
    number = Decimal(text.replace("_", ""))
    if len(text) > LONGEST_NUMBER or not number.is_finite() or abs(number.adjusted()) > LONGEST_NUMBER:
        raise ValueError(text)
    return number


_READ: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "null": (_null, "empty, as its tag says"),
    "bool": (_bool, "true or false"),
    "int": (_int, "a number that can be used"),
    "float": (_float, "a number that can be used"),
}
"""How each kind of plain value is read, and what is wanted there."""


def _explain(error: MarkedYAMLError, text: str, file: str) -> Finding:
    """A parser's complaint in words, at its place; a tab is named as such."""
    # A quote that is never closed is noticed at the end of the file; it is wrong where it opens.
    unclosed = "end of stream" in (error.problem or "")
    mark = (error.context_mark if unclosed else None) or error.problem_mark or error.context_mark
    lines = re.split("\r\n|\r|\n", text)
    line, column = (mark.line, mark.column) if mark else (0, 0)
    if line >= len(lines):  # the parser counts a line after the last
        line, column = len(lines) - 1, len(lines[-1])
    written = lines[line]
    tab = re.match(r" *\t", written)
    if tab:
        return Finding(
            Place(file, line + 1, tab.end()),
            "a tab in the indentation",
            "YAML is indented with spaces: replace it.",
        )
    problem = ", ".join(filter(None, (error.context, error.problem))) or "the text cannot be read"
    hint = "Put texts with ':' or '#' in quotes." if written.count(":") > 1 or "#" in written else ""
    return Finding(Place(file, line + 1, column + 1), f"this is not YAML: {problem}", hint)
