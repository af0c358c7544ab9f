"""What the table of a balance shows, in windows of all sizes, and what it compares and undoes."""

import pytest

from action_rig import ACTIONS, make_stage
from reaper_songs import guid

TOGGLE = ACTIONS / "automix_Toggle before-after.lua"
RESTORE = ACTIONS / "automix_Restore faders.lua"
KICK, LEAD = guid("Kick"), guid("Lead")
LEGIBLE = 4.5  # contrast of text, W3C WCAG 2.1, 1.4.3
LONG = " ".join(f"Reason number {number} goes on and on." for number in range(20))
LOWERED = "Mix: The group went down by 6.6 dB to keep its sum below -6.0 dBTP."


@pytest.fixture
def stage(tmp_path):
    """A stage that speaks."""
    stage = make_stage(tmp_path, osara=True)
    with stage.reaper:
        yield stage


def balance(stage, *changes, notes=()):
    """A balance of all tracks that halves every fader; `changes` are to the rows of the first."""
    stage.press()
    job = stage.asked()
    tracks = stage.worker.read(job, "session.json")["tracks"]
    rows = [row(track, change) for track, change in zip(tracks, padded(changes), strict=False)]
    moves = [
        {
            "track_id": track["id"],
            "control": "fader",
            "before": track["fader_gain"],
            "after": track["fader_gain"] / 2,
        }
        for track in tracks
    ]
    mix = {"before_lufs": -20.0, "after_lufs": -26.0}
    stage.worker.answer(job, rows=rows, moves=moves, notes=list(notes), mix=mix)
    stage.until(stage.is_over)


def padded(changes):
    return [*changes, *[{}] * 9]


def row(track, change):
    return {
        "track_id": track["id"],
        "name": track["name"],
        "depth": 0,
        "kind": "track",
        "status": "moved",
        "f0_hz": 110.0,
        "level_lufs": -20.0,
        "move_db": 3.6,
        "fader_db": -11.4,
        "why": "",
    } | change


def resize(stage, width, height=620):
    stage.host.window.values.update(w=float(width), h=float(height))
    stage.host.tick()
    stage.host.tick()


def press(stage, *keys):
    for key in keys:
        stage.host.window.press(key)
        stage.host.tick()
        stage.host.tick()


def texts(stage):
    return stage.host.window.texts


def drawn(stage, text):
    """Where a text was drawn, the first time."""
    written = (thing for thing in stage.host.window.drawn if thing.what == "drawstr")
    return next(thing for thing in written if thing.values[0] == text)


def lines(stage):
    """The names and notes of the table, from the top."""
    things = stage.host.window.drawn
    column = [thing for thing in things if thing.what == "drawstr" and thing.x == 20.0]
    return [thing.values[0] for thing in column[3:-1]]


def test_where_nothing_moved_undo_leaves_what_was_done_before(stage):
    stage.balance()
    press(stage, "k")
    stage.balance(only=())
    text, titles = stage.project.rpp, list(stage.titles)
    press(stage, "u")
    assert texts(stage)[-1] == "Nothing was moved, so there is nothing to undo."
    press(stage, "b")
    assert texts(stage)[-1] == "Nothing to compare."
    assert (stage.project.rpp, stage.titles) == (text, titles)


def test_where_nothing_moved_no_key_is_named_that_has_nothing_to_do(stage):
    stage.balance(only=())
    assert {"R", "Esc"} <= set(texts(stage))
    assert not {"B", "K", "K / Enter", "U", "Before", "After"} & set(texts(stage))


@pytest.mark.parametrize("switches", [1, 2])
def test_undo_after_the_toggle_action_goes_back_to_before_the_balance(stage, switches):
    before = stage.project.rpp
    balance(stage)
    for _ in range(switches):
        stage.host.run_to_end(TOGGLE)
    press(stage, "u")
    assert stage.project.rpp == before
    assert not stage.host.scripts
    assert stage.host.spoken[-1] == "Undone."


def test_undo_after_a_toggle_leaves_what_the_user_did_between(stage):
    balance(stage)
    stage.project.user_moves_fader(LEAD, 0.77)
    text = stage.project.rpp
    stage.host.run_to_end(TOGGLE)
    press(stage, "u")
    assert "undo that in REAPER first" in texts(stage)[-1]
    assert stage.project.rpp == text


def test_a_balance_that_was_taken_back_elsewhere_has_nothing_to_undo_or_compare(stage):
    balance(stage)
    stage.host.run_to_end(RESTORE)
    text = stage.project.rpp
    press(stage, "u")
    assert "not in the project any more" in texts(stage)[-1]
    press(stage, "b")
    assert texts(stage)[-1] == "Nothing to compare."
    assert stage.project.rpp == text


def test_leaving_while_before_is_heard_says_that_it_stays(stage):
    balance(stage)
    assert "close" in texts(stage)
    press(stage, "b")
    assert "stay before" in texts(stage)
    assert "close" not in texts(stage)
    press(stage, "esc")
    assert stage.host.spoken[-1] == "The faders stay as before the balance."
    assert stage.fader(KICK) == 1.0


@pytest.mark.parametrize(
    ("kinds", "heading"),
    [
        ([], "Balanced 5 tracks"),
        (["folder"], "Balanced 4 tracks and 1 folder"),
        (["folder"] * 4, "Balanced 1 track and 4 folders"),
        (["folder"] * 5, "Balanced 5 folders"),
    ],
)
def test_the_heading_counts_tracks_and_folders(stage, kinds, heading):
    balance(stage, *({"kind": kind} for kind in kinds))
    assert texts(stage)[0] == heading


def test_the_first_notes_stand_on_top_and_the_others_below(stage):
    balance(stage, notes=[LOWERED, "Two.", "Three.", "Four."])
    true_minus = LOWERED.replace("-6.0", "−6.0")
    assert lines(stage)[:4] == [true_minus, "Two.", "Three.", "Drums"]
    assert lines(stage)[8] == "Four."
    assert texts(stage).count(true_minus) == 2  # in the table and, as the chosen line, below it


def test_a_track_that_simply_moved_says_from_where_to_where(stage):
    balance(stage, {}, {"why": "Limited to -12.0 dB."}, {"fader_db": None, "move_db": None})
    assert "fader −15.0 → −11.4" in texts(stage)
    assert "Limited to −12.0 dB." in texts(stage)
    press(stage, "home")
    assert stage.host.spoken[-1].endswith("+3.6 dB, fader −15.0 → −11.4, lands at −31.4 LUFS")


def test_a_track_that_simply_stays_says_where(stage):
    balance(stage, {"status": "kept", "move_db": 0.0})
    assert "Drums · fader stays at −11.4, lands at −31.4 LUFS" in texts(stage)


def test_hz_end_and_notes_begin_at_one_place_each(stage):
    balance(stage, {"f0_hz": 1773.0}, {"f0_hz": 55.0}, {"f0_hz": None})
    half = 15 / 2  # of the font's height: as wide as a letter
    ends = {drawn(stage, text).x + half * len(text) for text in ("1773 Hz", "55.0 Hz", "full")}
    assert len(ends) == 1
    assert drawn(stage, "A6").x == drawn(stage, "A1").x


def test_what_was_not_measured_has_no_pitch_at_all(stage):
    balance(stage, {"f0_hz": None, "level_lufs": None, "status": "skipped"})
    assert "full" not in texts(stage)
    assert texts(stage).count("–") == 2


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (1000, {"Why", "Move", "Pitch"}),
        (640, {"Move", "Pitch"}),
        (590, {"Pitch"}),
        (300, set()),
    ],
)
def test_narrow_windows_leave_out_the_reasons_the_bar_then_the_pitch(stage, width, shown):
    balance(stage)
    resize(stage, width)
    assert {"Why", "Move", "Pitch"} & set(texts(stage)) == shown
    figure = drawn(stage, "+3.6")
    assert 0 < figure.x < figure.x + 4 * 15 / 2 <= width


def test_the_chosen_line_stays_in_sight_when_the_window_shrinks(stage):
    balance(stage)
    press(stage, "end")
    resize(stage, 1000, 260)
    assert lines(stage) == ["Pad"]


def test_hints_shrink_to_their_keys_and_the_message_goes_where_there_is_no_room(stage):
    balance(stage)
    assert {"K / Enter", "keep", "Space", "play", "↑↓", "tracks"} <= set(texts(stage))
    press(stage, "r")
    said = "The report opens in your browser."
    assert said in texts(stage)
    resize(stage, 480)
    assert {"B", "K", "U", "R", "Esc"} <= set(texts(stage))
    assert not {"keep", "undo", "play"} & set(texts(stage))
    resize(stage, 240)
    assert not any(text[:10] == said[:10] for text in texts(stage))


def test_a_reason_that_is_too_long_ends_with_an_ellipsis(stage):
    balance(stage, {"why": LONG})
    resize(stage, 560)
    first, last = [text for text in texts(stage) if "Reason number" in text]
    assert first.startswith("Drums · Reason number 0")
    assert last.endswith("…")


def test_deep_tracks_in_narrow_windows_keep_most_of_their_name(stage):
    balance(stage, {"depth": 9})
    resize(stage, 400)
    left, right = 20, drawn(stage, "−20.0").x
    assert left < drawn(stage, "Drums").x < left + (right - left) / 2


def test_every_text_is_legible_on_its_ground(stage):
    balance(
        stage,
        {"status": "skipped", "why": "Muted."},
        {"status": "kept", "why": "0.3 dB is less than the dead band of 0.5 dB."},
        notes=["There is a note."],
    )
    for key in ("down", "down", "b"):
        press(stage, key)
        check_contrast(stage.host.window.drawn)


def check_contrast(things):
    boxes = []
    for thing in things:
        if thing.what == "rect":
            boxes.append(thing)
        elif thing.values[0]:
            ground = next(box for box in reversed(boxes) if holds(box, thing))
            assert contrast(thing.color, ground.color) >= LEGIBLE, thing


def holds(box, thing):
    left, top, width, height = box.values[:4]
    return left <= thing.x < left + width and top <= thing.y + 6 < top + height


def contrast(color, other):
    """W3C WCAG 2.1, relative luminance and contrast ratio."""

    def luminance(color):
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in color
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    darker, brighter = sorted(map(luminance, (color, other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize(("system", "size"), [("Win64", 19.0), ("macOS-arm64", 15.0)])
def test_letters_are_as_large_on_every_system(stage, system, size):
    stage.reaper.os = system
    balance(stage)
    assert stage.host.window._fonts[1] == size


def test_texts_of_a_line_have_one_middle(stage):
    balance(stage, {"kind": "folder", "name": "Bold"})
    middles = {drawn(stage, text).y for text in ("Bold", "110 Hz", "A2", "−20.0", "+3.6")}
    assert len(middles) == 1
