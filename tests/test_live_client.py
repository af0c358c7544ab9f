"""The client outside REAPER: a sentence for every way in which a call can fail."""

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

import live_reaper
import reaper_songs
from live_reaper import Raw
from reaper_automix import __version__, cli
from reaper_automix.bridge import LiveProject, probe
from reaper_automix.bridge.client import Bridge
from reaper_automix.errors import LiveError
from reaper_automix.installer import running

WHERE = {
    "protocol": 1,
    "version": __version__,
    "port": 1,
    "token": "token",
    "pid": 1,
    "reaper": "7.66/linux-x86_64",
}


@pytest.fixture(scope="module")
def rig(tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    rig = live_reaper.start(folder, reaper_songs.make_song(folder, reaper_songs.EVERY_KIND))
    yield rig
    rig.host.kill()


@pytest.fixture
def mortal(tmp_path):
    """A REAPER that the test may kill."""
    rig = live_reaper.start(tmp_path)
    yield rig
    rig.host.kill()


@pytest.fixture
def impatient(monkeypatch):
    """A client that waits no longer than it must for a greeting."""
    from reaper_automix.bridge import transport

    monkeypatch.setattr(transport, "GREETING_S", 0.1)


@pytest.fixture
def listener():
    """A port of ours where nobody speaks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def announce(folder, **changed):
    (folder / "live.json").write_text(json.dumps(WHERE | changed), "utf-8")
    return LiveProject(2.0, home=folder)


def port_of(server):
    return server.getsockname()[1]


def answering(server, *messages):
    """A thread that greets whoever comes first with these messages and hangs up."""

    def serve():
        connection, _ = server.accept()
        with connection:
            for message in messages:
                connection.sendall(len(message).to_bytes(8, "little") + message)
                connection.settimeout(0.5)
                try:
                    connection.recv(65536)
                except TimeoutError:
                    return

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_reaper_is_not_open(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "instances", tuple)
    with pytest.raises(LiveError, match=r"^REAPER is not open; start it"):
        LiveProject(home=tmp_path).status()


def test_the_command_says_so_and_has_its_own_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("REAPER_AUTOMIX_SPOOL", str(tmp_path))
    monkeypatch.setattr(running, "instances", tuple)
    assert cli.run(["live", "status"]) == 7
    assert capsys.readouterr().err.startswith("reaper-automix: REAPER is not open")


def test_reaper_is_open_without_its_bridge(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "instances", lambda: (running.Instance(1),))
    with pytest.raises(LiveError, match=r"^REAPER is open, but its live bridge is not; run"):
        LiveProject(home=tmp_path).status()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b'{"port": "x"}', b"\xff"])
def test_the_file_is_damaged(tmp_path, text):
    (tmp_path / "live.json").write_bytes(text)
    with pytest.raises(LiveError, match="does not tell how to reach REAPER"):
        LiveProject(home=tmp_path).status()


@pytest.mark.parametrize("changed", [{"version": "0.0.1"}, {"protocol": 2}])
def test_the_bridge_is_of_another_version(tmp_path, changed):
    with pytest.raises(LiveError, match=f"this is {__version__}; run reaper-automix install"):
        announce(tmp_path, **changed).status()


def test_reaper_crashed_and_left_its_file(tmp_path, listener):
    port = port_of(listener)
    listener.close()
    with pytest.raises(LiveError, match=r"^The live bridge is gone without a word"):
        announce(tmp_path, port=port).status()


@pytest.mark.usefixtures("impatient")
def test_nobody_greets(tmp_path, listener):
    with pytest.raises(LiveError, match=r"^REAPER is there but does not answer: a dialog is open"):
        announce(tmp_path, port=port_of(listener)).status()


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request", b"\xff" * 20])
def test_something_else_answers(tmp_path, listener, greeting):
    thread = answering(listener, greeting)
    with pytest.raises(LiveError, match="is not the live bridge"):
        announce(tmp_path, port=port_of(listener)).status()
    thread.join()


@pytest.mark.usefixtures("impatient")
def test_a_web_server_answers(tmp_path):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        with pytest.raises(LiveError):
            announce(tmp_path, port=server.server_port).status()
        thread.join()


@pytest.mark.parametrize("answer", [b"", b"{}", b"[1]", b'"x"', b"\xff", b'{"type": "bug"}'])
def test_what_answers_speaks_another_language(tmp_path, listener, answer):
    thread = answering(listener, b"('127.0.0.1', 1)", answer)
    with pytest.raises(LiveError, match="is not the live bridge"):
        announce(tmp_path, port=port_of(listener)).status()
    thread.join()


def test_the_token_is_of_another_session(rig, tmp_path):
    project = announce(tmp_path, **(rig.announced | {"token": "of yesterday"}))
    with project, pytest.raises(LiveError, match="does not know this token"):
        project.status()


def test_a_dialog_is_open_in_reaper(rig):
    with rig.live(0.3) as project:
        assert project.status()["tracks"] == 19
        rig.host.ask("freeze")
        with pytest.raises(LiveError, match=r"did not answer within 0\.3 s; it may still do what"):
            project.status()
        rig.host.ask("thaw")
        assert len(project.snapshot().tracks) == 19


def test_another_program_holds_reaper(rig):
    with rig.live(0.3) as project, Raw(rig) as other:
        project.status()
        other.call("status", rig.announced["token"])
        other.ask({"function": "HOLD", "input": None})
        with pytest.raises(LiveError, match=r"did not answer within 0\.3 s"):
            project.status()
        other.ask({"function": "RELEASE", "input": None})
        assert project.status()["tracks"] == 19


def test_reaper_is_killed_between_two_calls(mortal):
    with mortal.live() as project:
        project.status()
        mortal.host.kill()
        with pytest.raises(LiveError, match=r"^The live bridge is gone without a word"):
            project.status()


def test_reaper_is_killed_in_the_middle_of_a_call(mortal):
    with mortal.live() as project:
        project.status()
        mortal.host.ask("freeze")
        killer = threading.Timer(0.2, mortal.host.process.kill)
        killer.start()
        with pytest.raises(LiveError, match="ended in the middle of the call"):
            project.status()
        killer.join()


def test_reaper_is_started_again(mortal, tmp_path):
    with mortal.live() as project:
        project.status()
        mortal.host.close()
        again = live_reaper.PythonHost(
            tmp_path / "REAPER ü", tmp_path / "REAPER ü/Scripts/Automix" / live_reaper.SCRIPT
        )
        with again:
            assert project.status()["tracks"] == 0


def test_an_interrupted_call_never_answers_the_next_one(rig):
    bridge = Bridge(rig.spool, 5.0)
    path = bridge.ask("status")["path"]
    rig.host.ask("freeze")
    interrupt = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    interrupt.start()
    with pytest.raises(KeyboardInterrupt):
        bridge.ask("status")
    rig.host.ask("thaw")
    for _ in range(3):
        assert "tracks" in bridge.ask("snapshot", None)
        assert bridge.ask("status")["path"] == path
    bridge.close()


def test_a_late_answer_is_thrown_away(rig):
    bridge = Bridge(rig.spool, 0.2)
    bridge.ask("status")
    rig.host.ask("freeze")
    with pytest.raises(LiveError, match="did not answer"):
        bridge.ask("status")
    rig.host.ask("thaw")
    assert "fields" in bridge.ask("snapshot", None)
    bridge.close()


def test_threads_of_one_program_wait_for_each_other(rig):
    bridge = Bridge(rig.spool, 10.0)
    wrong = []

    def ask(function, key):
        wrong.extend(function for _ in range(20) if key not in bridge.ask(function))

    pairs = [("status", "reaper"), ("snapshot", "fields")] * 2
    threads = [threading.Thread(target=ask, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bridge.close()
    assert wrong == []


def test_two_programs_work_side_by_side(rig):
    with rig.live() as one, rig.live() as other:
        for _ in range(5):
            assert one.status() == other.status()
            assert one.snapshot() == other.snapshot()


def test_a_bug_on_reapers_side_keeps_its_traceback(rig):
    bridge = Bridge(rig.spool)
    with pytest.raises(Exception, match="TypeError") as caught:
        bridge.ask("apply")
    assert type(caught.value).__name__ == "DistError"
    assert bridge.ask("status")["tracks"] == 19
    bridge.close()


def test_neither_proxies_nor_web_interfaces_are_asked(rig):
    code = (
        "import sys, reaper_automix\n"
        "from pathlib import Path\n"
        "from reaper_automix.bridge import LiveProject\n"
        "with LiveProject(home=Path(sys.argv[1])) as project:\n"
        "    print(project.status()['tracks'])"
    )
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        address = f"http://127.0.0.1:{port_of(proxy)}"
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", code, str(rig.spool)],
            env={**os.environ, "http_proxy": address, "HTTP_PROXY": address},
            capture_output=True,
            text=True,
            check=False,
        )
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert (run.stdout, run.stderr) == ("19\n", "")


def test_every_failure_has_a_sentence_of_its_own():
    sentences = [
        probe.NOT_OPEN,
        probe.NOT_STARTED,
        probe.UNREADABLE,
        probe.OTHER_VERSION,
        probe.GONE,
        probe.NOT_OURS,
        probe.BUSY,
        probe.ENDED,
        probe.TOO_SLOW,
    ]
    assert len(set(sentences)) == len(sentences)
    assert all(sentence.endswith(".") and "\n" not in sentence for sentence in sentences)
