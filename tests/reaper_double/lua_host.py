"""Runs Lua actions as REAPER does: each in its own Lua state, going on in ``defer``.

The ``reaper`` table has the functions of ``signatures.json``, of which those newer than the version
that is played are nil. :meth:`Reaper.call` judges the arguments and does the work; what exists in
Lua alone (deferring, arrays, the action's context) is done here.

Sources: facts.md section 3. Where it is silent the double is stricter than REAPER may be: any other
name in ``reaper`` or ``gfx`` is an error, and text is no number.
"""

from __future__ import annotations

import time
from pathlib import Path

import lupa.lua53
import lupa.lua54

from reaper_double.errors import ArgumentError, InjectedError, UnknownFunction
from reaper_double.gfx import FUNCTIONS, GfxError, Window
from reaper_double.lua_values import Array, from_lua, to_lua
from reaper_double.signatures import Pointer, signatures

LUAS = {"5.3": lupa.lua53, "5.4": lupa.lua54}
TICK_S = 0.01
"""Between two ticks of :meth:`LuaHost.run_until`; REAPER's are some 0.033 s apart."""

MAX_DEFERRED = 1024
TERMINATE_RUNNING, RESTART = 1, 2
"""``set_action_options``: what starting an action does that runs already."""
ASK, NEW_INSTANCE = 4, 516
"""Flags of a script in ``reaper-kb.ini`` (facts.md section 6), for the same."""

SEND_TRACKS = ("P_SRCTRACK", "P_DESTTRACK")
OSARA = "osara_outputMessage"
LIBRARIES = Path(__file__).parents[2] / "reascripts" / "Automix" / "lib"
PRELUDE = Path(__file__).with_name("prelude.lua").read_text("utf-8")

_REFUSALS = (ArgumentError, UnknownFunction, InjectedError, GfxError)
"""What a script sees as an error; any other exception is a fault of the double."""


class LuaFailure(Exception):
    """A script ended by an error; the text is Lua's traceback."""


class LuaHost:
    """All scripts that run in one REAPER.

    ``spoken`` is what OSARA was given to say; dialogs are answered by ``reaper.asked``. ``flags``
    are those of all actions.
    """

    def __init__(self, reaper, lua="5.4", *, osara=False, flags=NEW_INSTANCE):
        self.reaper = reaper
        self.flags = flags
        self.lua = LUAS[lua]
        self.osara = osara
        self.scripts = []
        self.spoken = []
        self.longest_tick_s = 0.0
        self._last_window = Window()

    @property
    def window(self) -> Window:
        """The window that was opened last, be it closed by now."""
        opened = (script.window for script in self.scripts if script.window.is_open)
        self._last_window = next(opened, self._last_window)
        return self._last_window

    def run(self, path) -> Script | None:
        """Start an action; ``None`` when it ends the one that runs, as that one asked for."""
        running = next((script for script in self.scripts if script.path == Path(path)), None)
        if running and running.options & TERMINATE_RUNNING:
            running.end()
            if not running.options & RESTART:
                return None
        elif running and self.flags == ASK:
            self.reaper.asked.ask("The script is running already.", str(path))
        script = Script(self, Path(path))
        self.scripts.append(script)
        script.start()
        return script

    def execute(self, source, *arguments):
        """Run a text with the libraries at hand, as no script of its own; what it returns."""
        return Script(self, LIBRARIES / "text.lua").execute(source, arguments)

    def tick(self):
        """One turn of the user interface: everything deferred until now runs once."""
        for script in list(self.scripts):
            script.tick()

    def run_until(self, condition, timeout_s=60.0):
        """Tick until the condition holds; :class:`TimeoutError` when it does not in time."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not so after {timeout_s} s; scripts: {self.scripts}")
            self.tick()
            time.sleep(TICK_S)

    def run_to_end(self, path, timeout_s=60.0):
        """Run an action and wait until it has ended."""
        script = self.run(path)
        self.run_until(lambda: script not in self.scripts, timeout_s)

    def terminate(self, script):
        """End a script as a user does in REAPER's list of running scripts."""
        script.end()

    def closed(self, script):
        """Forget a script that has ended."""
        self._last_window = script.window if script.window.was_opened else self.window
        self.scripts.remove(script)


class Script:
    """One action while it runs."""

    def __init__(self, host, path):
        self.host = host
        self.path = path
        self.window = Window()
        self.options = 0
        self.faults = []
        self.deferred, self.at_exit = [], []
        self.has_deferred = self.has_undo = False
        self.runtime = host.lua.LuaRuntime(
            encoding="latin-1",  # bytes as they are; see lua_values
            source_encoding="utf-8",
            unpack_returned_tuples=True,
            register_eval=False,
            register_builtins=False,
            attribute_filter=_no_attributes,
        )
        self._guarded = self.runtime.execute(PRELUDE, self._functions(), name="prelude")

    def __repr__(self):
        return f"<{self.path.stem}>"

    def start(self):
        """Run the file itself."""
        loaded = self.runtime.globals().loadfile(to_lua(str(self.path)))
        if isinstance(loaded, tuple):
            self.host.closed(self)
            raise LuaFailure(from_lua(loaded[1]))
        self._run([loaded])
        if not (self.has_deferred or self.has_undo):
            self._add_undo_point()

    def execute(self, source, arguments):
        """Run a text instead of the file."""
        path = f"{to_lua(str(self.path.parent))}/?.lua;"
        self.runtime.globals().package.path = path + self.runtime.globals().package.path
        try:
            answers = self.runtime.execute(source, *map(to_lua, arguments))
        finally:
            if self.faults:
                raise self.faults.pop()
        many = isinstance(answers, tuple)
        return tuple(map(from_lua, answers)) if many else from_lua(answers)

    def tick(self):
        """Run what was deferred."""
        work, self.deferred = self.deferred, []
        self._run(work)

    def end(self):
        """Run what was left for the end; nothing goes on after that."""
        work, self.at_exit, self.deferred = self.at_exit, [], []
        if self in self.host.scripts:
            self.host.closed(self)
        self._perform(work)
        self.window.close()

    def _run(self, work):
        started = time.perf_counter()
        try:
            self._perform(work)
        except BaseException:
            self.end()
            raise
        finally:
            took_s = time.perf_counter() - started
            self.host.longest_tick_s = max(self.host.longest_tick_s, took_s)
        self.window.end_frame()
        if not self.deferred:
            self.end()

    def _perform(self, work):
        for function in work:
            trace = self._guarded(function)
            if self.faults:
                raise self.faults.pop()
            if trace:
                raise LuaFailure(from_lua(trace))

    def _add_undo_point(self):
        """What REAPER does after a script that neither defers nor makes an undo point itself."""
        self.host.reaper.active.history.note(f"ReaScript: {self.path.name}")

    def _functions(self):
        return self.runtime.table_from(
            {
                "call": self._call,
                "knows": self._knows,
                "address": lambda value: id(value.object) if hasattr(value, "object") else None,
                "draw": self._draw,
                "draws": FUNCTIONS.__contains__,
                "variable": self._answered(lambda name: (self.window.variable(name),)),
                "set_variable": self._answered(self._set_variable),
            }
        )

    def _knows(self, name):
        """True; false for what this REAPER lacks and ``None`` for what none has."""
        if name == OSARA:
            return self.host.osara
        return self.host.reaper.has(name) if name in signatures() else None

    def _call(self, name, *values):
        return self._guard(lambda: self._api(name, values))

    def _draw(self, name, *values):
        given = tuple(from_lua(value) for value in values)
        return self._guard(lambda: map(to_lua, self.window.call(name, given)))

    def _set_variable(self, name, value):
        self.window.set_variable(name, value)
        return ()

    def _answered(self, function):
        return lambda *values: self._guard(lambda: function(*values))

    def _guard(self, work):
        """``True, …``, or ``False`` and the message of an error that the script sees."""
        try:
            return True, *work()
        except _REFUSALS as error:
            return False, to_lua(str(error))
        except BaseException as fault:
            self.faults.append(fault)
            return False, to_lua(repr(fault))

    def _api(self, name, values):
        given = [from_lua(value) for value in values]
        if name == OSARA:
            self.host.spoken.append(given[0])
            return ()
        own = getattr(self, f"_{name}", None)
        if own:
            signature = self.host.reaper.signature(name)
            return own(*signature.accept(given, self.host.reaper.active))
        self.has_undo |= name.startswith("Undo_")
        answers = self.host.reaper.call(name, *given)
        if name == "GetTrackSendInfo_Value" and given[3] in SEND_TRACKS:
            return (_linked_track(*given),)
        return map(to_lua, answers)

    def _defer(self, function):
        self._require_function("defer", function)
        if len(self.deferred) >= MAX_DEFERRED:
            return (False,)
        self.has_deferred = True
        self.deferred.append(function)
        return (True,)

    _runloop = _defer

    def _atexit(self, function):
        self._require_function("atexit", function)
        self.at_exit.append(function)
        return ()

    def _require_function(self, name, value):
        if self.host.lua.lua_type(value) != "function":
            raise ArgumentError(f"bad argument #1 to '{name}' (function expected)")

    def _get_action_context(self):
        command = self.host.reaper.scripts.register(str(self.path))
        return False, to_lua(str(self.path)), 0, command, -1, -1, -1, ""

    def _set_action_options(self, options):
        self.options = options
        return ()

    def _APIExists(self, name):
        return (bool(self._knows(name)),)

    def _new_array(self, values, size=None):
        return (Array(self.runtime, values, size),)


def _linked_track(track, category, index, key):
    """The track at one end of a send.

    In Lua it is a pointer, although the signature says number: scripts compare it with tracks and
    ask for its GUID (BuyOne, MPL).
    """
    view = track.object
    sends = view.receives if category < 0 else view.sends if category == 0 else view.hardware_outs
    end = sends[index].source if key == "P_SRCTRACK" else sends[index].track
    return Pointer("MediaTrack", end)


def _no_attributes(_object, name, _is_setting):
    raise AttributeError(f"a pointer has no field {name}")
