"""Settings of a project by key, and preferences that a project keeps."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from reaper_automix.rpp import Node
from reaper_double.errors import UnmodelledFunction
from reaper_double.keys import Computed, Field, Key
from reaper_double.text import block_in, digits, line_in

if TYPE_CHECKING:
    from reaper_double.model import Project
    from reaper_double.reaper import Reaper

_BASE64_LINE = 128
_REVERSED_ID = 4


class Text(NamedTuple):
    """A text setting: how it is read and, unless it is read-only, written."""

    read: Callable[[Reaper, Project], str]
    write: Callable[[Project, str], None] | None = None


def _unsaved(name: str) -> Key:
    """A setting that the double keeps beside the text, as facts.md does not say where it stands."""

    def put(project: Any, value: float) -> None:
        project.unsaved[name] = value

    return Computed(lambda project: project.unsaved.get(name, 0.0), put)


def _kept(name: str) -> Text:
    """A text that the double keeps beside the project's."""
    return Text(
        lambda _reaper, project: project.unsaved.get(name, ""),
        lambda project, text: project.unsaved.update({name: text}),
    )


def _line(line: str, index: int = 1) -> Text:
    return Text(
        lambda _reaper, project: project.text(line, index),
        lambda project, text: project.put_text(line, index, text),
    )


def _format(block: str) -> Text:
    """Base64 of a format's settings; four reversed letters set a format with its defaults."""

    def read(_reaper: Reaper, project: Project) -> str:
        node = project.block(block)
        return "".join(str(line).strip() for line in node.body) if node else ""

    def write(project: Project, text: str) -> None:
        if len(text) == _REVERSED_ID:
            text = base64.b64encode(text.encode()).decode()
        if read(None, project) != text:
            _fill(project, block, text)

    return Text(read, write)


def _fill(project: Project, name: str, text: str) -> None:
    node = project.block(name) or _new_block(project, name)
    chunks = range(0, len(text), _BASE64_LINE)
    node.body[:] = [line_in(node, text[at : at + _BASE64_LINE]) for at in chunks]
    project.touched("RENDER_CFG")


def _new_block(project: Project, name: str) -> Node:
    node = block_in(project.node, f"<{name}\n>")
    places = [at for at, e in enumerate(project.node.body) if isinstance(e, Node)]
    project.node.body.insert(places[0] if places else 0, node)
    return node


def _set_dirty(project: Any, value: float) -> None:
    project.dirty = bool(value)


NUMBERS: dict[str, Key] = {
    "RENDER_SETTINGS": Field("RENDER_STEMS"),
    "RENDER_BOUNDSFLAG": Field("RENDER_RANGE", 1, 1.0),
    "RENDER_STARTPOS": Field("RENDER_RANGE", 2),
    "RENDER_ENDPOS": Field("RENDER_RANGE", 3),
    "RENDER_TAILFLAG": Field("RENDER_RANGE", 4),
    "RENDER_TAILMS": Field("RENDER_RANGE", 5, 1000.0),
    "RENDER_CHANNELS": Field("RENDER_FMT", 2, 2.0),
    "RENDER_SRATE": Field("RENDER_FMT", 3),
    "RENDER_ADDTOPROJ": Field("RENDER_ADDTOPROJ"),
    "RENDER_DITHER": Field("RENDER_DITHER"),
    "RENDER_NORMALIZE": Field("RENDER_NORMALIZE", 1),
    "RENDER_NORMALIZE_TARGET": Field("RENDER_NORMALIZE", 2),
    "RENDER_BRICKWALL": Field("RENDER_NORMALIZE", 3),
    "PROJECT_SRATE": Field("SAMPLERATE", 1, 44100.0),
    "PROJECT_SRATE_USE": Field("SAMPLERATE", 2),
    "DIRTY": Computed(lambda project: project.dirty, _set_dirty),
} | {
    name: _unsaved(name)
    for name in (
        "RENDER_FADEIN RENDER_FADEOUT RENDER_FADEINSHAPE RENDER_FADEOUTSHAPE RENDER_FADELPF "
        "RENDER_PADSTART RENDER_PADEND RENDER_TRIMSTART RENDER_TRIMEND RENDER_DELAY READONLY "
        "PROJECT_TIMEBASE PROJECT_TIMEBASE_FLAGS"
    ).split()
}
"""Keys of ``GetSetProjectInfo``."""

TEXTS: dict[str, Text] = {
    "PROJECT_NAME": Text(lambda _reaper, project: os.path.basename(project.path)),
    "PROJECT_TITLE": _line("TITLE"),
    "PROJECT_AUTHOR": _line("AUTHOR"),
    "RECORD_PATH": _line("RECORD_PATH", 1),
    "RECORD_PATH_SECONDARY": _line("RECORD_PATH", 2),
    "RENDER_FILE": _line("RENDER_FILE"),
    "RENDER_PATTERN": _line("RENDER_PATTERN"),
    "RENDER_EXTRAFILEDIR": _kept("RENDER_EXTRAFILEDIR"),
    "RENDER_METADATA": _kept("RENDER_METADATA"),
    "RECTAG": _kept("RECTAG"),
    "RENDER_FORMAT": _format("RENDER_CFG"),
    "RENDER_FORMAT2": _format("RENDER_CFG2"),
    "RECORD_FORMAT": _format("RECORD_CFG"),
    "APPLYFX_FORMAT": _format("APPLYFX_CFG"),
}
"""Keys of ``GetSetProjectInfo_String``; the renderer adds ``RENDER_TARGETS`` and the like."""

CONFIG_FIELDS: Mapping[str, Field] = {
    "panlaw": Field("PANLAW", 1, 1.0),
    "panlawflags": Field("PANLAWFLAGS", 1, 3.0),
    "panmode": Field("PANMODE", 1, 3.0),
    "itemmixflag": Field("ITEMMIX", 1, 1.0),
}
"""Preferences that REAPER keeps in the project; [?] whether ``get_config_var_string`` has them."""


def number(project: Project, name: str, value: float, *, is_set: bool) -> float:
    """``GetSetProjectInfo``; an unknown key gives 0."""
    key = NUMBERS.get(name)
    if key is None:
        return 0.0
    if is_set:
        key.write(project, value)
    return key.read(project)


def text(reaper: Reaper, project: Project, name: str, value: str, *, is_set: bool) -> str | None:
    """``GetSetProjectInfo_String``; ``None`` for an unknown key or one that cannot be set."""
    key = TEXTS.get(name) or _group_name(name)
    if key is None or (is_set and key.write is None):
        return None
    if is_set:
        key.write(project, value)
    return value if is_set else key.read(reaper, project)


def config_var(reaper: Reaper, name: str) -> str | None:
    """A preference as text, ``None`` where there is none."""
    field = CONFIG_FIELDS.get(name)
    return reaper.config_vars.get(name) if field is None else digits(field.read(reaper.active))


def _group_name(key: str) -> Text | None:
    """``TRACK_GROUP_NAME:1`` … 64: lines ``GROUP_NAME index name``."""
    name, _, number_text = key.partition(":")
    if name != "TRACK_GROUP_NAME":
        return None

    def read(_reaper: Reaper, project: Project) -> str:
        rows = [project.tokens_at(at) for at in project.places("GROUP_NAME")]
        return next((row[2] for row in rows if row[1] == str(int(number_text) - 1)), "")

    def write(_project: Project, _text: str) -> None:
        raise UnmodelledFunction("names of track groups cannot be set in the double")

    return Text(read, write)
