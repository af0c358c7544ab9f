r"""Projects as REAPER 7.66 saves them, written by hand: CRLF, its lines in its order.

:func:`song`, :func:`track`, :func:`item` put texts together from rows of lines, so that a test
says only what matters to it; a line is changed by its key::

    song(track("Drums", ISBUS="1 1"), track("Kick", item("kick.wav"), ISBUS="2 -1"))

:data:`EVERY_KIND` has a track of every kind that an action must tell apart. :func:`make_song`
writes a small project with sound files that sound different, :func:`make_large_song` a big one.
"""

import uuid
from pathlib import Path

from signals import RATE_HZ, harmonic, noise, tone
from songs import write

PROJECT_LINES = {
    "RIPPLE": "0 0",
    "AUTOXFADE": "129",
    "PANLAW": "1",
    "PANMODE": "3",
    "PANLAWFLAGS": "3",
    "CURSOR": "0",
    "RECORD_PATH": '"Media" ""',
    "RENDER_FILE": '""',
    "RENDER_PATTERN": '""',
    "RENDER_FMT": "0 2 0",
    "RENDER_1X": "0",
    "RENDER_RANGE": "1 0 0 0 1000",
    "RENDER_RESAMPLE": "3 0 1",
    "RENDER_ADDTOPROJ": "0",
    "RENDER_STEMS": "0",
    "RENDER_DITHER": "0",
    "ITEMMIX": "1",
    "SAMPLERATE": f"{RATE_HZ} 1 0",
    "GLOBAL_AUTO": "-1",
    "TEMPO": "120 4 4 0",
    "PLAYRATE": "1 0 0.25 4",
    "SELECTION": "0 0",
    "SELECTION2": "0 0",
    "MASTERAUTOMODE": "0",
    "MASTERPEAKCOL": "16576",
    "MASTERMUTESOLO": "0",
    "MASTERHWOUT": "0 0 1 0 0 0 0 -1",
    "MASTER_NCH": "2 2",
    "MASTER_VOLUME": "1 0 -1 -1 1",
    "MASTER_PANMODE": "3",
    "MASTER_PANLAWFLAGS": "3",
    "MASTER_FX": "1",
    "MASTER_SEL": "0",
}
TRACK_LINES = {
    "NAME": '""',
    "PEAKCOL": "16576",
    "BEAT": "-1",
    "AUTOMODE": "0",
    "PANLAWFLAGS": "3",
    "VOLPAN": "1 0 -1 -1 1",
    "MUTESOLO": "0 0 0",
    "IPHASE": "0",
    "PLAYOFFS": "0 1",
    "ISBUS": "0 0",
    "BUSCOMP": "0 0 0 0 0",
    "SHOWINMIX": "1 0.6667 0.5 1 0.5 0 0 0 0",
    "FIXEDLANES": "9 0 0 0 0",
    "LANEREC": "-1 -1 -1 0",
    "SEL": "0",
    "REC": "0 0 1 0 0 0 0 0",
    "VU": "64",
    "TRACKHEIGHT": "0 0 0 0 0 0 0",
    "INQ": "0 0 0 0.5 100 0 0 100",
    "NCHAN": "2",
    "FX": "1",
    "TRACKID": "",
    "PERF": "0",
    "MIDIOUT": "-1",
    "MAINSEND": "1 0",
}
ITEM_LINES = {
    "POSITION": "0",
    "SNAPOFFS": "0",
    "LENGTH": "3",
    "LOOP": "0",
    "ALLTAKES": "0",
    "FADEIN": "1 0.01 0 1 0 0 0",
    "FADEOUT": "1 0.01 0 1 0 0 0",
    "MUTE": "0 0",
    "SEL": "0",
    "IGUID": "",
    "IID": "1",
    "NAME": '""',
    "VOLPAN": "1 0 1 -1",
    "SOFFS": "0",
    "PLAYRATE": "1 1 0 -1 0 0.0025",
    "CHANMODE": "0",
    "GUID": "",
}

MIDI = """\
<SOURCE MIDI
HASDATA 1 960 QN
CCINTERP 32
E 0 90 3c 60
E 960 80 3c 00
E 2880 b0 7b 00
IGNTEMPO 0 120 4 4
>"""


def guid(name):
    """The same GUID for the same name."""
    return f"{{{uuid.uuid5(uuid.NAMESPACE_URL, name)}}}".upper()


def block(head, *inside):
    """A block of REAPER's text: lines without indent, several in one text or not."""
    return "\n".join([f"<{head}", *inside, ">"])


def source(file, kind="WAVE"):
    """What a take plays."""
    return block(f"SOURCE {kind}", f'FILE "{file}"')


def section(file, start_s, length_s, mode=None):
    """A part of a file; mode 2 plays it backwards, 3 the whole file."""
    lines = [f"LENGTH {length_s}", f"STARTPOS {start_s}", "OVERLAP 0.01"]
    lines += [] if mode is None else [f"MODE {mode}"]
    return block("SOURCE SECTION", *lines, source(file))


def take(file, name, *, selected=False, volume="0 1 -1"):
    """A take after the first."""
    mark = "TAKE SEL" if selected else "TAKE"
    lines = (
        f'NAME "{name}"',
        f"TAKEVOLPAN {volume}",
        "SOFFS 0",
        "PLAYRATE 1 1 0 -1 0 0.0025",
        "CHANMODE 0",
        f"GUID {guid(f'{name} take')}",
    )
    return "\n".join([mark, *lines, source(file)])


def item(file, *more, name=None, plays=None, **lines):
    """An item that plays a file, or what ``plays`` is; ``more`` stands behind its source."""
    name = name or Path(file).stem
    own = {"IGUID": guid(f"{name} item"), "NAME": f'"{name}"', "GUID": guid(f"{name} take 1")}
    rows = _rows(ITEM_LINES, {**own, **lines})
    return block("ITEM", *rows, plays or source(file), *more)


def envelope(name, *points, active=True, **lines):
    """An envelope with points (time, linear gain)."""
    rows = {
        "EGUID": guid(f"{name} {points}"),
        "ACT": f"{int(active)} -1",
        "VIS": "1 1 1",
        "LANEHEIGHT": "0 0",
        "ARM": "0",
        "DEFSHAPE": "0 -1 -1",
        "VOLTYPE": "1",
    }
    return block(name, *_rows(rows, lines), *(f"PT {time} {gain} 0" for time, gain in points))


def js(path, values="0 0", *, name="", bypass=0):
    """A JS effect in a chain."""
    padding = " -" * (64 - len(values.split()))
    return "\n".join(
        [
            f"BYPASS {bypass} 0 0",
            block(f'JS {path} "{name}"', values + padding),
            "FLOATPOS 0 0 0 0",
            f"FXID {guid(path + name)}",
            "WAK 0 0",
        ]
    )


def vst(name, *, bypass=0, offline=0):
    """A VST with a state that nothing reads."""
    return "\n".join(
        [
            f"BYPASS {bypass} {offline} 0",
            block(f'VST "{name}" some.vst.so 0 "" 1919247729<56535472> ""', "cWVlcu5e7f4CAAAA"),
            "FLOATPOS 0 0 0 0",
            f"FXID {guid(name)}",
            "WAK 0 0",
        ]
    )


def chain(*effects, block_name="FXCHAIN"):
    """A chain of effects."""
    return block(block_name, "SHOW 0", "LASTSEL 0", "DOCKED 0", *effects)


def track(name, *inside, track_guid=None, receives=(), extra=(), **lines):
    """A track; ``inside`` are envelopes, then a chain, then items; ``extra`` lines go last."""
    own = track_guid or guid(name)
    rows = _rows(TRACK_LINES, {"NAME": f'"{name}"', "TRACKID": own, **lines})
    received = [f"AUXRECV {row}" for row in receives]
    return block(f"TRACK {own}", *rows, *extra, *received, *inside)


def receive(source_index, *, mode=0, gain=1, channel=0):
    """What a track gets from another one, named by its place."""
    return f"{source_index} {mode} {gain} 0 0 0 0 {channel} 0 -1:U 0 -1 ''"


def song(*tracks, after=(), before=(), **lines):
    """A project; ``before`` stands before the tracks (master FX), ``after`` behind them."""
    rows = _rows(PROJECT_LINES, lines)
    head = 'REAPER_PROJECT 0.1 "7.66/linux-x86_64" 1785067871 0'
    return _indented(block(head, *rows, *before, "<PROJBAY\n>", *tracks, *after))


def ext_state(**sections):
    """The block of what scripts keep in a project: rows by section."""
    blocks = (block(name, *rows) for name, rows in sections.items())
    return block("EXTSTATE", *blocks)


def _rows(defaults, given):
    return [f"{key} {value}".rstrip() for key, value in {**defaults, **given}.items()]


def _indented(text):
    lines, depth = [], 0
    for line in text.split("\n"):
        depth -= line.startswith(">")
        lines.append(f"{'  ' * depth}{line}\r\n")
        depth += line.startswith("<")
    return "".join(lines)


EVERY_KIND = song(
    track("Drums", ISBUS="1 1", VOLPAN="0.9 0 -1 -1 1", PEAKCOL="25198720"),
    track("Kick", item("Media/kick.wav"), VOLPAN="0.50118723362727 -0.2 -1 -1 1", SEL="1"),
    track("Toms", ISBUS="1 1"),
    track("Tom hi", item("Media/snare.wav", VOLPAN="0.5 0.1 -0.8 -1"), ISBUS="0 0"),
    track(
        "Tom lo",
        item(
            "Media/snare.wav",
            take("Media/kick.wav", "second", selected=True, volume="0.3 0.7 -1"),
            "TAKE NULL",
            name="Tom takes",
            FADEIN="5.1 0.5 0 1 0 0.25 0",
            FADEOUT="1.1 0.2 0.4 1 0 0 0",
        ),
        ISBUS="2 -2",
    ),
    track("Trim envelope", envelope("VOLENV2", (0, 1), (2, 0.5)), item("Media/lead.wav")),
    track(
        "Read envelope",
        envelope("VOLENV2", (0, 0.70794578438414), (1.5, 0.25)),
        item("Media/pad.wav"),
        AUTOMODE="1",
    ),
    track(
        "Bypassed envelope",
        envelope("VOLENV2", (0, 0.1), active=False),
        envelope("VOLENV", (0, 0.8), VOLTYPE="0"),
        item("Media/pad.wav", name="bypassed"),
        AUTOMODE="1",
    ),
    track("VCA lead", extra=["GROUP_FLAGS" + " 0" * 20 + " 1"]),
    track(
        "VCA follower", item("Media/pad.wav", name="vca"), extra=["GROUP_FLAGS" + " 0" * 21 + " 1"]
    ),
    track("Grouped", item("Media/lead.wav", name="grouped"), extra=["GROUP_FLAGS 4 4"]),
    track("Muted", item("Media/pad.wav", name="muted"), MUTESOLO="1 0 0"),
    track("Soloed", item("Media/lead.wav", name="soloed"), MUTESOLO="0 2 1"),
    track("Locked", item("Media/pad.wav", name="locked"), extra=["LOCK 1"]),
    track("Frozen", block("FREEZE 1", "ZnJvemVu"), item("Media/pad.wav", name="frozen")),
    track(
        "Reverb return",
        chain(vst("VST: ReaVerbate (Cockos)")),
        receives=[receive(5, gain=0.5), receive(1, mode=3, channel=-1)],
    ),
    track(
        "Synth",
        chain(vst("VSTi: ReaSynth (Cockos)"), js("utility/volume", "-6 0", name="Automix trim")),
        item("", name="notes", plays=MIDI),
    ),
    track(
        "Cut up",
        chain(js("loser/3BandEQ", "1 2", bypass=1), block_name="FXCHAIN_REC"),
        item("Media/lead.wav", name="cut", plays=section("Media/lead.wav", 0.5, 1.25, mode=2)),
        item(
            "Media/lead.wav",
            envelope("VOLENV", (0, 1), (1, 0.5), VOLTYPE="0"),
            block("TAKEFX", "SHOW 0", "LASTSEL 0", "DOCKED 0", vst("VST: ReaComp (Cockos)")),
            name="bent",
            POSITION="3",
            LENGTH="1.5",
            PLAYRATE="1.5 0 -2 -1 0 0.0025",
            SOFFS="0.25",
            CHANMODE="3",
            MUTE="1 -1",
        ),
    ),
    track("名前 Ünïcode", item("Media/gone.wav"), extra=["HWOUT 0 0 1 0 0 0 0 -1:U -1"]),
    before=[
        "MARKER 1 0 Intro 1 0 1 B {85E0C406-99EA-DA8A-C9AD-9A80BC680304} 0 1",
        'MARKER 1 2.5 "" 1',
        block("MASTERFXLIST", "SHOW 0", "LASTSEL 0", "DOCKED 0", vst("VST: ReaLimit (Cockos)")),
    ],
    after=[ext_state(OTHER=["KEY value"], AUTOMIX=["VERSION 1", f'{guid("Kick")} "1 0.5"'])],
    MASTER_VOLUME="0.8 0.1 -1 -1 1",
    SELECTION="0.5 2.5",
)
"""A track of every kind; its media are those of :func:`write_media`."""


def write_media(folder, length_s=3.0):
    """``Media/*.wav`` of :data:`EVERY_KIND` and of :func:`make_song`; gone.wav stays missing."""
    media = Path(folder) / "Media"
    write(media, "kick", tone(60, length_s, -12))
    write(media, "snare", noise(length_s, -35, seed=1))
    write(media, "lead", harmonic(440, length_s, -30, vibrato=0.3))
    write(media, "pad", noise(length_s, -25, seed=2, channels=2))
    return media


def make_song(folder, text=None, *, name="Song.RPP", length_s=3.0):
    """A project with its media: a folder of drums, and two more tracks; the path of the .RPP."""
    write_media(folder, length_s)
    path = Path(folder) / name
    length = f"{length_s:g}"
    small = song(
        track("Drums", ISBUS="1 1"),
        track("Kick", item("Media/kick.wav", LENGTH=length)),
        track("Snare", item("Media/snare.wav", LENGTH=length), ISBUS="2 -1"),
        track("Lead", item("Media/lead.wav", LENGTH=length), VOLPAN="0.5 -0.2 -1 -1 1"),
        track("Pad", item("Media/pad.wav", LENGTH=length)),
    )
    path.write_bytes((text or small).encode())
    return path


def make_large_song(folder, tracks=120, items=40, *, length_s=0.05):
    """Folders of ten tracks with many short items on a few files; the path of the .RPP."""
    files = ("kick", "snare", "lead", "pad")
    write_media(folder, 3.0)
    texts = []
    for number in range(tracks):
        clips = (
            item(
                f"Media/{files[number % len(files)]}.wav",
                name=f"clip {number}.{place}",
                POSITION=f"{place * length_s * 1.5:g}",
                LENGTH=f"{length_s:g}",
            )
            for place in range(items)
        )
        texts.append(track(f"Track {number + 1}", *clips, ISBUS=_folder_of_ten(number, tracks)))
    path = Path(folder) / "Large.RPP"
    path.write_bytes(song(*texts).encode())
    return path


def _folder_of_ten(number, tracks):
    if number % 10 == 0 and number + 1 < tracks:
        return "1 1"
    is_last = number % 10 == 9 or number + 1 == tracks
    return "2 -1" if is_last and number % 10 else "0 0"
