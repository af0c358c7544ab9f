"""A ReaPack repository's ``index.xml``, from the headers of the actions.

Grammar and element names are those of reapack-index (facts.md, section 6): a file with
``@version`` is a package, which brings the files its ``@provides`` lists; ``@noindex`` marks a file
that only comes with another. The folder of a package is its category.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from reaper_automix.errors import InputError, SettingsError

REPOSITORY = "reaper-automix"
"""The index's own name, which is also the folder that ReaPack installs into."""

TAGS = frozenset(
    {"description", "author", "version", "changelog", "provides", "about", "link", "noindex"}
)
"""The tags that our headers use; any other word after @ is a slip."""

_MARKS = {".lua": "--", ".py": "#"}
"""What begins a comment, by the ending of a script."""

_TAG = re.compile(r"@(\w+)(?:\s+(.*))?$")
_PROVIDED = re.compile(r"(?:\[(\w+)\]\s+)?(\S.*)$")
_VERSION = re.compile(r"\d+(?:\.\w+)*$")


@dataclass(frozen=True, slots=True)
class Header:
    """The comment that a script begins with; ``tags`` holds the text of each tag by its name."""

    path: Path
    tags: dict[str, str]

    @property
    def is_package(self) -> bool:
        """Whether ReaPack lists this file as something to install."""
        return "noindex" not in self.tags and "version" in self.tags


@dataclass(frozen=True, slots=True)
class Source:
    """A file that a package brings.

    ``is_action`` when REAPER's Actions list gets it, ``is_effect`` when it goes into ``Effects``.
    """

    path: Path
    is_action: bool
    is_effect: bool = False


def header(path: Path) -> Header:
    """The header of a script; raises InputError for what reapack-index would not take."""
    tags: dict[str, list[str]] = {}
    here: list[str] | None = None
    for line in _comment(path):
        if found := _TAG.match(line):
            name, text = found.groups()
            if name not in TAGS or name in tags:
                raise InputError(f"{path}: @{name} is no tag of ReaPack, or is there twice.")
            here = tags[name] = [text] if text else []
        elif here is not None and line[:1] in ("", " "):
            here.append(line.strip())
        else:
            here = None
    return _checked(Header(path, {name: "\n".join(lines).strip() for name, lines in tags.items()}))


def sources(package: Header) -> Iterator[Source]:
    """The package's own file and all that it provides, each once."""
    folder, seen = package.path.parent, {package.path}
    yield Source(package.path, is_action=True)
    for line in package.tags.get("provides", "").splitlines():
        option, pattern = _provided(package, line)
        files = sorted(path for path in folder.glob(pattern) if path.is_file())
        if not files:
            raise InputError(f"{package.path}: @provides {pattern} is no file.")
        for path in files:
            if path not in seen:
                seen.add(path)
                yield Source(path, option == "main", option == "effect")


def packages(scripts: Path) -> tuple[Header, ...]:
    """The packages of a folder of categories."""
    found = (path for path in sorted(scripts.glob("*/*")) if path.suffix in _MARKS)
    headers = map(header, found)
    return tuple(one for one in headers if one.is_package)


def index(scripts: Path, url: str) -> str:
    """The index of a folder of categories.

    ``url`` is where ReaPack finds a file: ``{path}`` (from ``scripts`` on) and ``{version}`` are
    filled in. Raises SettingsError for a template that leads every file to one address.
    """
    if "{path}" not in url:
        raise SettingsError(f"{url} is one address for all files; put {{path}} where it differs.")
    root = Xml.Element("index", version="1", name=REPOSITORY)
    for package in packages(scripts):
        category = package.path.parent.relative_to(scripts).as_posix()
        _add(_category(root, category), package, scripts, url)
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _comment(path: Path) -> Iterator[str]:
    """The lines that a script begins with, without their comment marks."""
    mark = _MARKS[path.suffix]
    for line in path.read_text("utf-8").splitlines():
        if not line.startswith(mark):
            return
        yield line.removeprefix(mark).removeprefix(" ")


def _checked(found: Header) -> Header:
    tags = found.tags
    if "version" in tags and not _VERSION.match(tags["version"]):
        raise InputError(f"{found.path}: @version {tags['version']} does not begin with a number.")
    missing = [name for name in ("description", "author") if not tags.get(name)]
    if found.is_package and missing:
        raise InputError(f"{found.path}: @{missing[0]} is missing.")
    return found


def _provided(package: Header, line: str) -> tuple[str, str]:
    found = _PROVIDED.match(line)
    option = found.group(1) if found else ""
    if found is None or option not in (None, "main", "nomain", "effect"):
        raise InputError(f"{package.path}: @provides {line} cannot be read.")
    return option or "nomain", found.group(2)


def _category(root: Xml.Element, name: str) -> Xml.Element:
    found = root.find(f"category[@name='{name}']")
    return Xml.SubElement(root, "category", name=name) if found is None else found


def _add(category: Xml.Element, package: Header, scripts: Path, url: str) -> None:
    tags = package.tags
    entry = Xml.SubElement(
        category, "reapack", name=package.path.name, type="script", desc=tags["description"]
    )
    version = Xml.SubElement(entry, "version", name=tags["version"], author=tags["author"])
    if changelog := tags.get("changelog"):
        Xml.SubElement(version, "changelog").text = changelog
    for source in sources(package):
        place = source.path.relative_to(scripts).as_posix()
        address = url.replace("{version}", tags["version"]).replace("{path}", quote(place))
        Xml.SubElement(version, "source", _attributes(package, source)).text = address


def _attributes(package: Header, source: Source) -> dict[str, str]:
    """``file`` where it is not the package's own, ``main`` or ``type`` where it is no library."""
    relative = source.path.relative_to(package.path.parent).as_posix()
    named = {} if source.path == package.path else {"file": relative}
    if source.is_action:
        return {**named, "main": "main"}
    return {**named, "type": "effect"} if source.is_effect else named
