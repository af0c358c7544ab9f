"""Batches on a cluster: a real one of Dask with two workers, and every way to miss one."""

import json
import os
import socket
import sys
from functools import partial
from types import ModuleType, SimpleNamespace

import joblib
import psutil
import pytest
from joblib._parallel_backends import ThreadingBackend

from reaper_automix import cli, cluster, settings
from reaper_automix.batch import How, each_song
from reaper_automix.cluster import each
from reaper_automix.errors import AutomixError
from signals import noise
from songs import write

UNTIMELY = ("created", "elapsed_s")
"""What differs between two accounts of one balance."""

LOOPBACK = ("127.0.0.1", "::1")


@pytest.fixture(scope="module")
def scheduler():
    """The address of a scheduler with two workers on this machine."""
    dask = pytest.importorskip("dask", reason="dask is in the extra 'test'")
    from distributed import LocalCluster

    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(
            2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as workers,
    ):
        yield workers.scheduler_address


@pytest.fixture
def album(tmp_path, monkeypatch):
    """Three songs of two stems; the first one is the longest."""
    monkeypatch.setattr(settings, "user_file", lambda: tmp_path / "none.toml")
    for number in range(3):
        for level_db in (-20, -26):
            sound = noise(3.0 - number, level_db - number, seed=-level_db)
            write(tmp_path / "album" / f"song {number}", f"stem {level_db}", sound)
    return tmp_path / "album"


@pytest.fixture
def balance(album, capsys):
    """Balances the album without writing; its exit code, the account of each song, and stderr."""

    def run(*options):
        code = cli.run(
            ["balance", str(album), "--method", "lufs", "--dry-run", "--json", "--quiet", *options]
        )
        out, err = capsys.readouterr()
        accounts = [json.loads(line) for line in out.splitlines()]
        return code, [timeless(account) for account in accounts], err

    return run


def timeless(account):
    return {name: value for name, value in account.items() if name not in UNTIMELY}


def names(accounts):
    return [account["name"] for account in accounts]


def name_of(song, progress):
    """The work of a worker that fails as the song is called."""
    if song.name == "bug":
        raise ZeroDivisionError("a bug")
    return f"{song.name} in {os.getpid()}"


def doubled(number):
    return 2 * number


def end_at_once(number):
    os._exit(1)


# Laws


def rounded(value):
    """Numbers to five digits: products of matrices round as the threads do that make them."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(inner) for inner in value]
    return pytest.approx(value, rel=1e-5, abs=1e-5) if isinstance(value, float) else value


def test_a_cluster_makes_no_difference(balance, scheduler):
    here, there = balance("--jobs", "1"), balance("--scheduler", scheduler)
    assert rounded(here) == list(there)
    assert names(there[1]) == ["song 0", "song 1", "song 2"]


def test_results_come_in_order(scheduler):
    assert list(each(doubled, range(20), scheduler)) == list(map(doubled, range(20)))
    assert list(each(doubled, range(20))) == list(map(doubled, range(20)))


def test_without_a_cluster_a_song_is_begun_when_the_one_before_it_is_told():
    begun = []
    outcomes = each(doubled, (begun.append(number) or number for number in range(3)))
    assert (next(outcomes), begun) == (0, [0])
    assert (next(outcomes), begun) == (2, [0, 1])


# What is written, and what fails


def test_results_stand_where_they_would_without_a_cluster(
    album, scheduler, monkeypatch, capsys, tmp_path
):
    monkeypatch.chdir(tmp_path)
    options = ["--method", "lufs", "--out", "out", "--scheduler", scheduler]
    assert cli.run(["balance", "album", *options]) == 0
    assert "2 of 3: " in capsys.readouterr().err
    for number in range(3):
        assert (tmp_path / "out" / f"song {number}-automix" / "results.json").is_file()


def test_a_song_that_fails_does_not_stop_the_others(balance, album, scheduler):
    (album / "song 0" / settings.FILE_NAME).write_text("strength = 7")
    for stem in (album / "song 1").iterdir():
        stem.write_bytes(b"no sound")
    code, accounts, err = balance("--scheduler", scheduler)
    assert (code, names(accounts)) == (6, ["song 2"])
    assert "2 of 3 songs failed, the others are done." in err
    assert "strength cannot be 7" in err
    assert "song 1 has no track with sound that can be measured" in err


def test_a_bug_on_a_worker_keeps_its_traceback(tmp_path, scheduler, capsys):
    for name in ("bug", "fine"):
        write(tmp_path / name, "a", noise(0.1))
    told = []
    code = each_song(tmp_path, {}, name_of, lambda made, how: told.append(made), How(), scheduler)
    assert (code, len(told)) == (1, 1)
    assert told[0].startswith("fine in ")
    assert told[0] != f"fine in {os.getpid()}"
    assert "ZeroDivisionError: a bug" in capsys.readouterr().err


def test_one_song_can_be_done_by_a_cluster(album, scheduler, capsys):
    assert cli.run(["inspect", str(album / "song 1"), "--scheduler", scheduler]) == 0
    assert "stem -20" in capsys.readouterr().out


def test_a_worker_that_dies_is_one_sentence(scheduler):
    with pytest.raises(AutomixError, match=r"^The cluster at \S+ broke off \(.+try again\.$"):
        list(each(end_at_once, [1], scheduler))


def test_nothing_listens_beyond_this_machine(scheduler):
    for _ in each(doubled, [1], scheduler):
        lines = psutil.Process().net_connections("tcp")
        assert {line.laddr.ip for line in lines if line.status == "LISTEN"} <= {*LOOPBACK}


# No cluster


def closed_port():
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return line.getsockname()[1]


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:{port}", "127.0.0.1:{port}", "nowhere", "foo://there:1", "::"]
)
def test_a_scheduler_that_is_not_there_is_one_sentence(balance, monkeypatch, address):
    monkeypatch.setattr(cluster, "CONNECT_S", 0.2)
    address = address.format(port=closed_port())
    code, accounts, err = balance("--scheduler", address)
    assert (code, accounts) == (2, [])
    assert err.startswith(f"reaper-automix: There is no scheduler at {address} (")
    assert err.endswith("; check the address of --scheduler.\n")


@pytest.mark.parametrize(
    ("module", "address", "install"),
    [
        ("distributed", "tcp://127.0.0.1:8786", "'reaper-automix[cluster]'"),
        ("ray", "ray://127.0.0.1:10001", "'ray[client]'"),
    ],
)
def test_what_is_not_installed_is_named(balance, monkeypatch, module, address, install):
    monkeypatch.setitem(sys.modules, module, None)
    code, _, err = balance("--scheduler", address)
    assert code == 2
    assert err.endswith(f"which is not installed; run: pip install {install}.\n")
    assert len(err.splitlines()) == 1


def test_a_cluster_leaves_no_room_for_jobs(balance):
    code, _, err = balance("--scheduler", "tcp://127.0.0.1:8786", "--jobs", "2")
    assert code == 2
    assert "--scheduler leaves no room for --jobs" in err


# Ray, which is a double here


@pytest.fixture
def ray(monkeypatch):
    """What is asked of ray; its backend of joblib is joblib's own for threads."""
    asked = []
    module = ModuleType("ray")
    module.init = lambda address: asked.append(address)
    module.shutdown = lambda: asked.append("shut down")
    register = partial(joblib.register_parallel_backend, "ray", ThreadingBackend)
    monkeypatch.setitem(sys.modules, "ray", module)
    monkeypatch.setitem(sys.modules, "ray.util", ModuleType("ray.util"))
    monkeypatch.setitem(sys.modules, "ray.util.joblib", SimpleNamespace(register_ray=register))
    return asked


def test_an_address_of_ray_goes_to_ray(ray):
    assert list(each(doubled, range(5), "ray://there:10001")) == [0, 2, 4, 6, 8]
    assert ray == ["ray://there:10001", "shut down"]
