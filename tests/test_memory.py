"""What was found out once is known again, by this process and by others."""

import logging
import math
import os
import threading
from pathlib import Path

import numpy as np
import pytest

from reaper_automix import cache, keys, memory, render
from reaper_automix.cache import kinds
from reaper_automix.cache.store import Store
from reaper_automix.features import Features
from reaper_automix.features.excerpts import Excerpts
from reaper_automix.features.trace import Sketch, Trace
from reaper_automix.keys import folder_key
from reaper_automix.measurement import Measurement
from reaper_automix.media import MediaInfo
from reaper_automix.memory import Memory
from reaper_automix.results import MethodLevel, SumLevel
from reaper_automix.routing import trace
from reaper_automix.session import Session
from reaper_automix.sums.cross import weigh
from signals import noise, tone
from songs import session, track, write

INFO = MediaInfo(48000, 1, 48000, "FLOAT", "WAV")


def measurement(lufs=-20.0, hops=10):
    levels = (MethodLevel("lufs", lufs),)
    trace = Trace(
        0, np.ones(hops, np.float32), np.ones((2, hops), np.float32), np.ones(hops, np.float32)
    )
    return Measurement(Features(1.0, 1.0, -3.0, -3.0, lufs), levels, trace)


EXCERPTS = Excerpts(
    np.arange(1, dtype=np.int32), np.ones(1, np.float32), np.ones((1, 1600), np.int8)
)
SKETCH = Sketch(
    0,
    480,
    np.arange(1, dtype=np.int32),
    np.ones((2, 1, 150), np.int16),
    np.ones(1, np.float32),
    EXCERPTS,
)


EMPTY = Session("Empty", ())
POWERS = weigh(EMPTY, trace(EMPTY), None, {}, {})


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kept")


@pytest.fixture(params=["in RAM", "on disk"])
def kept(request, store):
    return Memory(store if request.param == "on disk" else None)


def test_nothing_is_known_at_first(kept):
    assert kept.recall("key") is None
    assert kept.sketch("key") is None


def test_what_was_remembered_is_recalled(kept):
    kept.remember("key", measurement(), SKETCH)
    kept.remember("other", measurement(-30.0), SKETCH)
    assert kept.recall("key").features == measurement().features
    assert kept.recall("other").features.lufs == -30.0
    assert kept.sketch("key").samples.tolist() == SKETCH.samples.tolist()


def test_how_sources_add_up_is_recalled(kept):
    assert kept.recall_powers("key") is None
    kept.remember_powers("key", POWERS)
    assert kinds.POWERS.encode(kept.recall_powers("key")) == kinds.POWERS.encode(POWERS)


def test_what_sums_were_when_they_were_played_is_learned(store):
    gains, level = {"{1}": 0.5, "{2}": 2.0}, SumLevel(-20.0, -3.0)
    kept = Memory(store)
    assert kept.known("key").exactly(gains) is None
    kept.learn("key", gains, level)
    kept.learn("key", {"{1}": 0.5, "{2}": 0.0}, SumLevel(None, -math.inf))
    for one in (kept, Memory(store)):
        assert one.known("key").exactly(gains) == level
        assert one.known("key").exactly({"{1}": 0.5, "{2}": 0.0}) == SumLevel(None, -math.inf)
        assert one.known("other").exactly(gains) is None


def test_what_is_learned_again_is_not_written_again(store):
    kept = Memory(store)
    kept.learn("key", {"{1}": 0.5}, SumLevel(-20.0, -3.0))
    store.clear()
    kept.learn("key", {"{1}": 0.5}, SumLevel(-20.0, -3.0))
    assert store.inventory().records == 0


def test_nobody_needs_the_sketch_of_a_sum(kept):
    kept.remember("key", measurement(), None)
    assert kept.recall("key") is not None
    assert kept.sketch("key") is None


def test_another_process_knows_it_too(store):
    Memory(store).remember("key", measurement(), SKETCH)
    later = Memory(Store(store.folder))
    assert later.recall("key").trace.powers.tolist() == [1.0] * 10
    assert later.sketch("key").hops.tolist() == [0]


def test_what_goes_from_the_disk_is_still_held(store):
    kept = Memory(store)
    kept.remember("key", measurement(), SKETCH)
    store.clear()
    assert kept.recall("key") is not None
    assert kept.sketch("key") is None


def test_a_memory_without_a_disk_holds_sketches_as_well(tmp_path, caplog):
    caplog.set_level(logging.WARNING, "reaper_automix")  # a quiet command may have turned it down
    (tmp_path / "kept").write_text("no folder")
    kept = Memory(Store(tmp_path / "kept"))
    kept.remember("key", measurement(), SKETCH)
    assert kept.recall("key") is not None
    assert kept.sketch("key") is not None
    assert len(caplog.records) == 1


def test_a_spoilt_record_is_measured_again(store):
    Memory(store).remember("key", measurement(), SKETCH)
    for path in store.folder.rglob("*.measurement"):
        path.write_bytes(path.read_bytes()[:-1])
    again = Memory(store)
    assert again.recall("key") is None
    again.remember("key", measurement(), SKETCH)
    assert Memory(store).recall("key") is not None


def test_what_was_not_asked_for_longest_is_forgotten_first():
    one = measurement(hops=1000)
    kept = Memory(most_bytes=80_000)
    for key in "abc":
        kept.remember(key, one, SKETCH)
    kept.recall("a")
    kept.remember("d", one, SKETCH)
    assert [key for key in "abcd" if kept.recall(key)] == ["a", "c", "d"]


def test_the_same_again_takes_no_more_room():
    kept = Memory(most_bytes=55_000)
    kept.remember("a", measurement(hops=1000), SKETCH)
    for _ in range(5):
        kept.remember("b", measurement(hops=1000), SKETCH)
    assert kept.recall("a")


def test_threads_share_a_memory(store):
    kept = Memory(store, most_bytes=50_000)
    wrong = []

    def use(name):
        for number in range(100):
            key = f"{name}{number % 7}"
            kept.remember(key, measurement(float(number % 7)), SKETCH)
            found = kept.recall(key)
            if found is None or found.features.lufs != number % 7:
                wrong.append(key)

    threads = [threading.Thread(target=use, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_the_users_memory_is_where_the_environment_says(own_cache):
    memory.opened().remember("key", measurement(), SKETCH)
    assert memory.opened().recall("key") is not None
    assert Store(own_cache).inventory().records == 2


def test_without_a_folder_the_users_memory_is_that_of_one_process(monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "")
    memory.opened().remember("key", measurement(), SKETCH)
    assert memory.opened().recall("key") is None


# Headers


class Probe:
    """Opens files, and counts that."""

    def __init__(self, answer=INFO):
        self.answer = answer
        self.opened = []

    def __call__(self, file):
        self.opened.append(Path(file).name)
        return self.answer


@pytest.fixture
def files(tmp_path):
    folders = [tmp_path / "song", tmp_path / "samples"]
    paths = [folder / f"{name}.wav" for folder in folders for name in "ab"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"sound")
    return [str(path) for path in paths]


def test_known_files_are_not_opened_again_by_any_process(kept, files):
    first, again = Probe(), Probe()
    assert kept.headers(files, first) == dict.fromkeys(files, INFO)
    assert kept.headers(files, again) == dict.fromkeys(files, INFO)
    assert (len(first.opened), again.opened) == (4, [])


def test_another_process_opens_no_known_file(store, files):
    Memory(store).headers(files, Probe())
    again = Probe()
    assert Memory(store).headers(files, again) == dict.fromkeys(files, INFO)
    assert not again.opened


@pytest.mark.parametrize("what", ["ANALYSIS", "__version__"])
def test_a_program_that_may_read_otherwise_opens_them_again(kept, files, monkeypatch, what):
    kept.headers(files, Probe())
    monkeypatch.setattr(keys, what, "another")
    again = Probe("It is read otherwise now.")
    assert kept.headers(files, again) == dict.fromkeys(files, again.answer)


def test_one_record_holds_the_files_of_a_folder(store, files):
    Memory(store).headers(files, Probe())
    assert store.inventory().kinds[kinds.HEADERS.name][0] == 2


def longer(path):
    path.write_bytes(b"longer sound")


def later(path):
    os.utime(path, ns=(0, 0))


def gone(path):
    path.unlink()


@pytest.mark.parametrize("change", [longer, later, gone])
def test_files_that_changed_or_went_are_opened_again(kept, files, change):
    kept.headers(files, Probe())
    change(Path(files[0]))
    again = Probe("It is another now.")
    found = kept.headers(files, again)
    assert again.opened == ["a.wav"]
    assert found == {**dict.fromkeys(files, INFO), files[0]: "It is another now."}


def test_what_cannot_be_read_is_tried_every_time(kept, files):
    for _ in range(2):
        probe = Probe("It may not be read by this user.")
        kept.headers(files, probe)
        assert len(probe.opened) == 4
    assert kept.headers(files, Probe()) == dict.fromkeys(files, INFO)


def test_files_that_are_gone_do_not_stay_in_the_record(store, files):
    kept = Memory(store)
    kept.headers(files[:2], Probe())
    Path(files[0]).unlink()
    Path(files[0]).with_name("c.wav").write_bytes(b"new")
    kept.headers([files[1], str(Path(files[0]).with_name("c.wav"))], Probe())
    key = folder_key(str(Path(files[0]).parent))
    assert [Path(name).name for name in store.get(kinds.HEADERS, key)] == ["b.wav", "c.wav"]


def test_a_probe_that_stops_leaves_nothing_half_known(store, files):
    def stop(file):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Memory(store).headers(files, stop)
    assert store.inventory().records == 0


@pytest.mark.parametrize("name", ["\udcff.wav", "nul\0.wav"])
def test_files_that_cannot_be_named_are_only_told_to_be_unreadable(kept, name):
    found = kept.headers([name], Probe("There is no such file."))
    assert found == {name: "There is no such file."}


def test_a_survey_that_knows_its_files_says_the_same_and_opens_none(store, tmp_path):
    sounds = [track(tmp_path, "A", tone(440, 0.1)), track(tmp_path, "B", noise(0.1))]
    broken = track(tmp_path, "C", tone(440, 0.1))
    song = session(*sounds, broken)
    write(tmp_path, "C", np.zeros((1, 0), np.float32))
    beats = []
    plain = render.survey(song)
    first = render.survey(song, None, lambda: beats.append(1), Memory(store).headers)
    assert len(beats) == 3
    again = render.survey(song, None, lambda: beats.append(1), Memory(store).headers)
    assert len(beats) == 4
    assert plain == first == again
