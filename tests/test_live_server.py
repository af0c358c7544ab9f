"""The server inside REAPER: whom it serves, what it resolves, and what cannot stop it."""

import json
import os
import socket
import stat
import struct
from contextlib import contextmanager

import pytest

import live_reaper
import reaper_songs
from live_reaper import Raw, wait_until

TOKEN_REFUSED = "The live bridge does not know this token."
SERVER = "__import__('sys').modules['automix_live']._running[0].server"
LIMITS = "__import__('sys').modules['automix_live_server']"
NO_FUNCTION = "The live bridge has no such function."


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sérver")
    path = reaper_songs.make_song(folder, reaper_songs.EVERY_KIND)
    rig = live_reaper.start(folder, path)
    yield rig
    rig.host.kill()


@pytest.fixture
def token(rig):
    return rig.announced["token"]


@contextmanager
def limit(rig, name, value):
    """The server with another limit."""
    usual = rig.host.ask("look", f"{LIMITS}.{name}")
    rig.host.ask("run", f"{LIMITS}.{name} = {value}")
    yield
    rig.host.ask("run", f"{LIMITS}.{name} = {usual}")


def is_serving(rig):
    """Whether an honest client gets an answer."""
    with rig.live() as project:
        return project.status()["tracks"] == 19


def test_the_way_to_it_is_for_this_user_alone(rig):
    file = rig.spool / "live.json"
    assert set(rig.announced) == {"protocol", "version", "port", "token", "pid", "reaper"}
    assert len(rig.announced["token"]) == 64
    assert rig.announced["pid"] == rig.host.process.pid
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_it_listens_to_this_machine_only(rig):
    bound = rig.host.ask("look", f"{SERVER}._socket.getsockname()")
    assert bound == ["127.0.0.1", rig.announced["port"]]


def test_a_call_needs_the_token(rig, token):
    with Raw(rig) as client:
        for wrong in ([], [""], [token[:-1]], [token + "0"], ["ü"], [None], [[token]], [{}]):
            assert client.call("status", *wrong)["value"] == {"refused": TOKEN_REFUSED}
        assert client.call("status", token)["value"]["tracks"] == 19


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("subprocess", "getoutput"),
        ("os", "system"),
        ("builtins", "exec"),
        ("automix_live", "stop"),
        ("automix_live", "__init__"),
        ("automix_live", "FUNCTIONS"),
        ("automix_live_calls", "status"),
        ("reaper_python", "RPR_ShowConsoleMsg"),
        ("reapy.reascript_api", "ShowConsoleMsg"),
        ("not.there", "nothing"),
    ],
)
def test_no_other_function_is_resolved(rig, token, tmp_path, module, name):
    witness = tmp_path / "was here"
    with Raw(rig) as client:
        for arguments in ([f"touch '{witness}'"], [token, f"touch '{witness}'"]):
            answer = client.call(name, *arguments, module=module)
            assert answer == {"type": "result", "value": {"refused": NO_FUNCTION}}
    assert not witness.exists()
    assert "touch" not in rig.host.console()


def test_reapys_own_connect_call_is_answered_with_no_names(rig):
    with Raw(rig) as client:
        answer = client.call("_get_api_names", module="reapy.reascript_api")
        assert answer == {"type": "result", "value": []}


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"null",
        b"[]",
        b'"HOLD"',
        b"{}",
        b"[" * 100_000,
        b'{"function": null, "input": null}',
        b'{"function": "RELEASE", "input": null}',
        b'{"function": "status", "input": {"args": 3}}',
        b'{"function": {"module_name": [], "name": {}}, "input": {"args": "ab"}}',
        b'{"function": {"__reapy__": true, "class": "Project", "args": [], "kwargs": {}}}',
        b'{"function": {"__callable__": true}, "input": {"kwargs": {"x": NaN}}}',
    ],
)
def test_nonsense_is_refused_and_the_connection_lives(rig, token, request_):
    with Raw(rig) as client:
        answer = client.ask(request_) if request_ else client.ask(b" ")
        assert answer == {"type": "result", "value": {"refused": NO_FUNCTION}}
        assert client.call("status", token)["value"]["tracks"] == 19


def test_an_impossible_length_ends_the_connection_and_nothing_else(rig):
    with Raw(rig) as client:
        client.socket.sendall(struct.pack("<Q", 1 << 60))
        assert client.is_hung_up_on()
    assert is_serving(rig)


def test_half_a_request_does_not_hold_up_the_others(rig, token):
    with Raw(rig) as slow:
        slow.socket.sendall(struct.pack("<Q", 1000) + b"{")
        assert is_serving(rig)
        rest = json.dumps({"function": "HOLD", "input": None}).encode()
        slow.socket.sendall(rest.ljust(999)[1:].rjust(999))
        assert "refused" in json.loads(slow.receive())["value"]


def test_a_request_in_pieces_is_taken_when_it_is_whole(rig, token):
    function = {"__callable__": True, "module_name": "automix_live", "name": "status"}
    data = json.dumps({"function": function, "input": {"args": [token], "kwargs": {}}}).encode()
    with Raw(rig) as client:
        for byte in len(data).to_bytes(8, "little") + data:
            client.socket.sendall(bytes([byte]))
        assert json.loads(client.receive())["value"]["tracks"] == 19


def test_requests_sent_at_once_are_answered_in_order(rig, token):
    with Raw(rig) as client:
        for name in ("status", "nonsense", "status"):
            function = {"__callable__": True, "module_name": "automix_live", "name": name}
            client.send({"function": function, "input": {"args": [token], "kwargs": {}}})
        answers = [json.loads(client.receive())["value"] for _ in range(3)]
    assert ["refused" in answer for answer in answers] == [False, True, False]


def test_a_client_that_hangs_up_at_once_harms_nobody(rig):
    for _ in range(5):
        socket.create_connection(("127.0.0.1", rig.announced["port"])).close()
        abrupt = socket.create_connection(("127.0.0.1", rig.announced["port"]))
        abrupt.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        abrupt.close()
    assert is_serving(rig)


def test_a_client_that_never_reads_is_hung_up_on(rig, token):
    function = {"__callable__": True, "module_name": "automix_live", "name": "snapshot"}
    request = {"function": function, "input": {"args": [token], "kwargs": {}}}
    with limit(rig, "SEND_S", 0.1), Raw(rig) as deaf:
        for _ in range(400):  # more answers than all buffers take
            deaf.send(request)
        wait_until(lambda: rig.host.ask("look", f"len({SERVER}.connections)") == 0)
        assert is_serving(rig)


def test_wrong_arguments_give_a_traceback_and_no_end(rig, token):
    with Raw(rig) as client:
        for name in ("apply", "group"):
            answer = client.call(name, token)
            assert answer["type"] == "error"
            assert "TypeError" in answer["traceback"]
    assert is_serving(rig)


def test_hold_is_for_clients_that_know_the_token(rig, token):
    hold = {"function": "HOLD", "input": None}
    with Raw(rig) as client:
        assert "refused" in client.ask(hold)["value"]
        client.call("status", token)
        assert client.ask(hold) == {"type": "result", "value": None}
        assert client.call("status", token)["value"]["tracks"] == 19
        assert "refused" in client.ask(hold)["value"]
        released = client.ask({"function": "RELEASE", "input": None})
        assert released == {"type": "result", "value": None}
        assert is_serving(rig)


def test_a_client_that_dies_in_hold_lets_go(rig, token):
    with Raw(rig) as client:
        client.call("status", token)
        client.ask({"function": "HOLD", "input": None})
    assert is_serving(rig)


def test_a_hold_that_is_forgotten_ends_by_itself(rig, token):
    with limit(rig, "HOLD_S", 0.2), Raw(rig) as client:
        client.call("status", token)
        client.ask({"function": "HOLD", "input": None})
        assert client.is_hung_up_on()
    assert is_serving(rig)


def test_strangers_are_sent_off(rig):
    with limit(rig, "STRANGER_S", 0.2), Raw(rig) as stranger:
        assert stranger.is_hung_up_on()


def test_there_is_a_limit_to_clients(rig):
    guests = [Raw(rig) for _ in range(8)]
    with Raw(rig) as one_too_many:
        assert one_too_many.is_hung_up_on()
    for guest in guests:
        guest.socket.close()
    wait_until(lambda: _answers(rig))


def _answers(rig):
    try:
        return is_serving(rig)
    except Exception:
        return False


def test_the_file_goes_when_the_bridge_ends(tmp_path):
    rig = live_reaper.start(tmp_path)
    assert (rig.spool / "live.json").exists()
    assert rig.host.close() == 0
    assert list(rig.spool.iterdir()) == []


def test_the_file_of_a_newer_bridge_stays(tmp_path):
    older = live_reaper.start(tmp_path)
    (older.spool / "live.json").write_text('{"port": 1}', "utf-8")
    older.host.close()
    assert older.announced == {"port": 1}


def test_without_an_installation_the_action_says_what_to_do(tmp_path):
    script = live_reaper.install(tmp_path / "REAPER", tmp_path / "spool")
    (script.parent / "lib" / "installation.json").unlink()
    with live_reaper.PythonHost(tmp_path / "REAPER", script) as host:
        said = host.console()
    assert said.startswith("Automix: The live bridge cannot start")
    assert "run reaper-automix install in a terminal" in said
    assert said.count("\n") == 1


def test_a_bug_in_a_tick_is_shown_once_and_the_bridge_goes_on(tmp_path):
    rig = live_reaper.start(tmp_path)
    with rig.host as host:
        host.ask("run", f"_faults = []; _serve = {SERVER}.serve")
        host.ask("run", f"{SERVER}.serve = lambda: _faults.append(1) or 1 / 0")
        wait_until(lambda: host.ask("look", "len(_faults)") > 3)
        assert host.console().count("ZeroDivisionError") == 1
        host.ask("run", f"{SERVER}.serve = _serve")
        with rig.live() as project:
            assert project.status()["tracks"] == 0
