"""What tests of the actions share: Lua without REAPER, trees as projects, how loud a mix is."""

from action_rig import LIB
from reaper_automix.adapters import project
from reaper_automix.mix import listen
from reaper_automix.routing import MIX
from reaper_automix.scene import set_scene
from reaper_automix.settings import Settings
from reaper_double.lua_host import LUAS
from reaper_songs import song, track


def library(name, version="5.4"):
    """A library that needs no REAPER, as Lua has it, and the Lua state it lives in."""
    runtime = LUAS[version].LuaRuntime(unpack_returned_tuples=True)
    runtime.execute(f'package.path = "{LIB.as_posix()}/?.lua;" .. package.path')
    return runtime.eval(f'(require("{name}"))'), runtime


def bus(change):
    """What ISBUS says where the next track is so many levels deeper."""
    kind = 1 if change > 0 else 2 if change < 0 else 0
    return f"{kind} {change}"


def tree(levels, selected=(), **lines):
    """A project of tracks T0, T1 … that lie in so many folders; ``selected`` are places."""
    following = [*levels[1:], 0]
    return song(
        *(
            track(f"T{n}", ISBUS=bus(after - level), SEL=str(int(n in selected)))
            for n, (level, after) in enumerate(zip(levels, following, strict=True))
        ),
        **lines,
    )


def mix_lufs(text, folder):
    """Loudness of a project's mix as the engine sums it."""
    file = folder / "summed.RPP"
    file.write_bytes(text.encode())
    desk = set_scene(project.read(file), Settings()).desk()
    lufs = listen(desk, (MIX,), ({},))[0][MIX].lufs
    assert lufs is not None
    return lufs
