"""The snapshot inside REAPER is the session that the reader of the same .RPP makes."""

import re

import pytest

from reaper_automix.adapters import project
from reaper_automix.errors import AutomixError
from reaper_automix.session import from_json
from reaper_double import Reaper
from reaper_double.lua_host import LUAS, LuaHost
from reaper_songs import (
    EVERY_KIND,
    MIDI,
    block,
    chain,
    envelope,
    ext_state,
    guid,
    item,
    js,
    make_large_song,
    make_song,
    receive,
    section,
    song,
    source,
    take,
    track,
    vst,
)

START = """
local snapshot, json = require("snapshot"), require("json")
local project = reaper.EnumProjects(-1)
"""
TAKE = START + "return json.encode(snapshot.take(project))"
IN_STEPS = (
    START
    + """
local cursor, steps = snapshot.begin(project), 1
while not cursor:step(0) do
  steps = steps + 1
end
return json.encode(cursor.session), steps, cursor:step(0)
"""
)
EDITED = (
    START
    + """
local edits, cursor = ..., snapshot.begin(project)
local track = reaper.GetTrack(project, 0)
while not cursor:step(0) do
  if edits > 0 then
    edits = edits - 1
    reaper.SetMediaTrackInfo_Value(track, "D_VOL", 0.25 + edits / 100)
  end
end
return json.encode(cursor.session), edits
"""
)
FINGERPRINT = (
    START + "return snapshot.fingerprint(snapshot.track(project, reaper.GetTrack(project, ...)))"
)
MEDIA = "Media/lead.wav"
PARM = block("PARMENV 0:wet 0 1 0.5", "ACT 1 -1", "PT 0 1 0")


def shaped(name, *lines, **rows):
    """An envelope whose last lines are these."""
    text = envelope(name, **rows)
    return text.removesuffix(">") + "\n".join([*lines, ">"])


def chained(*effects, master=False):
    """A song with effects on its track, or on the master."""
    made = chain(*effects, block_name="MASTERFXLIST" if master else "FXCHAIN")
    return song(track("T"), before=[made]) if master else song(track("T", made))


def played(**lines):
    """A song with one item."""
    return song(track("T", item(MEDIA, **lines)))


def lanes(solo):
    """A song with three fixed lanes."""
    items = [item(MEDIA, name=f"lane {n}", YPOS=f"{n / 3:.8f} 0.33333333") for n in range(3)]
    return song(track("T", *items, FREEMODE="2", ITEMLANES="3 0", **solo))


def nested(outer, inner):
    """A section of a section."""
    return block("SOURCE SECTION", *outer, block("SOURCE SECTION", *inner, source(MEDIA)))


CASES = {
    "nothing": song(),
    "project": song(
        SAMPLERATE="44100 0 0",
        TEMPO="98.5 3 4 0",
        PANLAW="0.70794578438414",
        PANMODE="5",
        PANLAWFLAGS="2",
        ITEMMIX="2",
        MASTER_VOLUME="0.5 -0.25 -1 -1 1",
        MASTER_NCH="6 2",
        GLOBAL_AUTO="3",
        SELECTION="1.25 7.5",
    ),
    "regions": song(
        after=[
            'MARKER 1 0.5 "Verse 1" 1 0 1 R {G} 0',
            'MARKER 1 2 "" 1',
            "MARKER 1 0.5 Marker 0",
            'MARKER 2 0.25 "" 1 0 1 B {H} 0',
            'MARKER 2 9 "" 1',
        ]
    ),
    "no sample rate": song(SAMPLERATE="0 0 0"),
    "no tempo": song(TEMPO="0 4 4"),
    "master chain off": song(
        before=[chain(vst("VST: ReaEQ (Cockos)"), block_name="MASTERFXLIST")], MASTER_FX="0"
    ),
    "master chain": chained(vst("VST: A", bypass=1), vst("AU: B", offline=1), js("x"), master=True),
    "faders": song(
        track("Silent", VOLPAN="0 0 -1 -1 1"),
        track("Flipped", VOLPAN="-0.33113112148259 0.5 0.5 -1 1"),
        track("Width", VOLPAN="1 0.25 -1 -0.125 0.625", PANMODE="5"),
        track("Dual", VOLPAN="2.5 0 1 -0.5 0.75", PANMODE="6"),
    ),
    "flags": song(
        track("A", MUTESOLO="1 0 0", IPHASE="1"),
        track("B", MUTESOLO="0 5 1", FX="0"),
        track("C", MAINSEND="0 0", NCHAN="8", SEL="1", PEAKCOL="33489792", FREEMODE="1"),
    ),
    "folders": song(
        track("A", ISBUS="1 1"),
        track("B", ISBUS="1 1"),
        track("C", ISBUS="2 -2"),
        track("D", ISBUS="2 -1"),
        track("E"),
    ),
    "automation modes": song(*(track(f"{mode}", AUTOMODE=mode) for mode in range(7))),
    "play offsets": song(
        track("On", PLAYOFFS="-0.01 0"),
        track("Off", PLAYOFFS="0.5 1"),
        track("Samples", PLAYOFFS="480 2"),
        track("Samples, off", PLAYOFFS="480 3"),
    ),
    "groups": song(
        track("Lead", extra=["GROUP_FLAGS 2"]),
        track("Follow, high", extra=["GROUP_FLAGS_HIGH 0 64"]),
        track("Pan only", extra=["GROUP_FLAGS 0 0 1 1"]),
        track("VCA", extra=["GROUP_FLAGS_HIGH" + " 0" * 20 + " 1"]),
        track("VCA follower", extra=["GROUP_FLAGS_HIGH" + " 0" * 21 + " 8"]),
    ),
    "locked": song(track("A", extra=["LOCK 1"]), track("B", item(MEDIA, LOCK="1"))),
    "locked item first": song(track("A", item(MEDIA, LOCK="1"), extra=["LOCK 0"])),
    "pinned": song(
        track("A", block("EXT", "other x", "automix_lock 1"), PEAKCOL=str(0x1FF8000)),
        track("B", block("EXT", "automix_lock 0")),
    ),
    "frozen": song(track("A", block("FREEZE 1", "ZnI=")), track("B")),
    "receives": song(
        track("A"),
        track("B", receives=["0 0 0.5 -0.25 1 1 1 0 2 -1:U 0 -1 ''", receive(2, mode=1)]),
        track("C", receives=[receive(0, mode=3, channel=-1), receive(0, mode=2, channel=1026)]),
    ),
    "effects": chained(
        vst("VSTi: Synth (Maker)"),
        vst("VST3: Bypassed (Maker)", bypass=1),
        vst("CLAPi: Offline (Maker)", offline=1),
        js("loser/3BandEQ", name="My name"),
    ),
    "containers": chained(
        "\n".join(["BYPASS 1 0 0", block("CONTAINER Container", vst("VST: In (Maker)"))]),
        "\n".join(["BYPASS 0 0 0", block("CONTAINER Container", vst("VSTi: On", bypass=0))]),
    ),
    "video effect": chained("BYPASS 0 0 0\n<VIDEO_EFFECT Video\n>", vst("VST: A (B)")),
    "input effects": song(
        track("On", chain(js("a"), block_name="FXCHAIN_REC")),
        track("Off", chain(js("a", bypass=1), block_name="FXCHAIN_REC")),
    ),
    "envelopes": song(
        track("Fader", envelope("VOLENV2", (0, 0.70794578438414), (1.1, 1e-05), (2, 3.98))),
        track("Amplitude", envelope("VOLENV2", (0, 0.5), (1, 0), VOLTYPE="0")),
        track("Pre", envelope("VOLENV", (0, 0.5)), envelope("VOLENV3", (1, 2))),
        track("Bypassed", envelope("VOLENV2", (0, 0.5), active=False)),
        track("Empty", envelope("VOLENV2")),
    ),
    "envelope shapes": song(
        track(
            "T",
            shaped(
                "VOLENV2",
                "PT 2 0.5 5 0 1 0 -0.75",
                "PT 1 0.25",
                "PT 1 0.125 9",
                "PT 0 1 1",
                DEFSHAPE="2 -1 -1",
            ),
        )
    ),
    "automation items": song(
        track("Plays", shaped("VOLENV2", "POOLEDENVINST 1 0 2 0 1 0 1 1 0 1 0 0 0")),
        track("Muted", shaped("VOLENV2", "POOLEDENVINST 1 0 2 0 1 0 1 1 0 1 0 0 1")),
    ),
    "other envelopes": song(
        track("Pan", envelope("PANENV2", (0, 0.5))),
        track("Dual", envelope("DUALPANENVL", (0, 0.5))),
        track("Bypassed", envelope("PANENV2", (0, 0.5), active=False)),
        track("Mute", envelope("MUTEENV", (0, 1))),
        track("Parameter", chain(vst("VST: A (B)"), PARM)),
    ),
    "item": played(
        POSITION="1.5",
        LENGTH="0.75",
        LOOP="1",
        ALLTAKES="1",
        VOLPAN="0.25 -0.5 -0.8 0.5",
        SOFFS="0.125",
        PLAYRATE="0.5 0 -3 -1 0 0.0025",
        CHANMODE="67",
    ),
    "item mutes": song(
        *(
            track(f"{mute}", item(MEDIA, name=mute, MUTE=mute))
            for mute in ("0 0", "1 0", "1 -1", "0 1", "1 1")
        )
    ),
    "fades": song(
        track(
            "T",
            item(MEDIA, name="manual", FADEIN="2 0.5 0 1 0 0.5 0", FADEOUT="0 0.25 0 1 0 -1 0"),
            item(MEDIA, name="auto", FADEIN="3 0.5 0.02 1 0 0 0", FADEOUT="4 0 0.03 1 0 1 0"),
            item(MEDIA, name="new", FADEIN="5.1 0.5 -1 1 0 0 0", FADEOUT="1.1 0.5 0 1 0 2 0"),
            item(MEDIA, name="odd", FADEIN="9 -1 0 1 0 -2 0"),
        )
    ),
    "takes": song(
        track(
            "T",
            item(
                MEDIA,
                "TAKE NULL",
                take("Media/kick.wav", "second", selected=True, volume="-0.5 -0.25 0.7"),
                "TAKE NULL",
            ),
            block("ITEM", "POSITION 9", "LENGTH 1", f"IGUID {guid('empty')}"),
        )
    ),
    "take envelopes": song(
        track(
            "T",
            item(
                MEDIA,
                envelope("VOLENV", (0, 1), (1, 0.25), VOLTYPE="0"),
                envelope("PANENV", (0, 1)),
                take("Media/kick.wav", "second"),
                envelope("MUTEENV", (0, 1)),
                envelope("VOLENV", (0, 0.5)),
                envelope("PITCHENV", (0, 3)),
            ),
        )
    ),
    "take effects": song(
        track(
            "T",
            item(MEDIA, chain(vst("VST: A (B)", bypass=1), block_name="TAKEFX"), name="bypassed"),
            item(
                MEDIA,
                take("Media/kick.wav", "second"),
                chain(vst("VST: A (B)"), block_name="TAKEFX"),
            ),
        )
    ),
    "stretch markers": song(
        track(
            "T",
            block(
                "ITEM",
                "POSITION 0",
                "LENGTH 1",
                f"IGUID {guid('i')}",
                'NAME "x"',
                f"GUID {guid('t')}",
                "SM 0 0 + 0.5 0.75",
                source(MEDIA),
            ),
        )
    ),
    "sections": song(
        track(
            "T",
            item(MEDIA, name="part", plays=section(MEDIA, 0.5, 1.25)),
            item(MEDIA, name="part, reversed", plays=section(MEDIA, 0.5, 1.25, mode=2)),
            item(MEDIA, name="reversed", plays=section(MEDIA, 0, 3, mode=3)),
            item(
                MEDIA,
                name="nested",
                plays=nested(["LENGTH 0", "STARTPOS 0.25", "MODE 2"], ["LENGTH 2", "STARTPOS 0.5"]),
            ),
        )
    ),
    "sources": song(
        track(
            "T",
            item("", name="notes", plays=MIDI),
            item("Media/gone.mp3", name="gone", plays=source("Media/gone.mp3", "MP3")),
            item("/else/where.wav", name="elsewhere"),
            item(MEDIA, name="offline", plays=source(MEDIA, "_OFFLINE_WAVE")),
            item("", name="click", plays=block("SOURCE CLICK")),
        )
    ),
    "lanes": lanes({"LANESOLO": "2 0"}),
    "all lanes play": lanes({}),
    "stored": song(
        track("T"),
        after=[ext_state(AUTOMIX=["VERSION 1", f'{guid("T")} "1 0.70794578438414"', "X y"])],
    ),
    "stored without version": song(after=[ext_state(AUTOMIX=[f'{guid("T")} "0 0.5"'])]),
    "stored by a newer version": song(after=[ext_state(AUTOMIX=["VERSION 2"])]),
    "texts": song(
        track("名前 🎸"),
        track("it's"),
        track(""),
        track("tab\there"),
        track("K", NAME='"K\udcfchl \udc80"'),
    ),
    "every kind": EVERY_KIND,
}


@pytest.fixture(params=LUAS)
def lua(request):
    return request.param


@pytest.fixture
def opened(tmp_path):
    """Writes a song, opens it and runs a text there."""
    with Reaper(tmp_path / "resource") as reaper:

        def run(text, lua, code, *arguments):
            path = make_song(tmp_path, name="Ein Söng.v2.RPP", length_s=0.25)
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            opened = reaper.open(path)
            answer = LuaHost(reaper, lua).execute(code, *arguments)
            reaper.close(opened)
            return path, answer

        yield run


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_it_is_what_the_reader_of_the_file_makes(opened, lua, text):
    path, snapshot = opened(text, lua, TAKE)
    assert from_json(snapshot) == project.read(path)


def test_a_project_that_was_never_saved(lua, tmp_path):
    with Reaper(tmp_path) as reaper:
        reaper.open(song(track("T", item("/else/where.wav"))))
        session = from_json(LuaHost(reaper, lua).execute(TAKE))
    assert session.name == ""
    assert session.tracks[0].items[0].takes[0].source.path == "/else/where.wav"


def test_it_is_the_same_in_steps(opened, lua):
    _, whole = opened(EVERY_KIND, lua, TAKE)
    path, (snapshot, steps, again) = opened(EVERY_KIND, lua, IN_STEPS)
    things = sum(1 + len(track.items) for track in project.read(path).tracks)
    assert steps == things + 1
    assert snapshot == whole
    assert again


@pytest.mark.parametrize("edits", [1, 2, 50])
def test_it_is_of_one_moment_even_if_the_project_changes_meanwhile(opened, lua, edits):
    _, (snapshot, left) = opened(EVERY_KIND, lua, EDITED, edits)
    session = from_json(snapshot)
    assert left == max(0, edits - 3)  # then it is not interrupted any more
    assert session.tracks[0].fader_gain == pytest.approx(0.25 + left / 100)


NOT_MEASURED = {
    "NAME": ("NAME", '"Other name"'),
    "SEL": ("SEL", "1"),
    "PEAKCOL": ("PEAKCOL", "33489792"),
    "MUTESOLO": ("MUTESOLO", "0 1 0"),
}
MEASURED = {
    "fader": {"VOLPAN": "0.5 0 -1 -1 1"},
    "pan": {"VOLPAN": "1 0.5 -1 -1 1"},
    "mute": {"MUTESOLO": "1 0 0"},
    "polarity": {"IPHASE": "1"},
    "channels": {"NCHAN": "4"},
    "automation": {"AUTOMODE": "1"},
    "offset": {"PLAYOFFS": "0.5 0"},
    "chain off": {"FX": "0"},
    "to nowhere": {"MAINSEND": "0 0"},
}
MEASURED_INSIDE = {
    "another item": [item(MEDIA), item(MEDIA, name="two")],
    "no item": [],
    "envelope": [envelope("VOLENV2", (0, 0.5)), item(MEDIA)],
    "effect": [chain(vst("VST: A (B)")), item(MEDIA)],
    "bypassed effect": [chain(vst("VST: A (B)", bypass=1)), item(MEDIA)],
    "file": [item("Media/kick.wav", name="lead")],
    "position": [item(MEDIA, POSITION="1")],
    "length": [item(MEDIA, LENGTH="1")],
    "item gain": [item(MEDIA, VOLPAN="0.5 0 1 -1")],
    "take gain": [item(MEDIA, VOLPAN="1 0 0.5 -1")],
    "item mute": [item(MEDIA, MUTE="1 0")],
    "fade": [item(MEDIA, FADEIN="1 0.5 0 1 0 0 0")],
    "rate": [item(MEDIA, PLAYRATE="2 1 0 -1 0 0.0025")],
    "offset": [item(MEDIA, SOFFS="0.25")],
    "section": [item(MEDIA, plays=section(MEDIA, 0, 1))],
}


@pytest.fixture
def fingerprint(opened, lua):
    return lambda *tracks: opened(song(*tracks), lua, FINGERPRINT, 0)[1]


@pytest.mark.parametrize(("key", "value"), NOT_MEASURED.values(), ids=NOT_MEASURED)
def test_names_and_selection_leave_a_fingerprint_as_it_was(fingerprint, key, value):
    assert fingerprint(track("T", item(MEDIA))) == fingerprint(
        track("T", item(MEDIA), **{key: value})
    )


def test_ids_leave_a_fingerprint_as_it_was(fingerprint):
    other = track("U", item(MEDIA, IGUID=guid("i"), GUID=guid("t"), NAME='"renamed"'))
    assert fingerprint(track("T", item(MEDIA))) == fingerprint(other)


@pytest.mark.parametrize("lines", MEASURED.values(), ids=MEASURED)
def test_a_fingerprint_changes_with_the_track(fingerprint, lines):
    assert fingerprint(track("T", item(MEDIA))) != fingerprint(track("T", item(MEDIA), **lines))


@pytest.mark.parametrize("inside", MEASURED_INSIDE.values(), ids=MEASURED_INSIDE)
def test_a_fingerprint_changes_with_what_is_on_the_track(fingerprint, inside):
    assert fingerprint(track("T", item(MEDIA))) != fingerprint(track("T", *inside))


@pytest.mark.long
def test_a_large_project(tmp_path):
    path = make_large_song(tmp_path, tracks=12)
    with Reaper(tmp_path) as reaper:
        reaper.open(path)
        assert from_json(LuaHost(reaper).execute(TAKE)) == project.read(path)


def real_projects(folder):
    """Those of REAPER that are not huge: other programs write no ``BYPASS`` before an effect."""
    for path in sorted(folder.rglob("*")):
        is_project = path.suffix.lower() in (".rpp", ".rpp-bak")
        if is_project and path.stat().st_size < 300_000 and "WaveSabre" not in str(path):
            yield path


def plain(session):
    """As text with slashes in paths and without ids, since files repeat and lack some.

    Colours are left out: their bytes lie as the system that saved a file has them, and what REAPER
    makes of a file from another system is not known.
    """
    text = re.sub(r"\{[0-9A-F-]{36}\}", "", str(session)).replace("\\\\", "/")
    return re.sub(r"\bcolor=\d+", "", text)


@pytest.mark.long
def test_real_projects(shared_data, tmp_path):
    compared = 0
    for path in real_projects(shared_data / "rpp"):
        try:
            session = project.read(path)
        except AutomixError:
            continue
        with Reaper(tmp_path) as reaper:
            reaper.open(path)
            snapshot = from_json(LuaHost(reaper).execute(TAKE))
        assert plain(snapshot) == plain(session), path
        compared += 1
    assert compared > 60
