"""A ``reaper_python`` module around the double, with the habits of the genuine one.

Pointers are texts, NULL among them (which is true); every pointer that goes in is checked by
``rpr_packp`` and becomes NULL where it is stale or of another type; whatever has outputs gives back
a tuple of the return value and every argument; texts pass through buffers of 4 MiB; what REAPER
gives as NULL where a text is due is an ``AttributeError``. Source: facts.md section 2.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from reaper_double.errors import ArgumentError
from reaper_double.reaper import Reaper
from reaper_double.signatures import Pointer

SIGNATURES = json.loads(Path(__file__).with_name("signatures.json").read_text("utf-8"))
BUFFER_BYTES = 4 * 1024 * 1024
FIRST_ADDRESS = 0x7F0000001000
VALIDATED = {
    "ReaProject*",
    "MediaTrack*",
    "MediaItem*",
    "MediaItem_Take*",
    "TrackEnvelope*",
    "PCM_source*",
}
_PACKED = re.compile(r"^\((\w+\*|HWND)\)0x([0-9A-F]{16})$")


class Crash(BaseException):
    """What would take REAPER down: nothing a script may catch."""


class Pointers:
    """Addresses for the objects that scripts were given."""

    def __init__(self, reaper: Reaper) -> None:
        """None given yet."""
        self._reaper = reaper
        self._known: dict[int, Pointer] = {}
        self._addresses: dict[tuple[str, int], int] = {}

    def text(self, kind: str, pointer: Pointer | None) -> str:
        """A pointer as scripts see it."""
        return f"({kind})0x{self._address(pointer):016X}"

    def pack(self, kind: str, text: object) -> int:
        """The address of a pointer's text; 0 for NULL, stale pointers and other types."""
        found = _PACKED.match(str(text))
        if found is None or found[1] != kind != "void*":
            return 0
        address = int(found[2], 16)
        return address if self._is_valid(found[1], address) else 0

    def at(self, address: int) -> Pointer | None:
        """The object at an address."""
        if address and address not in self._known:
            raise Crash(f"a pointer to nowhere: {address:#x}")
        return self._known.get(address)

    def _address(self, pointer: Pointer | None) -> int:
        if pointer is None:
            return 0
        key = (pointer.kind, id(pointer.object))
        address = self._addresses.setdefault(key, FIRST_ADDRESS + 64 * len(self._addresses))
        self._known[address] = pointer  # keeps the object, so that no other gets its id
        return address

    def _is_valid(self, kind: str, address: int) -> bool:
        pointer = self._known.get(address)
        if pointer is None or kind not in VALIDATED:
            return pointer is not None
        (valid,) = self._reaper.call("ValidatePtr2", None, pointer, kind)
        return bool(valid) or (kind == "ReaProject*" and pointer.object in self._reaper.projects)


def make(reaper: Reaper) -> ModuleType:
    """The module; its functions call the double."""
    module = ModuleType("reaper_python")
    pointers = Pointers(reaper)
    vars(module).update(rpr_packp=pointers.pack, _ft={}, RPR_ValidatePtr=None)
    for name, row in SIGNATURES["functions"].items():
        if row["python"] is not None and row["c"] is not None:
            vars(module)[f"RPR_{name}"] = _wrapper(module, reaper, pointers, name, row)
    return module


def _wrapper(
    module: ModuleType, reaper: Reaper, pointers: Pointers, name: str, row: dict[str, Any]
) -> Callable[..., Any]:
    args, returns = row["python"]["args"], row["python"]["returns"]
    passed = _passed(args, len(row["args"]))

    def wrapper(*given: Any) -> Any:
        if len(given) != len(args):
            raise TypeError(f"RPR_{name}() takes {len(args)} arguments, not {len(given)}")
        sizes = _sizes(args, given)
        values = [
            _taken(module, pointers, kind, value)
            for (_, kind), value in zip(args, given, strict=True)
        ]
        try:
            results = list(reaper.call(name, *(values[index] for index in passed)))
        except ArgumentError as error:
            raise Crash(f"{name}: {error}") from error
        if "value" in returns:
            return _given_back(pointers, returns["value"], results[0] if results else None)
        return tuple(_filled(pointers, returns["tuple"], args, given, sizes, results))

    return wrapper


def _passed(args: Sequence[Sequence[str]], count: int) -> list[int]:
    """The places of the arguments that Lua has too: no sizes; where it has fewer, no outputs."""
    places = [at for at, (name, _) in enumerate(args) if not name.endswith("_sz")]
    if len(places) > count:
        places = [at for at in places if "out" not in args[at][1]]
    return places[:count]


def _sizes(args: Sequence[Sequence[str]], given: Sequence[Any]) -> dict[str, int]:
    """The room for each text that comes back."""
    names = [name for name, _ in args]
    sizes = {}
    for name, kind in args:
        if kind == "str_inout":
            has_size = f"{name}_sz" in names
            size = given[names.index(f"{name}_sz")] if has_size else BUFFER_BYTES
            if size > BUFFER_BYTES:
                raise Crash(f"{name} overruns its buffer of 4 MiB")
            sizes[name] = size
    return sizes


def _taken(module: ModuleType, pointers: Pointers, kind: str, value: Any) -> Any:
    """An argument as C would get it."""
    if kind.startswith("ptr:"):
        return pointers.at(module.rpr_packp(kind[4:], value))
    if kind.startswith("str"):
        return str(value).encode("utf-8").split(b"\0")[0].decode("utf-8")
    if kind.startswith("float"):
        if not isinstance(value, (int, float)):
            raise TypeError(f"must be real number, not {type(value).__name__}")
        return float(value)
    if not isinstance(value, int):
        raise TypeError(f"an integer is required (got type {type(value).__name__})")
    return bool(value) if kind.startswith("bool") else int(value)


def _given_back(pointers: Pointers, kind: str, value: Any) -> Any:
    if kind.startswith("ptr:"):
        return pointers.text(kind[4:], value)
    if kind == "str" and value is None:
        raise AttributeError("'NoneType' object has no attribute 'decode'")
    if kind.startswith("int"):
        return int(value or 0)
    return value


def _filled(
    pointers: Pointers,
    shape: Sequence[str],
    args: Sequence[Sequence[str]],
    given: Sequence[Any],
    sizes: dict[str, int],
    results: list[Any],
) -> Iterator[Any]:
    """The tuple of a function with outputs."""
    by_name = dict(zip((name for name, _ in args), given, strict=True))
    pending, kinds = iter(results), dict(args)
    for entry in shape:
        kind, name = entry.split()
        if kind == "echo":
            if kinds[name] == "str_out_ignored":
                next(pending)
            yield by_name[name]
        elif (value := next(pending, None)) is None and name in by_name:
            yield by_name[name]  # REAPER left the buffer alone
        elif name in sizes:
            data = str(value).encode("utf-8", "surrogateescape")
            yield data[: sizes[name] - 1].decode("utf-8")
        else:
            yield _given_back(pointers, kind, value)
