"""Effect chains: ``BYPASS`` starts an effect, then its block, then lines such as ``FXID``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from eel2.effect import Effect as Played
from reaper_automix.rpp import Node
from reaper_double.templates import NEW_CHAIN
from reaper_double.text import (
    block_in,
    digits,
    key_of,
    line_in,
    quoted,
    tokens,
    with_token,
)

if TYPE_CHECKING:
    from reaper_double.model_track import Track
    from reaper_double.view import View

EFFECTS = frozenset({"VST", "AU", "DX", "JS", "LV2", "CLAP", "VIDEO_EFFECT", "CONTAINER"})
_USER_NAME_TOKEN = {"VST": 4, "AU": 4, "CLAP": 3, "DX": 3, "LV2": 3, "JS": 2, "VIDEO_EFFECT": 2}
_JS_PARAMETERS = 64


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a JS effect."""

    name: str
    default: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Catalogued:
    """An effect that can be added by name; ``block`` is its text unless it is a JS one."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    block: str = ""


CATALOGUE = {
    "utility/volume": Catalogued(
        "JS: Volume Adjustment",
        (
            Parameter("Adjustment (dB)", 0.0, -150.0, 150.0),
            Parameter("Max Volume (dB)", 0.0, -150.0, 150.0),
        ),
    ),
    "utility/volume_pan": Catalogued(
        "JS: Volume/Pan Smoother",
        (
            Parameter("Adjustment (dB)", 0.0, -60.0, 60.0),
            Parameter("Pan", 0.0, -100.0, 100.0),
            Parameter("Pan law", 0.0, 0.0, 2.0),
        ),
    ),
    "reasynth": Catalogued(
        "VSTi: ReaSynth (Cockos)",
        block="""\
<VST "VSTi: ReaSynth (Cockos)" reasynth.vst.so 0 "" 1919251321<5653547265737972656173796E746800> ""
eXNlcu5e7f4AAAAAAgAAAAEAAAAAAAAAAgAAAAAAAAA=
>""",
    ),
}
"""Effects that come with REAPER: JS ones by their path, others by their short name."""

JSFX = ".jsfx"
_SLIDER = re.compile(r"slider\d+:(?:\w+=)?([-.\d]+)<([-.\d]+),([-.\d]+)[^>]*>-?(.*)")


class Effects:
    """Every effect that can be added: REAPER's own, and those in a folder ``Effects``."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def get(self, ident: str) -> Catalogued | None:
        """An effect by its path or short name; ``None`` for one that is not installed."""
        file = self.file_of(ident)
        return _jsfx(file) if file else CATALOGUE.get(ident)

    def file_of(self, ident: str) -> Path | None:
        """The file of a JS effect; ``None`` of one that is REAPER's own or not installed."""
        file = self._folder / ident if self._folder else None
        return file if file and file.suffix == JSFX and file.is_file() else None

    def path_of(self, name: str) -> str | None:
        """Where the effect that a name means stands; ``None`` for an unknown one."""
        wanted = name.removeprefix("JS:").strip().lower()
        for path, known in {**CATALOGUE, **self._installed()}.items():
            if wanted in (path.lower(), known.name.removeprefix("JS: ").lower()):
                return path
        return None

    def _installed(self) -> Mapping[str, Catalogued]:
        folder = self._folder
        if folder is None or not folder.is_dir():
            return {}
        files = sorted(folder.rglob(f"*{JSFX}"))
        return {file.relative_to(folder).as_posix(): _jsfx(file) for file in files}


@cache
def _jsfx(file: Path) -> Catalogued:
    """What a JS effect's file says of itself: its name, and a parameter for each slider."""
    lines = file.read_text("utf-8").splitlines()
    name = next(line.removeprefix("desc:").strip() for line in lines if line.startswith("desc:"))
    return Catalogued(f"JS: {name}", tuple(_sliders(lines)))


def _sliders(lines: list[str]) -> Iterator[Parameter]:
    for line in lines:
        if found := _SLIDER.match(line):
            default, low, high = map(float, found.groups()[:3])
            yield Parameter(found[4].strip(), default, low, high)


class Chain:
    """The effects of a track, a take or the master."""

    def __init__(self, owner: View, block: str) -> None:
        self._owner = owner
        self._block = block

    @property
    def effects(self) -> list[Effect]:
        """The effects on the first level; a container counts as one."""
        node = self._owner.block(self._block)
        if node is None:
            return []
        starts = [
            n for n, e in enumerate(node.body) if isinstance(e, str) and key_of(e) == "BYPASS"
        ]
        spans = map(range, starts, [*starts[1:], len(node.body)])
        return [Effect(self._owner, node, span) for span in spans]

    def add(self, path: str, at: int | None = None) -> int:
        """Add an effect that is installed; its place."""
        node = self._owner.block(self._block) or self._new_chain()
        effects = self.effects
        place = len(effects) if at is None else min(at, len(effects))
        where = effects[place].span.start if place < len(effects) else len(node.body)
        node.body[where:where] = _new_effect(self._owner, node, path)
        self._owner.project.touched()
        return place

    def _new_chain(self) -> Node:
        owner = self._owner
        text = NEW_CHAIN.format(name=self._block)
        return owner.project.add_block(owner, self._place_of_chain(), text)

    def _place_of_chain(self) -> int:
        """Before the first item or track, else at the end."""
        body = self._owner.node.body
        followers = (
            at
            for at, entry in enumerate(body)
            if isinstance(entry, Node) and entry.name in ("ITEM", "TRACK", "PROJBAY")
        )
        return next(followers, len(body))


class Effect:
    """One effect: its lines and its block."""

    def __init__(self, owner: View, chain: Node, span: range) -> None:
        self._owner = owner
        self._chain = chain
        self.span = span

    @property
    def plugin(self) -> Node:
        """Its block."""
        found = (self._chain.body[at] for at in self.span)
        return next(e for e in found if isinstance(e, Node) and e.name in EFFECTS)

    @property
    def type(self) -> str:
        """``JS``, or as in the name: ``VST3i`` …"""
        name = self._words[1] if len(self._words) > 1 else ""
        return name.partition(":")[0] if ":" in name else self.plugin.name

    @property
    def ident(self) -> str:
        """The path of a JS effect, the file of another."""
        at = 1 if self.plugin.name == "JS" else 2
        return self._words[at] if at < len(self._words) else ""

    @property
    def original_name(self) -> str:
        """The name it has without the user's."""
        if self.plugin.name == "JS":
            known = self._known
            return known.name if known else f"JS: {self.ident}"
        return self._words[1]

    @property
    def user_name(self) -> str:
        """The name the user gave it, empty for none."""
        at = _USER_NAME_TOKEN.get(self.plugin.name, 1)
        return self._words[at] if at < len(self._words) else ""

    @user_name.setter
    def user_name(self, name: str) -> None:
        at = _USER_NAME_TOKEN.get(self.plugin.name, 1)
        if self.user_name != name:
            self.plugin.head = with_token(self.plugin.head, at, quoted(name) if name else '""')
            self._owner.project.touched()

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.user_name or self.original_name

    @property
    def guid(self) -> str:
        """Its GUID, empty in old files."""
        row = self._row("FXID")
        return row[1] if len(row) > 1 else ""

    @property
    def latency(self) -> int:
        """Frames by which an effect of a file says that it is late; others are in time."""
        file = self._owner.project.effects.file_of(self.ident)
        if file is None:
            return 0
        played = Played(file, self._owner.project.number("SAMPLERATE", 1))
        played.move([self.value(place) for place in range(len(self.parameters))])
        return played.latency

    @property
    def is_enabled(self) -> bool:
        """Whether it is not bypassed."""
        return self._row("BYPASS")[1] == "0"

    @is_enabled.setter
    def is_enabled(self, enabled: bool) -> None:
        if self.is_enabled != enabled:
            at = self.span.start
            self._chain.body[at] = with_token(self._chain.body[at], 1, str(int(not enabled)))
            self._owner.project.touched()

    @property
    def is_offline(self) -> bool:
        """Whether it is offline."""
        row = self._row("BYPASS")
        return len(row) > 2 and row[2] != "0"

    @property
    def is_instrument(self) -> bool:
        """Whether its name says that it plays notes."""
        return self.type.endswith("i")

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """What can be set; the double knows it of JS effects that are installed."""
        return self._known.parameters if self._known else ()

    def value(self, index: int) -> float:
        """The value of a parameter; ``-`` in the text is its default."""
        words = self._values
        written = words[index] if index < len(words) else "-"
        return self.parameters[index].default if written == "-" else float(written)

    def set_value(self, index: int, value: float) -> None:
        """Set a parameter, within its range."""
        parameter = self.parameters[index]
        value = min(max(value, parameter.low), parameter.high)
        if self.value(index) != value:
            at = self._place_of_values
            self.plugin.body[at] = with_token(self.plugin.body[at], index, digits(value))
            self._owner.project.touched()

    def remove(self) -> None:
        """Take it out of the chain; a chain REAPER has emptied stays."""
        del self._chain.body[self.span.start : self.span.stop]
        self._owner.project.touched()

    @property
    def _known(self) -> Catalogued | None:
        return self._owner.project.effects.get(self.ident)

    @property
    def _words(self) -> list[str]:
        return tokens(self.plugin.head)

    @property
    def _values(self) -> list[str]:
        line = self.plugin.body[self._place_of_values]
        return tokens(line)

    @property
    def _place_of_values(self) -> int:
        return next(at for at, entry in enumerate(self.plugin.body) if isinstance(entry, str))

    def _row(self, key: str) -> list[str]:
        entries = (self._chain.body[at] for at in self.span)
        rows = (tokens(e) for e in entries if isinstance(e, str) and key_of(e) == key)
        return next(rows, [])


def _new_effect(owner: View, chain: Node, path: str) -> list[str | Node]:
    known = owner.project.effects.get(path)
    assert known is not None
    plugin = block_in(chain, known.block or _js_block(path, known))
    lines = ("FLOATPOS 0 0 0 0", f"FXID {owner.project.new_guid()}", "WAK 0 0")
    return [
        line_in(chain, "BYPASS 0 0 0"),
        plugin,
        *(line_in(chain, line) for line in lines),
    ]


def _js_block(path: str, known: Catalogued) -> str:
    values = [digits(parameter.default) for parameter in known.parameters]
    padding = ["-"] * (_JS_PARAMETERS - len(values))
    return f'<JS {quoted(path)} ""\n{" ".join(values + padding)}\n>'


def chain_of(track: Track) -> Chain:
    """The chain of a track or the master."""
    return Chain(track, track.chain_block)


def input_chain_of(track: Track) -> Chain:
    """The chain for what a track records."""
    return Chain(track, "FXCHAIN_REC")
