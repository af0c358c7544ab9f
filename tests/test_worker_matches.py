"""A job that matches stems to a reference, with the real engine."""

from pathlib import Path

import pytest

from jobs import FIRST, submit
from reaper_automix import settings
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled, InputError, NothingToBalance, SettingsError
from reaper_automix.match.console.sliders import SLIDERS
from reaper_automix.match.placing import stored
from reaper_automix.memory import Memory
from reaper_automix.progress import silent
from reaper_automix.session import Region
from reaper_automix.worker.renders import Cache
from reaper_automix.worker.spool import Job
from reaper_automix.worker.work import Bench
from signals import harmonic, noise, tone
from songs import folder_track, session, track, write
from test_worker_renders import CHUNK

LENGTH_S = 2.0
GENTLE = {"gain": True, "eq": True, "compressor": True, "pan": False, "master": True}


@pytest.fixture(autouse=True)
def user_file(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "none.toml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("söng of mine")


@pytest.fixture(scope="module")
def song(folder):
    """Two stems and a muted reference, with a region in it."""
    return session(
        folder_track("Drums"),
        track(folder, "Kick", tone(60, LENGTH_S, -12), parent_id="{Drums}"),
        track(folder, "Hats", noise(LENGTH_S, -30, seed=1), parent_id="{Drums}"),
        track(folder, "Lead", harmonic(440, LENGTH_S, -20), pan=-0.2, fader_gain=0.5),
        track(folder, "Song", noise(LENGTH_S, -18, seed=3, channels=2), mute=True),
        regions=(Region(4, "Chorus", 0.5, 2.0),),
    )


@pytest.fixture(scope="module")
def reference(folder):
    return write(folder, "Liebling ü", noise(LENGTH_S, -18, seed=5, channels=2))


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    home = tmp_path_factory.mktemp("state")
    with Crew(1) as crew:
        yield Bench(crew, Memory(), Cache(home / "cache"), home / "reports")


@pytest.fixture
def ask(tmp_path, bench, song):
    """Has a job done that wishes for a match."""

    def asked(reference, *, kind="match", progress=silent, session=song, chunks=None, **wish):
        wish = {"reference": reference, "blocks": GENTLE, **wish}
        folder = submit(
            tmp_path / "spool", FIRST, kind=kind, session=session, chunks=chunks, match=wish
        )
        return bench.do(Job(folder), progress)

    return asked


def test_a_match_to_a_file_is_whole_and_in_words(ask, reference):
    answer = ask({"name": reference.name, "path": str(reference)}, strength=0.7)
    result = answer.result
    placed = stored.decode(result.matched)
    assert [stem.track_id for stem in placed.match.stems] == ["{Drums}", "{Lead}"]
    assert placed.strength == 0.7
    lead = placed.match.stems[1]
    assert lead.before.fader_db == pytest.approx(-6.02, abs=0.01)
    assert lead.matched.pan == lead.before.pan == -0.2
    assert len(result.matched["bus"]) == len(SLIDERS)
    assert result.title == f"Automix: match 2 stems to {reference.name}"
    assert result.notes[0].startswith(f"2 stems matched to {reference.name}")
    rows = {row.track_id: row for row in result.rows}
    assert rows.keys() == {"{Drums}", "{Lead}", "{Song}"}
    assert "fader −6.0" in rows["{Lead}"].why
    assert "pan" not in rows["{Lead}"].why
    assert None not in (result.mix.before_lufs, result.mix.after_lufs)
    answer.rest(silent)
    assert "Liebling" in Path(result.report).read_text("utf-8")


@pytest.mark.parametrize(
    ("sought", "name"),
    [({"track": "{Song}"}, "Song"), ({"track": "{Song}", "region": "4"}, "Song, 4")],
)
def test_the_reference_may_be_in_the_project(ask, sought, name):
    result = ask({"name": "mine", **sought}).result
    assert result.title.endswith(f"stems to {name}")
    stems = [stem["track_id"] for stem in result.matched["stems"]]
    assert stems == ["{Drums}", "{Lead}"]


def test_only_chosen_stems_are_set(ask, reference):
    result = ask({"name": "r", "path": str(reference)}, stems=["{Lead}"]).result
    assert [stem["track_id"] for stem in result.matched["stems"]] == ["{Lead}"]
    rows = {row.track_id: row for row in result.rows}
    assert "Not among the chosen tracks" in rows["{Drums}"].why


def test_a_strip_that_is_hers_is_told_of(ask, reference):
    hers = [slider.neutral for slider in SLIDERS]
    hers[1] = 6.0
    result = ask({"name": "r", "path": str(reference)}, hers={"{Lead}": hers}).result
    rows = {row.track_id: row for row in result.rows}
    assert "set by hand" in rows["{Lead}"].why
    assert result.matched["stems"][1]["track_id"] == "{Lead}"


def test_where_the_masters_effects_are_off_the_faders_keep_the_mix_as_loud(ask, reference):
    result = ask({"name": "r", "path": str(reference)}, master_is_off=True, strength=0.5).result
    assert any("master's effects are switched off" in note for note in result.notes)
    assert result.mix.after_lufs == pytest.approx(result.mix.before_lufs, abs=0.1)
    assert not stored.decode(result.matched).trims.on_master


@pytest.mark.parametrize(
    ("sought", "says"),
    [
        ({}, "no reference"),
        ({"path": "/gone/Song.wav"}, "Song.wav"),
        ({"track": "{gone}"}, "{gone}"),
        ({"region": "99"}, "99"),
    ],
)
def test_a_reference_that_cannot_be_used_is_one_sentence(ask, sought, says):
    with pytest.raises((InputError, SettingsError), match=says):
        ask({"name": "r", **sought})


def test_a_session_in_which_nothing_sounds_is_one_sentence(ask, reference):
    with pytest.raises(NothingToBalance):
        ask({"name": "r", "path": str(reference)}, session=session(folder_track("Drums")))


def test_a_job_without_a_wish_is_one_sentence(bench, tmp_path, song):
    folder = submit(tmp_path / "spool", FIRST, kind="match", session=song)
    with pytest.raises(InputError, match="does not say what to match to"):
        bench.do(Job(folder), silent)


@pytest.mark.parametrize("call", [1, 3, 8, 20])
def test_it_is_cancelled_wherever_it_is(ask, reference, call):
    calls = []

    def stop(*step):
        calls.append(step)
        if len(calls) == call:
            raise Cancelled

    with pytest.raises(Cancelled):
        ask({"name": "r", "path": str(reference)}, progress=stop)


def test_the_plan_of_a_match_asks_for_every_track_that_reaper_told_of(ask, reference, song):
    chunks = {"{Drums}": CHUNK, "{Lead}": CHUNK}
    plan = ask({"name": "r", "path": str(reference)}, kind="plan", chunks=chunks).result.plan
    assert plan.render == ("{Drums}", "{Lead}")
    assert plan.kept == ()
