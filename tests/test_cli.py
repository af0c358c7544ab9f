"""The command line: what options mean, what is printed where, and exit codes.

The pipeline is a double here; tests/test_bad_input.py runs the real one from end to end.
"""

import dataclasses
import io
import json
import os
import subprocess
import sys
from types import ModuleType

import click
import pytest
from rich.console import Console

import reaper_automix
from reaper_automix import cli, doctor, settings, terminal
from reaper_automix.cli import songs
from reaper_automix.doctor import Finding
from reaper_automix.errors import (
    AutomixError,
    Cancelled,
    InputError,
    MediaError,
    NothingToBalance,
    OutputError,
    SettingsError,
)
from reaper_automix.results import Output, Report, TrackResult
from reaper_automix.session import TimeRange
from reaper_automix.settings import SETTINGS, USUAL, Settings

COMMANDS = (
    *("balance", "inspect", "render", "bounce", "stems", "match", "pipeline", "demo"),
    *("listening-test", "cache", "install", "uninstall", "doctor"),
    *("live", "osc", "worker", "bench", "learn", "evaluate", "reapack-index"),
)


@dataclasses.dataclass
class Pipeline:
    """A pipeline that notes what it is asked for, and answers or raises as it is told."""

    asked: list = dataclasses.field(default_factory=list)
    errors: dict = dataclasses.field(default_factory=dict)

    def run(self, request, progress):
        return self._report(request, progress)

    def inspect(self, path, settings):
        return self._report(Request(path, settings), terminal.silent)

    def render_stems(self, path, out, settings, progress):
        return self._report(Request(path, settings, out), progress).outputs

    bounce = render_stems

    def _report(self, request, progress):
        self.asked.append(request)
        progress("Measuring", 1.0, 2.0, "Vox")
        if error := self.errors.get(request.path.name):
            raise error
        track = TrackResult("{1}", "Vöx 🎤", "track", "moved", fader_after=0.5)
        return Report(
            mode="balance",
            name=request.path.name,
            place=str(request.path),
            settings=request.settings,
            tracks=(track,),
            outputs=(Output("project", "/results/song-automix.RPP"),),
        )


@dataclasses.dataclass
class Request:
    path: object
    settings: Settings
    out: object = None
    in_place: bool = False
    dry_run: bool = False
    bounce: bool = False
    stems: bool = False
    per_region: str = "off"
    paper: bool = False
    jobs: int | None = None


@pytest.fixture(autouse=True)
def pipeline(monkeypatch):
    double, module = Pipeline(), ModuleType("reaper_automix.pipeline")
    for name in ("run", "inspect", "render_stems", "bounce"):
        setattr(module, name, getattr(double, name))
    module.Request = Request
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(reaper_automix, "pipeline", module, raising=False)
    return double


@pytest.fixture(autouse=True)
def no_user_settings(tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "none.toml")


@pytest.fixture
def song(tmp_path):
    return project(tmp_path / "song.RPP")


@pytest.fixture
def stems(tmp_path):
    return stems_folder(tmp_path / "stems")


@pytest.fixture
def album(tmp_path):
    """A folder of two projects of one name and a folder of stems."""
    folder = tmp_path / "album"
    project(folder / "1" / "mix.RPP")
    project(folder / "2" / "mix.RPP")
    stems_folder(folder / "3")
    return folder


def project(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<REAPER_PROJECT 0.1\n>\n")
    return path


def stems_folder(path):
    path.mkdir(parents=True)
    (path / "a.wav").write_bytes(b"")
    return path


@pytest.fixture
def run(capsys):
    """Runs the program; gives its exit code, stdout and stderr."""

    def call(*arguments):
        code = cli.run([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return call


def lines(text):
    return [line for line in text.splitlines() if line]


# options


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("--method p_lufs", "method", "p_lufs"),
        ("--profile equal", "profile", "equal"),
        ("--strength 0.7", "strength", 0.7),
        ("--strength 70%", "strength", 0.7),
        ("--max-move 6", "max_move_db", 6.0),
        ("--dead-band 0", "dead_band_db", 0.0),
        ("--headroom -3.5", "headroom_dbtp", -3.5),
        ("--fader-max 6", "fader_max_db", 6.0),
        ("--target -20", "target_lufs", -20.0),
        ("--tracks Kick,Gtr* --tracks Vox", "tracks", ("Kick", "Gtr*", "Vox")),
        ("--time-selection", "use_time_selection", True),
        ("--range 0:30-1:15", "time_range", TimeRange(30.0, 75.0)),
    ],
)
def test_options_become_settings(run, pipeline, song, typed, field, value):
    code, _, _ = run("balance", song, *typed.split())
    assert code == 0
    assert pipeline.asked[0].settings == Settings(**{**USUAL, field: value})


def test_every_setting_is_an_option_of_balance_but_those_of_a_running_reaper():
    options = {flag for option in songs.balance.params for flag in option.opts}
    assert {row.option for row in SETTINGS if not row.live} <= options
    assert {row.option for row in SETTINGS if row.live}.isdisjoint(options)


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [
        ("--in-place", "in_place", True),
        ("--dry-run", "dry_run", True),
        ("--bounce", "bounce", True),
        ("--stems", "stems", True),
        ("--per-region envelope", "per_region", "envelope"),
        ("--paper", "paper", True),
        ("--jobs 3", "jobs", 3),
    ],
)
def test_options_become_the_request(run, pipeline, song, typed, field, value):
    run("balance", song, *typed.split())
    assert pipeline.asked == [Request(song, Settings(**USUAL), **{field: value})]


def test_a_song_alone_has_its_results_in_out_itself(run, pipeline, song, tmp_path):
    run("balance", song, "--out", tmp_path / "there")
    assert pipeline.asked[0].out == tmp_path / "there"


def test_files_beside_the_song_hold_unless_an_option_says_otherwise(run, pipeline, song):
    (song.parent / settings.FILE_NAME).write_text("strength = 0.5\nmax_move_db = 3")
    run("balance", song, "--max-move", "9")
    chosen = pipeline.asked[0].settings
    assert (chosen.strength, chosen.max_move_db) == (0.5, 9.0)


def test_the_folder_one_is_in_can_be_named_by_a_dot(run, pipeline, stems, monkeypatch):
    monkeypatch.chdir(stems)
    run("balance", ".")
    assert pipeline.asked[0].path.name == "stems"


@pytest.mark.parametrize(
    "typed",
    [
        "--method p_lufs",
        "--strength 0",
        "--max-move 0",
        "--target -20",
        "--in-place",
        "--dry-run",
        "--bounce",
        "--stems",
    ],
)
def test_what_the_paper_decides_cannot_be_chosen(run, pipeline, song, typed):
    code, out, err = run("balance", song, "--paper", *typed.split())
    assert (code, out, pipeline.asked) == (2, "", [])
    assert lines(err) == [
        f"reaper-automix: --paper leaves no room for {typed.split()[0]}; leave one of them out."
    ]


def test_stems_cannot_be_balanced_in_place(run, pipeline, stems):
    code, _, err = run("balance", stems, "--in-place")
    assert (code, pipeline.asked) == (2, [])
    assert "leave out --in-place" in err


@pytest.mark.parametrize("command", ["inspect", "render", "bounce"])
def test_what_is_measured_can_be_chosen_everywhere(run, pipeline, song, command):
    run(command, song, "--tracks", "Vox", "--range", "1-2")
    assert pipeline.asked[0].settings == Settings(
        **USUAL, tracks=("Vox",), time_range=TimeRange(1.0, 2.0)
    )


@pytest.mark.parametrize(
    ("command", "name"), [("render", "song-stems"), ("bounce", "song-bounce.wav")]
)
def test_sound_goes_into_out_under_its_own_name(run, pipeline, song, tmp_path, command, name):
    run(command, song)
    run(command, song, "--out", tmp_path / "there")
    assert [request.out for request in pipeline.asked] == [None, tmp_path / "there" / name]


@pytest.mark.parametrize(("options", "measure"), [((), "auto"), (("--pre-fx",), "pre_fx")])
def test_measuring_before_effects_can_be_asked_for(run, pipeline, song, options, measure):
    run("balance", song, *options)
    assert pipeline.asked[0].settings.measure == measure


# help


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(run, command):
    code, out, err = run(command, "--help")
    assert (code, err) == (0, "")
    assert f"\n  Examples:\n    reaper-automix {command}" in out


def inner_commands():
    """The words of every command of a group."""
    for name in COMMANDS:
        command = cli.program.get_command(click.Context(cli.program), name)
        yield from ((name, inner) for inner in getattr(command, "commands", ()))


@pytest.mark.parametrize("words", list(inner_commands()), ids=" ".join)
def test_every_command_of_a_group_has_help_with_an_example(run, words):
    code, out, err = run(*words, "--help")
    assert (code, err) == (0, "")
    assert f"\n  Examples:\n    reaper-automix {' '.join(words)}" in out


def test_the_defaults_that_are_told_are_those_that_hold():
    usual = settings.load()
    told = {
        option.name: option.help.partition("[default: ")[2].rstrip("]")
        for option in songs.balance.params
        if isinstance(option, click.Option) and option.name in settings.BY_NAME
    }
    assert (told["profile"], told["strength"]) == ("roles", "auto")
    for name, value in told.items():
        if value:
            row = settings.BY_NAME[name]
            assert row.parse(value, row.option) == getattr(usual, name), name


def test_the_help_lists_every_command_and_exit_code(run):
    _, out, _ = run("--help")
    listed = out.partition("Commands:\n")[2].partition("\n\n")[0]
    assert tuple(line.split()[0] for line in listed.splitlines()) == COMMANDS
    for code, meaning in cli.EXIT_CODES:
        assert f"{code:3}  {meaning}" in out


def test_what_the_help_says_of_a_command_is_how_its_own_help_begins():
    context = click.Context(cli.program)
    for name, (_, about) in cli.COMMANDS.items():
        assert cli.program.get_command(context, name).help.startswith(about.rstrip("."))


def test_without_a_command_there_is_help(run):
    assert run() == run("--help")


def test_the_version_is_told(run):
    assert run("--version") == (0, f"reaper-automix {reaper_automix.__version__}\n", "")


def test_help_does_not_wait_for_anything_heavy():
    heavy = {"numpy", "scipy", "numba", "torch", "soundfile", "soxr", "rich", "jinja2"}
    code = (
        "import sys; from reaper_automix import cli; cli.run(['balance', '--help']);"
        f"assert not {heavy!r} & set(sys.modules), sys.modules"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")


# exit codes


@pytest.mark.parametrize(
    "arguments",
    [
        "balance --foo",
        "ballance song.RPP",
        "balance",
        "balance song.RPP other.RPP",
        "balance song.RPP --jobs 0",
        "balance song.RPP --method loud",
        "balance song.RPP --strength 2",
        "balance song.RPP --range 9-3",
        "balance song.RPP --range 1-2 --time-selection",
    ],
)
def test_wrong_usage_is_one_line_and_2(run, pipeline, song, arguments):
    words = [song if word == "song.RPP" else word for word in arguments.split()]
    code, out, err = run(*words)
    assert (code, out, pipeline.asked) == (2, "", [])
    assert len(lines(err)) == 1
    assert err.startswith("reaper-automix: ")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (AutomixError, 1),
        (SettingsError, 2),
        (InputError, 3),
        (MediaError, 3),
        (NothingToBalance, 4),
        (OutputError, 5),
        (Cancelled, 130),
    ],
)
def test_what_a_user_can_put_right_is_one_sentence(run, pipeline, song, kind, code):
    pipeline.errors["song.RPP"] = kind("Something is wrong with song.RPP; put it right.")
    told, out, err = run("balance", song, "--quiet")
    assert (told, out) == (code, "")
    assert err == "reaper-automix: Something is wrong with song.RPP; put it right.\n"


def test_every_exit_code_of_an_error_is_documented():
    kinds = [AutomixError, *AutomixError.__subclasses__()]
    assert {kind.exit_code for kind in kinds} <= {code for code, _ in cli.EXIT_CODES}


def test_a_path_that_is_not_there_is_3(run, tmp_path):
    code, _, err = run("balance", tmp_path / "nowhere.RPP")
    assert code == 3
    assert lines(err) == [
        f"reaper-automix: There is no file or folder {tmp_path / 'nowhere.RPP'}; check the path."
    ]


def test_a_bug_keeps_its_traceback(pipeline, song):
    pipeline.errors["song.RPP"] = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError, match="a bug"):
        cli.run(["balance", str(song)])


def test_ctrl_c_is_one_sentence_and_130(run, pipeline, song):
    pipeline.errors["song.RPP"] = KeyboardInterrupt()
    code, out, err = run("balance", song, "--quiet")
    assert (code, out) == (130, "")
    assert err.strip() == (
        "reaper-automix: stopped; what was finished is kept and nothing is half written."
    )


def test_main_leaves_with_the_exit_code(monkeypatch):
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)
    monkeypatch.setattr(terminal, "use_utf8", lambda: None)
    with pytest.raises(SystemExit) as left:
        cli.main(["nothing"])
    assert left.value.code == 2


def test_a_reader_that_goes_away_is_no_error():
    command = [sys.executable, "-m", "reaper_automix", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""


# what is printed


def test_a_balance_prints_its_tracks_and_where_the_results_are(run, song):
    code, out, err = run("balance", song)
    assert code == 0
    assert "Vöx 🎤" in out
    assert lines(out)[-1] == "project  /results/song-automix.RPP"
    assert lines(err) == ["Measuring …"]


def test_json_is_all_there_is_on_stdout(run, song):
    _, out, _ = run("balance", song, "--json")
    assert json.loads(out)["tracks"][0]["name"] == "Vöx 🎤"


def test_json_of_a_batch_is_a_line_for_each_song(run, album):
    _, out, _ = run("inspect", album, "--json")
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["mix.RPP", "mix.RPP", "3"]


@pytest.mark.parametrize("command", ["balance", "inspect", "render", "bounce"])
def test_quiet_is_quiet(run, song, command):
    assert run(command, song, "--quiet") == (0, "", "")


def test_quiet_json_is_json(run, song):
    _, out, err = run("balance", song, "--json", "--quiet")
    assert (json.loads(out)["name"], err) == ("song.RPP", "")


@pytest.mark.parametrize("command", ["render", "bounce"])
def test_sound_that_was_written_is_listed(run, song, command):
    assert lines(run(command, song)[1]) == ["project  /results/song-automix.RPP"]


def test_a_project_among_stems_is_pointed_out(run, stems):
    project(stems / "mix.RPP")
    _, _, err = run("inspect", stems)
    assert lines(err)[0] == (
        f"The stems beside mix.RPP are read; name {stems / 'mix.RPP'} to have that read."
    )


# batches


def test_a_batch_does_every_song(run, pipeline, album):
    code, _, err = run("balance", album)
    assert code == 0
    assert [str(request.path.relative_to(album)) for request in pipeline.asked] == [
        str(path.relative_to(album))
        for path in (album / "1/mix.RPP", album / "2/mix.RPP", album / "3")
    ]
    assert f"2 of 3: {album / '2' / 'mix.RPP'}" in err


def test_songs_of_one_name_do_not_meet_in_out(run, pipeline, album, tmp_path):
    out = tmp_path / "out"
    run("balance", album, "--out", out)
    assert [request.out for request in pipeline.asked] == [out / "1", out / "2", out]


def test_each_song_of_a_batch_has_its_own_settings(run, pipeline, album):
    (album / settings.FILE_NAME).write_text("strength = 0.5\nheadroom_dbtp = -3")
    (album / "2" / settings.FILE_NAME).write_text("strength = 0.25")
    run("balance", album, "--headroom", "-1")
    assert [request.settings.strength for request in pipeline.asked] == [0.5, 0.25, 0.5]
    assert {request.settings.headroom_dbtp for request in pipeline.asked} == {-1.0}


def test_one_bad_song_does_not_stop_the_others(run, pipeline, album):
    pipeline.errors["3"] = InputError("a.wav cannot be read; export it again.")
    pipeline.errors["mix.RPP"] = None
    code, _, err = run("balance", album, "--quiet")
    assert code == 6
    assert len(pipeline.asked) == 3
    assert lines(err) == [
        "reaper-automix: 1 of 3 songs failed, the others are done.",
        f"  {album / '3'}: a.wav cannot be read; export it again.",
    ]


def test_settings_of_one_song_that_cannot_be_used_fail_that_song(run, pipeline, album):
    (album / "2" / settings.FILE_NAME).write_text("strength = 7")
    code, _, err = run("balance", album, "--quiet")
    assert (code, len(pipeline.asked)) == (6, 2)
    assert "strength cannot be 7" in err


def test_a_wrong_option_is_one_mistake_for_all_songs(run, pipeline, album):
    code, _, err = run("balance", album, "--strength", "7")
    assert (code, pipeline.asked, len(lines(err))) == (2, [], 1)


def test_a_bug_in_one_song_keeps_its_traceback_and_the_others_go_on(run, pipeline, album):
    pipeline.errors["3"] = ZeroDivisionError("a bug")
    (album / "4").mkdir()
    (album / "4" / "a.wav").write_bytes(b"")
    code, _, err = run("balance", album)
    assert (code, len(pipeline.asked)) == (1, 4)
    assert "ZeroDivisionError: a bug" in err
    assert "This is a bug" in lines(err)[-1]


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), Cancelled("Stopped.")])
def test_stopping_stops_a_batch(run, pipeline, album, stop):
    pipeline.errors["mix.RPP"] = stop
    assert run("balance", album)[0] == 130
    assert len(pipeline.asked) == 1


# demo and doctor


def test_a_demo_is_made_balanced_and_bounced(run, pipeline, tmp_path, monkeypatch):
    from reaper_automix import demo

    monkeypatch.setattr(demo, "make", lambda folder, progress: project(folder / "demo.RPP"))
    code, out, _ = run("demo", tmp_path / "here")
    assert code == 0
    assert pipeline.asked == [
        Request(tmp_path / "here" / "demo.RPP", Settings(**USUAL), bounce=True)
    ]
    assert lines(out)[-1] == "project  /results/song-automix.RPP"


@pytest.mark.parametrize(("ok", "code"), [(True, 0), (False, 1)])
def test_the_doctor_tells_by_its_exit_code(run, monkeypatch, ok, code):
    monkeypatch.setattr(doctor, "examine", lambda **_: (Finding("numpy", ok, "1.0"),))
    told, out, _ = run("doctor")
    assert (told, out.split()[1:]) == (code, ["numpy", "1.0"])
    assert json.loads(run("doctor", "--json")[1])[0]["ok"] is ok


# progress


def test_lines_tell_each_stage_and_then_now_and_then():
    told, clock = [], [100.0]
    progress = terminal.Lines(told.append, now=lambda: clock[0])
    for second in range(25):
        clock[0] = 100.0 + second
        progress("Measuring", second, 50.0, "Vox")
    progress("Summing", 0.0, 0.0)
    assert told == ["Measuring …", "Measuring 20% Vox", "Measuring 40% Vox", "Summing …"]


def test_a_bar_starts_again_with_every_stage():
    bars = terminal._bars(Console(file=io.StringIO(), force_terminal=True))
    bar = terminal.Bar(bars)
    bar("Measuring", 1.0, 4.0, "[Vox]")
    assert [(task.description, task.percentage) for task in bars.tasks] == [("Measuring", 25.0)]
    bar("Summing", 0.0, 0.0)
    assert [(task.description, task.total) for task in bars.tasks] == [("Summing", None)]


def test_a_bar_is_drawn_on_a_terminal_only(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    with terminal.watching() as progress:
        assert isinstance(progress, terminal.Bar)
        progress("Measuring", 1.0, 2.0, "Vox")
    monkeypatch.setenv("TERM", "dumb")
    with terminal.watching() as progress:
        assert isinstance(progress, terminal.Lines)


def test_output_is_utf8_whatever_the_code_page():
    code = "from reaper_automix import terminal; terminal.use_utf8(); print('ü 🥁 \\udce9')"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "cp1252"},
    )
    assert ended.stdout.decode().split() == ["ü", "🥁", "\\udce9"]
    assert ended.stderr == b""
