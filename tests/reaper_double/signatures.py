"""What REAPER checks of every call, from ``signatures.json``."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from reaper_double.errors import ArgumentError
from reaper_double.view import View

POINTERS = frozenset(
    "ReaProject MediaTrack MediaItem MediaItem_Take TrackEnvelope PCM_source AudioAccessor "
    "IReaperControlSurface".split()
)
NULL_ALLOWED = frozenset(
    {("CreateTrackSend", "desttrIn"), ("CSurf_SetSurfaceVolume", "ignoresurf")}
)
"""Pointer arguments where nil means something; projects may always be nil or 0 (the active one)."""


class Pointer(NamedTuple):
    """A pointer as scripts hold it; two to the same object are equal."""

    kind: str
    object: Any


class Parameter(NamedTuple):
    """One argument or one returned value; ``optional`` arguments may be left out, values be nil."""

    name: str
    type: str
    optional: bool


@dataclass(frozen=True, slots=True)
class Signature:
    """One function of the API."""

    name: str
    use: str
    since: tuple[int, int]
    args: tuple[Parameter, ...]
    returns: tuple[Parameter, ...]
    c: str | None
    python: dict[str, Any] | None

    def accept(self, given: Sequence[Any], active: View) -> list[Any]:
        """The arguments for the model, pointers resolved; surplus ones are ignored."""
        checked = []
        for place, parameter in enumerate(self.args):
            if place < len(given):
                checked.append(self._argument(place, parameter, given[place], active))
            elif not parameter.optional:
                raise self.refusal(place, f"{_lua_name(parameter.type)} expected, got no value")
        return checked

    def answer(self, result: Any) -> tuple[Any, ...]:
        """What the model gave back, in the types of the signature."""
        values = result if isinstance(result, tuple) else (result,) if self.returns else ()
        assert len(values) == len(self.returns), f"{self.name} in the double returns {values!r}"
        return tuple(map(self._returned, self.returns, values))

    def refusal(self, place: int, what: str) -> ArgumentError:
        """The error REAPER raises for an argument."""
        return ArgumentError(f"bad argument #{place + 1} to '{self.name}' ({what})")

    @property
    def _gives_pointers(self) -> bool:
        """Keys with ``P_`` give Lua a pointer where the signature says number."""
        return self.name.endswith("Info_Value")

    def _argument(self, place: int, parameter: Parameter, given: Any, active: View) -> Any:
        if parameter.type == "ReaProject" and (given is None or given == 0):
            return active
        if given is None and (parameter.optional or (self.name, parameter.name) in NULL_ALLOWED):
            return None
        if parameter.type in POINTERS:
            return self._object(place, parameter, given)
        convert = _CONVERSIONS.get(parameter.type)
        if convert is None:
            return given
        try:
            return convert(given)
        except TypeError as error:
            raise self.refusal(place, str(error)) from None

    def _object(self, place: int, parameter: Parameter, given: Any) -> Any:
        fits = isinstance(given, Pointer) and given.kind == parameter.type
        if not fits or not given.object.alive:
            raise self.refusal(place, f"{parameter.type} expected")
        return given.object

    def _returned(self, parameter: Parameter, value: Any) -> Any:
        if value is None:
            assert parameter.optional or self._gives_pointers, f"{self.name}: no {parameter.name}"
            return None
        if parameter.type in POINTERS or isinstance(value, View):
            return Pointer(value.kind, value)
        return _RETURNS[parameter.type](value)


@functools.cache
def table() -> dict[str, Any]:
    """The whole of ``signatures.json``."""
    return json.loads(Path(__file__).with_name("signatures.json").read_text("utf-8"))


@functools.cache
def signatures() -> dict[str, Signature]:
    """Every function of the API by its name."""
    return {
        name: Signature(
            name,
            row["use"],
            version_number(row["since"]),
            tuple(Parameter(*arg) for arg in row["args"]),
            tuple(Parameter(*value) for value in row["returns"]),
            row["c"],
            row["python"],
        )
        for name, row in table()["functions"].items()
    }


def version_number(text: str) -> tuple[int, int]:
    """``7.66/linux-x86_64`` and ``5.40pre12`` as numbers that compare.

    Minor versions are read as two digits or more: ``5.972`` came before ``5.98``.
    """
    major, minor = re.findall(r"^(\d+)(?:\.(\d+))?", text)[0]
    return int(major), int(f"{minor:0<3}"[:3])


def _lua_name(kind: str) -> str:
    return "number" if kind == "integer" else kind


def _type_of(value: Any) -> str:
    names = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "nil"}
    return names.get(type(value), "userdata" if isinstance(value, Pointer) else "table")


def _expecting(kind: str, *types: type) -> Callable[[Any], Any]:
    def check(given: Any) -> Any:
        if type(given) not in types:
            raise TypeError(f"{kind} expected, got {_type_of(given)}")
        return given

    return check


def _integer(given: Any) -> int:
    value = _expecting("number", int, float)(given)
    if value != value or value in (float("inf"), float("-inf")) or value != int(value):
        raise TypeError("number has no integer representation")
    return int(value)


_CONVERSIONS: dict[str, Callable[[Any], Any]] = {
    "integer": _integer,
    "number": lambda given: float(_expecting("number", int, float)(given)),
    "boolean": _expecting("boolean", bool),
    "string": _expecting("string", str),
    "identifier": _expecting("userdata", Pointer, type(None)),
}
_RETURNS: dict[str, Callable[[Any], Any]] = {
    "integer": int,
    "number": float,
    "boolean": bool,
    "string": str,
}
