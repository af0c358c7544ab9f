"""A JSFX effect's file as a host plays it: sliders, sections, blocks of sound."""

import re
from pathlib import Path

import numpy as np

from eel2.lexer import EelError, tokens
from eel2.parser import parse
from eel2.translate import BUILT_IN, GFX, Section

HEADER = ("desc", "author", "tags", "in_pin", "out_pin", "options")
SECTIONS = ("init", "slider", "block", "sample", "gfx")
"""In the order in which a host runs them."""

WORDS = 1 << 18
"""Memory that an effect has here."""

HOST = ("srate", "samplesblock", "spl0", "spl1", "pdc_delay", "pdc_bot_ch", "pdc_top_ch")
HOST_GFX = ("gfx_x", "gfx_y", "gfx_w", "gfx_h")

_SLIDER = re.compile(
    r"slider(\d+):(\w+)=([-\d.]+)<([-\d.]+),([-\d.]+),([-\d.]+)(?:\{([^}]*)\})?>(\S.*)"
)


class Effect:
    """An effect that is loaded; ``sliders`` are the names of its sliders in their order."""

    def __init__(self, path, sample_rate_hz=44100):
        head, code = _split(Path(path).read_text("utf-8"))
        self.defaults = _sliders(head)
        self.sliders = tuple(self.defaults)
        self.memory = [0.0] * WORDS
        self.drawn = []
        self.state = dict.fromkeys((*HOST, *HOST_GFX), 0.0)
        self.state |= self.defaults
        self._compile(code)
        self.state["srate"] = float(sample_rate_hz)
        self.start()

    @property
    def latency(self):
        """Frames by which the effect says it is late."""
        return int(self.state["pdc_delay"])

    def start(self):
        """What a host does when the effect is loaded and when playback starts."""
        self.init(self.state)
        self.slider(self.state)

    def move(self, values):
        """Set the sliders, all in their order."""
        self.state.update(zip(self.sliders, map(float, values), strict=True))
        self.slider(self.state)

    def play(self, signal, block=512):
        """A signal ``[2, frames]`` through the effect, in blocks."""
        out = np.array(signal, dtype=np.float64)
        for at in range(0, out.shape[1], block):
            left, right = out[:, at : at + block].tolist()
            self.state["samplesblock"] = float(len(left))
            self.block(self.state)
            self.sample(self.state, left, right)
            out[:, at : at + block] = left, right
        return out

    def draw(self, width=620, height=230):
        """What @gfx draws: each call with its values."""
        self.drawn.clear()
        self.state |= {"gfx_w": float(width), "gfx_h": float(height)}
        self.gfx(self.state)
        return tuple(self.drawn)

    def _compile(self, code):
        _, everywhere = parse(tokens(*code["init"]))
        made = {}
        for name in SECTIONS:
            entries, own = parse(tokens(*code[name]))
            made[name] = Section(entries, everywhere | own, draws=name == "gfx")
        self._check_names(made.values())
        for name, section in made.items():
            exec(_source(name, section), space := self._space())
            setattr(self, name, space[name])

    def _check_names(self, sections):
        written = set(self.state).union(*(section.writes for section in sections))
        for section in sections:
            if lost := section.reads - written:
                raise EelError(f"{sorted(lost)} are read and never written")
        self.state = dict.fromkeys(written, 0.0) | self.state

    def _space(self):
        """The names that the code in Python may use, which are all that it gets."""
        built_in = {f"eel_{name}": function for name, (function, _) in BUILT_IN.items()}
        drawing = {name: self._noted(name) for name in GFX}
        python = {"abs": abs, "int": int, "float": float, "range": range, "len": len}
        memory = {"memory": self.memory, "memset": self._memset}
        return {"__builtins__": python, **built_in, **drawing, **memory}

    def _memset(self, start, value, count):
        at = int(start)
        self.memory[at : at + int(count)] = [value] * int(count)

    def _noted(self, name):
        return lambda *values: self.drawn.append((name, *values))


def _source(name, section):
    if name != "sample":
        return section.source(f"def {name}(state):")
    section.lines = ["    " + line for line in section.lines]
    section.reads |= {"spl0", "spl1"}
    before = (
        "    for at in range(len(left)):",
        "        v_spl0 = left[at]",
        "        v_spl1 = right[at]",
    )
    after = ("        left[at] = v_spl0", "        right[at] = v_spl1")
    return section.source(f"def {name}(state, left, right):", before, after)


def _split(text):
    """The lines before the first section, and text and first line of every section."""
    parts = re.split(r"^@(.*)$", text, flags=re.MULTILINE)
    code, line = dict.fromkeys(SECTIONS, ("", 1)), parts[0].count("\n") + 1
    for title, body in zip(parts[1::2], parts[2::2], strict=True):
        name, *size = title.split()
        if name not in SECTIONS or code[name][0] or (size and name != "gfx"):
            raise EelError(f"line {line}: @{title} is no section, or there twice")
        code[name] = (body, line)
        line += body.count("\n")
    return parts[0].splitlines(), code


def _sliders(head):
    """The neutral values of the sliders by their names, in their order."""
    found = {}
    for line in head:
        if not line or line.startswith("//") or line.partition(":")[0] in HEADER:
            continue
        slider = _SLIDER.fullmatch(line)
        if slider is None or int(slider[1]) != len(found) + 1 or slider[2] in found:
            raise EelError(f"{line!r} is no line of a header, or a slider out of its order")
        found[slider[2]] = float(slider[3])
    return found
