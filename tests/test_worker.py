"""One job with the real engine: the answer to each kind, and the sentence for each bad request."""

import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

import jobs
import sample_report
from jobs import FIRST, SECOND, answer, opened, submit
from reaper_automix import engine, measuring, media, report, settings
from reaper_automix.crew import Crew
from reaper_automix.errors import Cancelled, InputError
from reaper_automix.memory import Memory
from reaper_automix.memory import opened as opened_memory
from reaper_automix.progress import silent
from reaper_automix.session import Receive, TimeRange, Track
from reaper_automix.worker import protocol, reports, spool, stems
from reaper_automix.worker.protocol import Request, Result
from reaper_automix.worker.renders import Cache
from reaper_automix.worker.service import serve
from reaper_automix.worker.spool import Job
from reaper_automix.worker.work import OVER_SELECTION, Bench
from signals import harmonic, noise
from songs import band, session, track, write
from test_worker_renders import CHUNK

SELECTION = TimeRange(0.25, 0.75)


@pytest.fixture(autouse=True)
def user_file(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "none.toml")


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    return band(tmp_path_factory.mktemp("söng of mine"), duration_s=1.0)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "state" / "spool"


@pytest.fixture
def bench(tmp_path):
    with Crew(1) as crew:
        yield Bench(crew, Memory(), Cache(tmp_path / "cache"), tmp_path / "state" / "reports")


def do(bench, job, progress=silent) -> Result:
    """The answer to a job, once what comes after it is done, too."""
    answer = bench.do(job, progress)
    answer.rest(progress)
    return answer.result


@pytest.fixture
def ask(home, bench):
    """Submits a job and has it done, without a loop around it."""

    def asked(kind="balance", job_id=FIRST, progress=silent, **changes) -> Result:
        return do(bench, Job(submit(home, job_id, kind=kind, **changes)), progress)

    return asked


def names(result):
    return [row.name for row in result.rows if row.status == "moved"]


def test_a_balance_answers_what_the_engine_solves(ask, song):
    result = ask(session=song)
    with Crew(1) as crew:
        solved = engine.run(song, settings.Settings(method="lufs"), crew)
    assert result.outcome == "done"
    assert result.title == "Automix: balance 7 tracks (lufs)"
    assert {move.track_id: move.after for move in result.moves} == solved.gains
    assert [(one.track_id, one.found, one.written) for one in result.stored] == [
        (one.track_id, one.found_gain, one.written_gain) for one in solved.stored.faders
    ]
    assert result.mix.before_lufs == pytest.approx(solved.groups[0].before.lufs)
    assert [row.track_id for row in result.rows] == [one.id for one in song.tracks]


def test_messages_come_back_as_they_were_sent(ask, song):
    result = ask(session=song)
    assert protocol.decode(protocol.encode(result), Result, "result.json") == result
    request = protocol.decode(json.dumps(jobs.EXAMPLE).encode(), Request, "request.json")
    assert protocol.decode(protocol.encode(request), Request, "request.json") == request


def test_what_a_newer_action_says_besides_is_passed_over(ask, song):
    assert ask(session=song, mood="bright").outcome == "done"


def test_a_closed_fader_is_null(ask, song):
    closed = replace(song.tracks[-1], fader_gain=0.0)
    row = ask(session=replace(song, tracks=(*song.tracks[:-1], closed))).rows[-1]
    assert (row.fader_db, row.move_db, row.status) == (None, 0.0, "kept")


def test_a_mix_that_went_down_says_why_before_all_else(ask, song):
    settings_of_reaper = {"method": "lufs", "headroom_dbtp": "-40"}
    assert ask(session=song, settings=settings_of_reaper).notes[0].startswith("Mix: The group")


def test_the_pitch_is_that_which_chose_the_band(ask, song):
    by_name = {row.name: row for row in ask(session=song, settings={"method": "auto"}).rows}
    assert by_name["Lead"].f0_hz == pytest.approx(440.0, rel=0.01)
    assert by_name["Hats"].f0_hz is None


def test_a_selected_folder_is_balanced_inside(ask, song):
    drums = replace(song.tracks[0], selected=True)
    result = ask(session=replace(song, tracks=(drums, *song.tracks[1:])), scope="selected")
    assert names(result) == ["Kick", "Hats"]
    assert result.rows[-1].level_lufs is None  # nobody needed it
    assert "Not among the chosen tracks." in result.rows[-1].why


def test_one_track_alone_is_fitted_to_those_beside_it(ask, song):
    free = {"method": "lufs", "profile": "equal", "fader_max_db": "40", "headroom_dbtp": "0"}
    result = ask(session=song, scope="tracks", tracks=["{Lead}"], settings=free)
    landed = {row.name: (row.level_lufs or 0.0) + (row.fader_db or 0.0) for row in result.rows}
    assert names(result) == ["Lead"]
    assert landed["Lead"] == pytest.approx((landed["Drums"] + landed["Keys"]) / 2, abs=0.01)


def test_nothing_to_move_is_said(ask, song):
    first = ask(session=song)
    faders = {move.track_id: move.after for move in first.moves}
    stored = tuple(engine.StoredFader(one.track_id, one.found, one.written) for one in first.stored)
    moved = replace(
        song,
        tracks=tuple(replace(one, fader_gain=faders[one.id]) for one in song.tracks),
        stored=engine.StoredBalance(stored),
    )
    again = ask(job_id=SECOND, session=moved)
    assert (again.moves, again.outcome) == ((), "done")
    assert "nothing was moved" in again.message


def test_settings_come_from_the_file_beside_the_project_and_from_reaper(ask, song, tmp_path):
    (tmp_path / settings.FILE_NAME).write_text('method = "p_lufs"\nstrength = 0.0\n')
    result = ask(
        session=song, project_path=str(tmp_path / "ein Lied.RPP"), settings={"strength": "100%"}
    )
    assert result.title == "Automix: balance 7 tracks (p_lufs)"


def test_the_sum_is_that_of_the_balance_before_it(ask, song):
    result = ask("sum", session=song)
    assert result.mix.before_lufs == ask(job_id=SECOND, session=song).mix.before_lufs
    assert result.moves == ()


@pytest.mark.parametrize("count", [1, 7])
def test_the_sum_of_some_moves_is_that_of_the_session_with_them(ask, song, count):
    made = ask(session=song).moves[:count]
    result = ask("sum", SECOND, session=song, moves=[msgspec.to_builtins(move) for move in made])
    gains = {move.track_id: move.after for move in made}
    moved = tuple(replace(one, fader_gain=gains.get(one.id, one.fader_gain)) for one in song.tracks)
    alone = ask("sum", "20261122-190002-0123abcd", session=replace(song, tracks=moved))
    assert result.mix.after_lufs == pytest.approx(alone.mix.before_lufs)
    assert result.mix.before_lufs != pytest.approx(result.mix.after_lufs, abs=0.01) or count == 7


def test_what_was_measured_is_not_measured_again(ask, song, bench, monkeypatch):
    first = ask(session=song)
    measured = []
    monkeypatch.setattr(measuring, "_hear", measured.append)
    renamed = tuple(replace(one, name="x", selected=True, color=7) for one in song.tracks)
    again = ask(job_id=SECOND, session=replace(song, tracks=renamed))
    assert again.moves == first.moves
    assert measured == []


def test_a_warm_worker_answers_what_a_cold_one_answers(home, bench, song):
    def said(memory, job_id):
        result = do(replace(bench, memory=memory), Job(submit(home, job_id, session=song)))
        mixes.append(result.mix)
        return protocol.encode(msgspec.structs.replace(result, id="", report="", mix=None))

    kept, mixes = opened_memory(), []
    cold = said(kept, "1-a")
    assert said(kept, "2-a") == cold
    assert said(opened_memory(), "3-a") == cold
    assert said(Memory(), "4-a") == cold
    for mix in mixes:  # predicted where it was not played yet
        assert mix.before_lufs == pytest.approx(mixes[0].before_lufs, abs=0.1)
        assert mix.after_lufs == pytest.approx(mixes[0].after_lufs, abs=0.1)


def test_media_that_changed_is_measured_again(ask, tmp_path):
    song = session(
        track(tmp_path, "A", noise(1.0, -20)), track(tmp_path, "B", noise(1.0, -30, seed=1))
    )
    before = ask(session=song).rows[1].level_lufs
    write(tmp_path, "B", noise(1.0, -40, seed=5))
    after = ask(job_id=SECOND, session=song).rows[1].level_lufs
    assert after == pytest.approx(before - 10.0, abs=0.5)


class StopAt:
    """A progress that stops the work at its n-th call."""

    def __init__(self, number):
        self.left = number
        self.stages = []

    def __call__(self, stage, done, total, what=""):
        self.stages.append(stage)
        self.left -= 1
        if self.left == 0:
            raise Cancelled


def test_a_balance_can_be_cancelled_at_every_step(ask, song, bench):
    whole = StopAt(0)
    first = ask(session=song, progress=whole)
    count = len(whole.stages)
    assert {"Measuring", "Summing"} <= set(whole.stages)
    for number in range(1, count, count // 12):
        forgetful = replace(bench, memory=Memory())
        job = Job(submit(bench.reports.parent / "spool", f"{number:04}-0a", session=song))
        with pytest.raises(Cancelled):
            do(forgetful, job, StopAt(number))
    assert ask(job_id=SECOND, session=song).moves == first.moves


@pytest.mark.parametrize("kind", ["plan", "balance", "sum"])
def test_cancelling_is_heeded_with_every_file_that_is_opened(ask, song, monkeypatch, kind):
    probed = []
    monkeypatch.setattr(media, "probe", probed.append)
    with pytest.raises(Cancelled):
        ask(kind, session=song, chunks={"{Kick}": CHUNK}, progress=StopAt(1))
    assert probed == []


def rendered_song(folder):
    bass = track(folder, "Bass", harmonic(55, 1.0, -20))
    return session(
        replace(bass, items=(replace(bass.items[0], takes=()),)),
        track(folder, "Lead", harmonic(220, 1.0, -30)),
    )


def test_the_plan_is_what_has_a_say_and_is_not_kept(ask, song):
    chunks = {track.id: CHUNK.replace("{1}", track.id) for track in song.tracks[1:3]}
    result = ask("plan", session=song, chunks=chunks, scope="tracks", tracks=["{Kick}", "{Lead}"])
    assert result.plan.render == ("{Kick}", "{Hats}")  # Hats, because Kick is fitted to it
    result = ask("plan", SECOND, session=song, chunks=chunks, scope="tracks", tracks=["{Lead}"])
    assert result.plan.render == ()


@pytest.mark.parametrize(("measure", "count"), [("auto", 1), ("post_fx", 1), ("pre_fx", 0)])
def test_pre_fx_renders_nothing(ask, tmp_path, measure, count):
    song = rendered_song(tmp_path)
    result = ask("plan", session=song, chunks={"{Bass}": CHUNK}, settings={"measure": measure})
    assert len(result.plan.render) == count


@pytest.mark.parametrize(
    ("in_file", "in_reaper", "expected"),
    [
        ("", {}, None),
        ("use_time_selection = true", {}, SELECTION),
        ("use_time_selection = true", {"use_time_selection": False}, None),
        ('time_range = "0-0.5"', {}, TimeRange(0.0, 0.5)),
        ('time_range = "0-0.5"', {"use_time_selection": True}, SELECTION),
    ],
)
def test_the_plan_says_over_what_to_render(ask, tmp_path, in_file, in_reaper, expected):
    (tmp_path / settings.FILE_NAME).write_text(in_file)
    song = replace(rendered_song(tmp_path), time_selection=SELECTION)
    place = str(tmp_path / "song.RPP")
    chunks = {"{Bass}": CHUNK}
    result = ask("plan", session=song, chunks=chunks, project_path=place, settings=in_reaper)
    assert result.plan == protocol.Plan(("{Bass}",), (), expected)


@pytest.mark.parametrize(
    ("in_file", "in_reaper", "is_part"),
    [
        ("", {}, True),
        ("", {"use_time_selection": False}, False),
        ("use_time_selection = false", {}, False),
        ('time_range = "0-0.5"', {}, False),
    ],
)
def test_the_usual_time_selection_gives_way_to_every_setting(
    ask, song, tmp_path, in_file, in_reaper, is_part
):
    (tmp_path / settings.FILE_NAME).write_text(in_file)
    asked = {
        "session": replace(song, time_selection=SELECTION),
        "project_path": str(tmp_path / "song.RPP"),
        "settings": {"method": "lufs", **in_reaper},
        "usual": {"use_time_selection": True},
    }
    assert (ask("plan", **asked).plan.range == SELECTION) is is_part
    assert (OVER_SELECTION in ask("balance", SECOND, **asked).notes) is is_part


def test_what_was_chosen_is_not_called_unusual(ask, song, tmp_path):
    chosen, usual = {"use_time_selection": True}, {"use_time_selection": True}
    selected = replace(song, time_selection=SELECTION)
    assert OVER_SELECTION not in ask(session=selected, settings=chosen, usual=usual).notes


def test_a_file_beside_the_project_that_says_pre_fx_renders_nothing(ask, tmp_path):
    (tmp_path / settings.FILE_NAME).write_text('measure = "pre_fx"')
    place = str(tmp_path / "song.RPP")
    song = rendered_song(tmp_path)
    result = ask("plan", session=song, chunks={"{Bass}": CHUNK}, project_path=place)
    assert result.plan == protocol.Plan()


def test_a_fed_track_is_rendered_every_time(home, bench, tmp_path):
    song = rendered_song(tmp_path)
    keyed = replace(song.tracks[0], receives=(Receive("{Lead}", target_channel=2),))
    song = replace(song, tracks=(keyed, *song.tracks[1:]))
    do(bench, submit_rendered(home, song, chunks={"{Bass}": CHUNK}))
    assert (home / "jobs" / FIRST / "renders" / "001.wav").exists()
    plan = Job(submit(home, SECOND, kind="plan", session=song, chunks={"{Bass}": CHUNK}))
    assert do(bench, plan).plan == protocol.Plan(("{Bass}",))


def render_into(home, job_id=FIRST):
    return write(home / "jobs" / job_id / "renders", "001", noise(1.0, -25, seed=9, channels=2))


RENDERED = [{"track_id": "{Bass}", "file": "renders/001.wav", "start_s": 0.0}]


def submit_rendered(home, song, job_id=FIRST, **changes):
    folder = submit(home, job_id, session=song, **{"rendered": RENDERED, **changes})
    render_into(home, job_id)
    return Job(folder)


def test_a_rendered_track_is_balanced_and_its_render_kept(home, bench, tmp_path):
    song = rendered_song(tmp_path)
    first = do(bench, submit_rendered(home, song, chunks={"{Bass}": CHUNK}))
    assert names(first) == ["Bass", "Lead"]
    assert first.rows[0].why.startswith("Heard as REAPER renders it")
    assert not (home / "jobs" / FIRST / "renders" / "001.wav").exists()
    plan = Job(submit(home, "1-a", kind="plan", session=song, chunks={"{Bass}": CHUNK}))
    assert do(bench, plan).plan == protocol.Plan((), ("{Bass}",))
    again = Job(submit(home, "2-a", session=song, chunks={"{Bass}": CHUNK}))
    assert do(bench, again).moves == first.moves


def test_a_trim_in_a_render_counts_as_fader(home, bench, tmp_path):
    song = rendered_song(tmp_path)
    plain = do(bench, submit_rendered(home, song))
    trim = [{"track_id": "{Bass}", "control": "trim", "gain": 0.5}]
    trimmed = do(bench, submit_rendered(home, song, SECOND, controls=trim))
    assert trimmed.moves[0].before == 0.5
    assert trimmed.rows[0].level_lufs == pytest.approx(plain.rows[0].level_lufs + 6.02, abs=0.01)


def test_without_chunk_a_render_stays_in_the_job(home, bench, tmp_path):
    do(bench, submit_rendered(home, rendered_song(tmp_path)))
    assert (home / "jobs" / FIRST / "renders" / "001.wav").exists()


def test_stems_are_proposed_and_made_as_wished(ask):
    loose = session(*(Track(f"{{{name}}}", name) for name in ("Snare", "Lead Vox", "Kick")))
    sorting = ask("stems", session=loose).sorting
    assert [(row.name, row.folder, row.state) for row in sorting.rows] == [
        ("Snare", "Drums", "moves"),
        ("Lead Vox", "", "alone"),
        ("Kick", "Drums", "moves"),
    ]
    (drums,) = sorting.folders
    assert [(spot.track_id, spot.level) for spot in sorting.spots] == [
        (drums.id, 0),
        ("{Snare}", 1),
        ("{Kick}", 1),
        ("{Lead Vox}", 0),
    ]
    wishes = {"{Snare}": {"stem": "drums", "role": "snare"}, "{Lead Vox}": {"stem": "drums"}}
    result = ask("stems", SECOND, session=loose, wishes=wishes)
    assert result.title == "Automix: sort 2 tracks into 1 stem"
    assert [row.folder for row in result.sorting.rows] == ["Drums", "Drums", ""]


def test_where_nothing_is_to_be_sorted_it_is_said(ask):
    result = ask("stems", session=session(Track("{1}", "Kick")))
    assert (result.sorting.spots, result.message) == ((), stems.NOTHING_TO_DO)


def test_the_last_report_of_a_project_is_shown(ask, song, monkeypatch, tmp_path):
    shown = []
    monkeypatch.setattr(reports.webbrowser, "open", shown.append)
    path = str(tmp_path / "Söng 1.RPP")
    ask(session=song, project_path=path)
    last = ask(job_id=SECOND, session=song, project_path=path).report
    ask(job_id="2-a", session=song, project_path=str(tmp_path / "other" / "Söng 1.RPP"))
    assert ask("show", "3-a", project_path=path).report == last
    assert len(shown) == 1
    assert shown[0].startswith("file://")
    assert shown[0].endswith("report.html")


def test_the_report_comes_after_the_answer_and_before_all_else(home, bench, song):
    answer = bench.do(Job(submit(home, session=song)), silent)
    page = Path(answer.result.report)
    assert not page.exists()
    with suppress(Cancelled):
        answer.rest(StopAt(1))
    assert {one.name for one in page.parent.iterdir()} == {name for _, name in report.FILES}


def test_unsaved_projects_have_a_report_each(ask, song, monkeypatch):
    monkeypatch.setattr(reports.webbrowser, "open", lambda _: True)
    first = ask(session=song, project_id="{1}").report
    ask(job_id=SECOND, session=song, project_id="{2}")
    assert ask("show", "3-a", project_id="{1}").report == first
    with pytest.raises(InputError, match="no report of an unsaved project"):
        ask("show", "4-a", project_id="{3}")


def test_a_saved_project_is_known_by_its_path_alone(tmp_path):
    saved = reports.folder(tmp_path, "/a/Song.RPP", "{1}")
    assert saved == reports.folder(tmp_path, "/a/Song.RPP", "{2}")
    assert saved != reports.folder(tmp_path, "/b/Song.RPP", "{1}")


def test_the_last_twenty_reports_of_a_project_are_kept(tmp_path):
    account, folder = sample_report.sample_report(), tmp_path / "Lied"
    pages = []
    for _ in range(22):
        pages.append(reports.begin(folder))
        reports.write(account, pages[-1])
    assert [page.is_file() for page in pages] == [False] * 2 + [True] * 20
    assert reports.newest(folder) == pages[-1]


def test_the_folder_of_reports_has_the_name_of_the_song(tmp_path):
    folder = reports.folder(tmp_path, "C:\\Songs\\Lied: 1.RPP")
    assert folder.parent == tmp_path
    assert folder.name.startswith("Lied_ 1-")


def test_warming_up_loads_what_the_first_job_takes(bench):
    with Crew(1, apart=True) as crew:
        replace(bench, crew=crew).warm_up()
        loaded = {name for _, names in crew.map(loaded_modules, [None]) for name in names}
    assert "reaper_automix.report.page" in sys.modules
    assert "reaper_automix.features.pitch" in loaded


def loaded_modules(_):
    return set(sys.modules)


BAD = {
    "no JSON": b"{",
    "no UTF-8": b"\xff\xfe",
    "empty": b"",
    "a list": b"[]",
    "deep": b"[" * 100_000,
    "another protocol": {"protocol": 2},
    "another job": {"id": SECOND},
    "unknown kind": {"kind": "dance"},
    "unknown scope": {"scope": "some"},
    "tracks that are none": {"tracks": [7]},
    "unknown setting": {"settings": {"loudness": "11"}},
    "bad setting": {"settings": {"strength": "2"}},
    "text for a flag": {"settings": {"use_time_selection": "yes"}},
    "bad usual setting": {"usual": {"strength": "2"}},
    "rivals": {"settings": {"use_time_selection": True, "time_range": "1-2"}},
    "impossible gain": {"controls": [{"track_id": "x", "control": "items", "gain": 0}]},
    "unknown control": {"controls": [{"track_id": "x", "control": "mute", "gain": 1}]},
    "nothing selected": {"scope": "selected"},
    "a file elsewhere": {"rendered": [{"track_id": "{Lead}", "file": "../../x.wav"}]},
    "an absolute file": {"rendered": [{"track_id": "{Lead}", "file": "/etc/passwd"}]},
    "a file that is none": {"rendered": [{"track_id": "{Lead}", "file": "renders/x.wav"}]},
    "no chunks": {"chunks": True},
    "no report": {"kind": "show", "project_path": "/x/y.RPP"},
    "an unknown stem": {"kind": "stems", "wishes": {"{Lead}": {"stem": "drumz"}}},
    "wishes that are none": {"kind": "stems", "wishes": {"{Lead}": "drums"}},
}


class Cold(Bench):
    """A bench that does not warm up."""

    def warm_up(self):
        pass


@pytest.fixture
def cold(bench):
    return Cold(bench.crew, bench.memory, bench.cache, bench.reports)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_one_sentence_and_the_next_job_is_done(home, cold, song, name):
    bad, good = submit(home, FIRST, session=song), submit(home, SECOND, session=song, kind="sum")
    content = BAD[name]
    if isinstance(content, dict):
        content = json.dumps({**jobs.EXAMPLE, **content}).encode()
    (bad / "request.json").write_bytes(content)
    serve(home, hands=opened(cold), idle_s=0.05)
    said = answer(bad)
    assert (said["outcome"], said["id"], said["moves"]) == ("failed", FIRST, [])
    assert said["message"].endswith(".")
    assert "\n" not in said["message"]
    assert "fault of the program" not in said["message"]
    assert answer(good)["outcome"] == "done"


@pytest.mark.parametrize("content", [b"", b"{}", b'{"name": "x", "tracks": [1]}', None])
def test_a_bad_session_is_one_sentence(home, cold, content):
    folder = submit(home)
    if content is not None:
        (folder / "session.json").write_bytes(content)
    serve(home, hands=opened(cold), idle_s=0.05)
    assert answer(folder)["outcome"] == "failed"
    assert "session.json" in answer(folder)["message"]


def test_a_huge_file_is_not_read(home, cold, song, monkeypatch):
    monkeypatch.setattr(spool, "LARGEST_BYTES", 1000)
    folder = submit(home, session=song)
    serve(home, hands=opened(cold), idle_s=0.05)
    assert "too large" in answer(folder)["message"]
