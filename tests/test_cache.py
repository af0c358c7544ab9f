"""What was measured is kept: bit for bit, bounded, and not trusted where anything is wrong."""

import logging
import os
import struct
import subprocess
import sys
import time
from dataclasses import is_dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reaper_automix import cache
from reaper_automix.cache import content, record
from reaper_automix.cache.kinds import KINDS, Kind
from reaper_automix.cache.store import BROKEN_OFF_AFTER_S, FREED, USED_EVERY_S, WRITERS, Store

TEXT = Kind("text", str, len)
BLOCK = Kind("block", bytes, len)
LIMIT = 200_000
SOME = b"x" * 1000

# Counts of 64 bits are enough for everything that is kept.
st.register_type_strategy(int, st.integers(-(2**63), 2**63 - 1))


def bits(value):
    """All of a value as what can be compared, numbers bit for bit."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tobytes()
    if is_dataclass(value):
        return type(value), [bits(getattr(value, name)) for name in value.__match_args__]
    if isinstance(value, dict):
        return {key: bits(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return tuple(map(bits, value))
    return struct.pack("<d", value) if isinstance(value, float) else (type(value), value)


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


def aged(path, seconds):
    used_s = time.time() - seconds
    os.utime(path, (used_s, used_s))


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "kept", LIMIT)


@pytest.fixture
def only(store):
    """The file of a record, and how its value is asked for."""
    store.put(TEXT, "key", "what was kept")
    (path,) = files(store.folder)
    return path, lambda: store.get(TEXT, "key")


# Round trip


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@given(data=st.data())
@settings(max_examples=20)
def test_every_kind_comes_back_bit_for_bit(kind, data):
    value = data.draw(st.from_type(kind.type))
    assert bits(kind.decode(memoryview(kind.encode(value)))) == bits(value)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@given(data=st.data())
@settings(max_examples=5)
def test_every_kind_knows_its_weight_in_memory(kind, data):
    assert kind.weigh(data.draw(st.from_type(kind.type))) >= 0


@given(value=st.floats() | st.none())
def test_numbers_come_back_bit_for_bit(value):
    assert bits(content.load(content.dump(value), float | None)) == bits(value)


def test_arrays_come_back_read_only_whatever_their_order():
    array = np.arange(6, dtype=">f4").reshape(2, 3).T
    back = content.load(content.dump(array), np.ndarray)
    assert back.tolist() == array.tolist()
    assert back.dtype == "<f4"
    assert not back.flags.writeable


def test_numbers_of_numpy_are_kept_as_plain_ones():
    assert content.load(content.dump((np.float64(0.1), np.int32(3))), tuple[float, int]) == (0.1, 3)


def test_what_is_neither_plain_nor_numbers_is_not_kept():
    with pytest.raises(NotImplementedError):
        content.dump(object())


@pytest.mark.parametrize(
    "written",
    [("<f4", (3,), b"12345678"), ("<f4", (-1, 3), b"1234"), ("|O", (1,), b"12345678"), ("<f4",), 1],
    ids=["too short", "no shape", "objects", "cut", "no array"],
)
def test_an_array_that_does_not_fit_is_refused(written):
    with pytest.raises(content.Refused):
        content.load(content.dump(written), np.ndarray)


# Nothing is trusted


def test_what_is_kept_is_known_to_another_store_on_the_folder(store):
    assert store.get(TEXT, "key") is None
    assert store.put(TEXT, "key", "first")
    assert store.put(TEXT, "key", "second")
    assert Store(store.folder).get(TEXT, "key") == "second"
    assert len(files(store.folder)) == 1


@given(at=st.integers(0, 10**6), bit=st.integers(0, 7))
def test_one_bit_that_is_wrong_anywhere_is_noticed(at, bit):
    sound = record.sealed("text", "key", b"some content")
    broken = bytearray(sound)
    broken[at % len(broken)] ^= 1 << bit
    with pytest.raises(record.Untrusted):
        record.unsealed(bytes(broken), "text", "key")
    assert record.unsealed(sound, "text", "key") == b"some content"


def test_a_record_that_is_cut_or_goes_on_is_noticed():
    sound = record.sealed("text", "key", b"some content")
    for wrong in (*(sound[:end] for end in range(len(sound))), sound + b"\0"):
        with pytest.raises(record.Untrusted):
            record.unsealed(wrong, "text", "key")


def other_version(path):
    sound = path.read_bytes()
    path.write_bytes(sound[:8] + struct.pack("<I", record.FORMAT + 1) + sound[12:])


def of_another_key(path):
    path.write_bytes(record.sealed("text", "another", TEXT.encode("theirs")))


def of_another_kind(path):
    path.write_bytes(record.sealed("block", "key", BLOCK.encode(b"what was kept")))


def of_another_type(path):
    path.write_bytes(record.sealed("text", "key", content.dump(1.5)))


UNTRUSTED = {
    "empty": lambda path: path.write_bytes(b""),
    "foreign": lambda path: path.write_bytes(b"RIFF\0\0\0\0WAVEfmt " * 100),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "another version": other_version,
    "another key": of_another_key,
    "another kind": of_another_kind,
    "another type": of_another_type,
}


@pytest.mark.parametrize("spoil", UNTRUSTED.values(), ids=UNTRUSTED)
def test_what_cannot_be_trusted_is_not_known_and_goes(only, spoil, caplog):
    path, ask = only
    spoil(path)
    assert ask() is None
    assert not path.exists()
    assert not caplog.records


def test_a_folder_in_the_place_of_a_record_is_not_known(only, store):
    path, ask = only
    path.unlink()
    path.mkdir()
    assert ask() is None
    assert not store.put(TEXT, "key", "again")


# What cannot be kept


def test_names_that_are_no_text_are_keys_and_values_that_have_them_are_not_kept(store, caplog):
    assert store.put(TEXT, "\udcff", "value")
    assert store.get(TEXT, "\udcff") == "value"
    assert not store.put(TEXT, "key", "\udcff")
    assert not caplog.records


def refuse(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def _warnings_are_heard(caplog):
    caplog.set_level(logging.WARNING, "reaper_automix")  # a quiet command line turns them off


def said(caplog):
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_full_disk_is_said_once_and_nothing_else_happens(store, caplog, monkeypatch):
    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)
    assert not store.put(TEXT, "key", "value")
    assert not store.put(TEXT, "other", "value")
    assert store.get(TEXT, "key") is None
    (sentence,) = said(caplog)
    assert str(store.folder) in sentence
    assert "No space left on device" in sentence
    assert not files(store.folder)


def test_a_file_in_the_place_of_the_folder_is_said_once(tmp_path, caplog):
    (tmp_path / "kept").write_text("a file")
    store = Store(tmp_path / "kept")
    assert not store.put(TEXT, "key", "value")
    assert store.get(TEXT, "key") is None
    assert store.inventory().records == 0
    assert len(said(caplog)) == 1


def test_what_somebody_reads_stays_as_it_is_on_windows(only, store, monkeypatch, caplog):
    def held_open(*_):
        raise PermissionError(13, "Access is denied")

    monkeypatch.setattr("pathlib.Path.replace", held_open)
    assert store.put(TEXT, "key", "new")
    assert store.get(TEXT, "key") == "what was kept"
    assert len(files(store.folder)) == 1
    assert not said(caplog)
    assert not store.put(TEXT, "other", "new")


def test_a_folder_that_goes_while_a_record_is_written_is_made_again(store, monkeypatch):
    write, gone = type(store.folder).write_bytes, []

    def removed_first(path, data):
        if not gone:
            gone.append(path.parent.rmdir())
        return write(path, data)

    monkeypatch.setattr("pathlib.Path.write_bytes", removed_first)
    assert store.put(TEXT, "key", "value")
    assert store.get(TEXT, "key") == "value"


# Bounds


def fill(store, count, size=10_000, start=0):
    for number in range(start, start + count):
        store.put(BLOCK, str(number), bytes(size))


def test_a_store_keeps_within_its_bounds_at_every_moment(store):
    for number in range(60):
        fill(store, 1, start=number)
        assert store.inventory().bytes <= LIMIT
    assert store.inventory().bytes > LIMIT / 2
    assert store.get(BLOCK, "59") == bytes(10_000)
    assert store.get(BLOCK, "0") is None


def test_what_was_not_used_for_longest_goes_first(store):
    fill(store, 15)
    for age, path in enumerate(files(store.folder)):
        aged(path, USED_EVERY_S + 10 + age)
    assert store.get(BLOCK, "7")
    fill(store, 12, start=100)
    assert store.get(BLOCK, "7")
    assert sum(store.get(BLOCK, str(number)) is not None for number in range(15)) < 8


def test_that_a_record_is_used_is_noted_once_an_hour(only):
    path, ask = only
    aged(path, USED_EVERY_S + 10)
    ask()
    assert time.time() - path.stat().st_mtime < 60
    aged(path, USED_EVERY_S - 60)
    before = path.stat().st_mtime_ns
    ask()
    assert path.stat().st_mtime_ns == before


def test_all_records_are_counted_now_and_then_only(store, monkeypatch):
    counted = []
    monkeypatch.setattr(store, "make_room", lambda: counted.append(1))
    fill(store, 26, size=1000)
    assert len(counted) == 1 + 25 * 1100 // (LIMIT // FREED // WRITERS)


def test_some_that_write_at_once_keep_within_the_bounds_together(store):
    writers = [Store(store.folder, LIMIT) for _ in range(WRITERS)]
    for number in range(300):
        fill(writers[number % WRITERS], 1, size=900, start=number)
        assert store.inventory().bytes <= LIMIT
    assert store.inventory().bytes > LIMIT / 2


def test_what_was_broken_off_long_ago_goes_and_what_is_being_written_stays(store):
    store.put(TEXT, "key", "value")
    (path,) = files(store.folder)
    old, new = (path.with_name(f"{path.name}.{part}.part") for part in ("0123abcd", "0123abce"))
    for part in (old, new):
        part.write_bytes(SOME)
    aged(old, BROKEN_OFF_AFTER_S + 10)
    store.make_room()
    assert files(store.folder) == [path, new]


# Inventory and clearing


def test_the_inventory_counts_by_kind(store):
    assert store.inventory() == cache.Inventory(0, 0, {}, None)
    fill(store, 3, size=100)
    store.put(TEXT, "0", "text")
    oldest, *_ = files(store.folder)
    aged(oldest, 1000)
    found = store.inventory()
    assert found.records == 4
    assert found.bytes == sum(path.stat().st_size for path in files(store.folder))
    assert {kind: count for kind, (count, _) in found.kinds.items()} == {"block": 3, "text": 1}
    assert found.oldest_s == oldest.stat().st_mtime


def test_clearing_removes_what_is_ours_and_nothing_else(store):
    fill(store, 3, size=100)
    ours = files(store.folder)
    theirs = [store.folder / "song.wav", ours[0].parent / "notes.txt", store.folder / "ab.txt"]
    for path in theirs:
        path.write_bytes(SOME)
    ours[0].with_name(f"{ours[0].name}.0123abcd.part").write_bytes(SOME)
    gone, stuck = store.clear()
    assert (gone.records, stuck.records) == (3, 0)
    assert files(store.folder) == sorted(theirs)


def test_a_folder_that_was_all_ours_goes_as_well(store):
    fill(store, 3, size=100)
    gone, stuck = store.clear()
    assert (gone.records, stuck.records) == (3, 0)
    assert not store.folder.exists()
    assert [one.records for one in store.clear()] == [0, 0]


def test_what_cannot_be_removed_is_not_told_as_gone(store, monkeypatch):
    fill(store, 3, size=100)
    first, *_ = files(store.folder)
    unlink = Path.unlink

    def guarded(path, **how):
        if path != first:
            raise PermissionError(path)
        unlink(path, **how)

    monkeypatch.setattr(Path, "unlink", guarded)
    gone, stuck = store.clear()
    assert (gone.records, stuck.records) == (1, 2)
    assert len(files(store.folder)) == 2


# Many processes at once

CROWD = """
import sys
from pathlib import Path
from reaper_automix.cache.kinds import Kind
from reaper_automix.cache.store import Store

kind, store, count = Kind("block", bytes, len), Store(Path(sys.argv[1]), 200_000), int(sys.argv[2])
print("ready", flush=True)
for number in range(count):
    key = str(number % 40)
    store.put(kind, key, key.encode() * 5000)
    found = store.get(kind, str((number * 7) % 40))
    assert found is None or found == str((number * 7) % 40).encode() * 5000
    if number % 50 == 49:
        store.clear()
"""


def crowd(store, rounds):
    process = subprocess.Popen(
        [sys.executable, "-c", CROWD, str(store.folder), str(rounds)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def test_processes_write_read_evict_and_clear_at_once(store):
    processes = [crowd(store, 200) for _ in range(2)]
    for process in processes:
        _, told = process.communicate(timeout=60)
        assert (process.returncode, told) == (0, "")
    assert store.inventory().bytes <= LIMIT + 2 * LIMIT // 16
    assert all(path.suffix == ".block" for path in files(store.folder))


def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_is_believed(store):
    process = crowd(store, 10**9)
    time.sleep(0.2)
    process.kill()
    process.communicate()
    for number in range(40):
        assert store.get(BLOCK, str(number)) in (None, str(number).encode() * 5000)
    fill(store, 40)
    assert all(store.get(BLOCK, str(number)) for number in range(39, 30, -1))


# Where it is


def test_the_environment_says_where_and_how_much(monkeypatch, tmp_path):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "1.5")
    found = cache.kept()
    assert (found.folder, found.most_bytes) == (tmp_path, 1_500_000)


@pytest.mark.parametrize("said", ["", "plenty", "nan", "inf"])
def test_a_limit_that_is_no_number_does_not_count(monkeypatch, tmp_path, said):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(cache.LIMIT_VARIABLE, said)
    assert cache.kept().most_bytes == Store(tmp_path).most_bytes


def test_what_is_wrong_with_the_environment_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "500")
    assert not list(cache.obstacles())
    file = tmp_path / "file"
    file.write_text("mine")
    monkeypatch.setenv(cache.FOLDER_VARIABLE, str(file))
    monkeypatch.setenv(cache.LIMIT_VARIABLE, "plenty")
    limit, folder = cache.obstacles()
    assert "'plenty'" in limit
    assert str(file) in folder
    assert file.read_text() == "mine"


def test_a_folder_that_cannot_be_is_said(monkeypatch):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "/" + 300 * "long")
    (folder,) = cache.obstacles()
    assert "cannot be reached" in folder


@pytest.mark.parametrize(
    ("variable", "value"), [(cache.FOLDER_VARIABLE, ""), (cache.LIMIT_VARIABLE, "0")]
)
def test_the_environment_may_forbid_to_keep_anything(monkeypatch, variable, value):
    monkeypatch.setenv(cache.FOLDER_VARIABLE, "somewhere")
    monkeypatch.setenv(variable, value)
    assert cache.kept() is None


def test_the_usual_place_is_where_the_system_may_throw_things_away(monkeypatch):
    from platformdirs import user_cache_path

    monkeypatch.delenv(cache.FOLDER_VARIABLE, raising=False)
    usual = user_cache_path("reaper-automix", appauthor=False)
    assert cache.home() == usual / "measurements"
