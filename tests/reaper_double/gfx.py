"""The window that a script draws with ``gfx``: what it drew, and the keys a test presses in it.

Only the functions and variables in :data:`FUNCTIONS` and :data:`VARIABLES` exist. Text is measured
as if every character were half as wide as the font is high.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

FUNCTIONS = {
    "init": "s?nnnnn",
    "quit": "",
    "update": "",
    "getchar": "?n",
    "dock": "n?nnnn",
    "showmenu": "s",
    "setfont": "n?snn",
    "drawstr": "s?nnn",
    "measurestr": "s",
    "rect": "nnnn?n",
    "roundrect": "nnnnn?n",
    "line": "nnnn?n",
    "set": "n?nnnnnn",
    "setcursor": "n?s",
    "clienttoscreen": "nn",
    "screentoclient": "nn",
}
"""Name, and the arguments: ``s`` text, ``n`` number, those after ``?`` may be left out."""

VARIABLES = {
    "r": 1.0,
    "g": 1.0,
    "b": 1.0,
    "a": 1.0,
    "a2": 1.0,
    "x": 0.0,
    "y": 0.0,
    "w": 0.0,
    "h": 0.0,
    "clear": 0.0,
    "mode": 0.0,
    "dest": -1.0,
    "texth": 8.0,
    "ext_retina": 0.0,
    "mouse_x": 0.0,
    "mouse_y": 0.0,
    "mouse_cap": 0.0,
    "mouse_wheel": 0.0,
    "mouse_hwheel": 0.0,
}
"""Name and value before anything is done; all are floats."""

KEYS = {
    "backspace": 8,
    "tab": 9,
    "enter": 13,
    "esc": 27,
    "space": 32,
    "up": 0x7570,
    "down": 0x646F776E,
    "left": 0x6C656674,
    "right": 0x72676874,
    "home": 0x686F6D65,
    "end": 0x656E64,
    "page up": 0x70677570,
    "page down": 0x7067646E,
    "delete": 0x64656C,
    "insert": 0x696E73,
    "f1": 0x6631,
}
"""What ``getchar`` answers for keys that are no character: their names in ASCII."""

STATE = 65536
"""``getchar(65536)`` answers what the window is: 1 always, 2 focused, 4 visible."""

_LETTERS = {"s": str, "n": (int, float)}


class GfxError(Exception):
    """A script used ``gfx`` as REAPER has it not."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """One thing drawn: ``what`` is the function's name, ``values`` its arguments."""

    what: str
    x: float
    y: float
    color: tuple[float, float, float]
    values: tuple


@dataclass(slots=True)
class Window:
    """The one window of a script. ``drawn`` is the last frame with anything in it."""

    title: str = ""
    is_open: bool = False
    is_focused: bool = False
    was_opened: int = 0
    dock_state: int = 0
    at: tuple[float, float] = (0.0, 0.0)
    drawn: list[Drawn] = field(default_factory=list)
    menus: list[str] = field(default_factory=list)
    choices: deque = field(default_factory=deque)
    keys: deque = field(default_factory=deque)
    values: dict = field(default_factory=lambda: dict(VARIABLES))
    _frame: list[Drawn] = field(default_factory=list)
    _fonts: dict = field(default_factory=dict)

    @property
    def texts(self) -> list[str]:
        """The texts of the last frame, in the order they were drawn."""
        return [thing.values[0] for thing in self.drawn if thing.what == "drawstr"]

    def press(self, *keys):
        """Queue keys: a character, or a name in :data:`KEYS`."""
        self.keys.extend(KEYS[key] if key in KEYS else ord(key) for key in keys)

    def choose(self, *numbers):
        """Queue answers to menus, from 1; 0 is to leave the menu without a choice."""
        self.choices.extend(numbers)

    def point(self, x, y, buttons=0):
        """Move the mouse to a place with these buttons down (1 left, 2 right)."""
        self.values.update(mouse_x=float(x), mouse_y=float(y), mouse_cap=float(buttons))

    def close(self):
        """Close it as a user does, which the script learns from ``getchar``."""
        self.is_open = False

    def end_frame(self):
        """What was drawn since the last frame is shown now."""
        if self._frame:
            self.drawn, self._frame = self._frame, []

    def variable(self, name):
        """The value of ``gfx.<name>``."""
        if name not in self.values:
            raise GfxError(f"REAPER has no gfx.{name}")
        return self.values[name]

    def set_variable(self, name, value):
        """``gfx.<name> = value``."""
        if name not in self.values:
            raise GfxError(f"REAPER has no gfx.{name}")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise GfxError(f"gfx.{name} takes a number")
        self.values[name] = float(value)

    def call(self, name, values):
        """What ``gfx.<name>(…)`` answers, as a tuple."""
        needed, _, optional = FUNCTIONS[name].partition("?")
        letters = needed + optional
        for position, letter in enumerate(letters, 1):
            if position > len(values):
                break
            value = values[position - 1]
            if isinstance(value, bool) or not isinstance(value, _LETTERS[letter]):
                raise GfxError(f"bad argument #{position} to 'gfx.{name}'")
        if len(values) < len(needed):
            raise GfxError(f"bad argument #{len(values) + 1} to 'gfx.{name}' (got no value)")
        return getattr(self, f"_{name}")(*values[: len(letters)])

    def _init(self, title, width=0, height=0, dock=0, x=0, y=0):
        if title:
            self.title = title
        if not self.is_open:
            self.was_opened += 1
            self.is_open = self.is_focused = True  # REAPER focuses what it opens
            self.values["ext_retina"] = min(1.0, self.values["ext_retina"])
        self.values.update(w=float(width or self.values["w"]), h=float(height or self.values["h"]))
        self.dock_state, self.at = int(dock), (float(x), float(y))
        return (1.0,)

    def _quit(self):
        self.is_open = False
        return ()

    def _update(self):
        self.end_frame()
        return ()

    def _getchar(self, key=0):
        if not self.is_open:
            return (-1.0,)
        if key == STATE:
            return (1.0 + 2.0 * self.is_focused + 4.0,)
        if key:
            return (0.0,)
        return (float(self.keys.popleft()) if self.keys else 0.0,)

    def _dock(self, state, *geometry):
        if state >= 0:
            self.dock_state = int(state)
        place = (*self.at, self.values["w"], self.values["h"])
        return (float(self.dock_state), *place[: len(geometry)])

    def _showmenu(self, text):
        self.menus.append(text)
        return (float(self.choices.popleft() if self.choices else 0),)

    def _setfont(self, index, face=None, size=None, flags=0):
        if size:
            self._fonts[index] = float(size)
        self.values["texth"] = self._fonts.get(index, VARIABLES["texth"])
        return (1.0,)

    def _drawstr(self, text, flags=0, right=0, bottom=0):
        self._draw("drawstr", text, flags, right, bottom)
        self.values["x"] += self._measurestr(text)[0]
        return ()

    def _measurestr(self, text):
        lines = text.split("\n")
        height = self.values["texth"]
        return max(map(len, lines)) * height / 2, height * len(lines)

    def _rect(self, *values):
        return self._draw("rect", *values)

    def _roundrect(self, *values):
        return self._draw("roundrect", *values)

    def _line(self, *values):
        return self._draw("line", *values)

    def _set(self, *values):
        names = ("r", "g", "b", "a", "mode", "dest", "a2")
        red = values[0]
        given = dict(zip(names, values, strict=False)) if len(values) > 1 else {}
        values = {"r": red, "g": red, "b": red, "a": 1.0, "mode": 0.0, "a2": 1.0} | given
        self.values.update({name: float(value) for name, value in values.items()})
        return ()

    def _setcursor(self, *_):
        return ()

    def _clienttoscreen(self, x, y):
        return x + self.at[0], y + self.at[1]

    def _screentoclient(self, x, y):
        return x - self.at[0], y - self.at[1]

    def _draw(self, what, *values):
        color = (self.values["r"], self.values["g"], self.values["b"])
        self._frame.append(Drawn(what, self.values["x"], self.values["y"], color, values))
        return ()
