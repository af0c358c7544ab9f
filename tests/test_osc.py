"""Open Sound Control: packets, surfaces that ask and are told, faders that REAPER confirms."""

import ipaddress
import math
import socket
import threading
from contextlib import suppress
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import live_reaper
from osc_device import FakeDevice, Strip, message
from reaper_automix import cli
from reaper_automix.controls import Move
from reaper_automix.errors import InputError, LiveError, OutputError
from reaper_automix.osc import device, surface, wire
from reaper_automix.osc.desk import LiveDesk
from reaper_automix.osc.device import Device, Fader
from reaper_automix.osc.surface import Surface, TrackMove
from reaper_automix.osc.wire import Message
from reaper_automix.progress import silent
from reaper_automix.session import Track
from reaper_songs import make_song

HOST = "127.0.0.1"
PHONE = (HOST, 5000)

FLOATS = st.floats(width=32, allow_nan=False)
TEXTS = st.text("/aé🥁 ", max_size=20)
ARGUMENTS = st.one_of(st.integers(-(2**31), 2**31 - 1), FLOATS, TEXTS)
MESSAGES = st.builds(Message, TEXTS.map("/{}".format), st.lists(ARGUMENTS, max_size=4).map(tuple))


# Packets


@settings(max_examples=30)
@given(st.lists(MESSAGES, max_size=9), st.integers(100, 2000))
def test_what_is_built_is_what_is_read(messages, largest_bytes):
    datagrams = list(wire.bundles(messages, largest_bytes))
    assert [one for datagram in datagrams for one in wire.parse(datagram)] == messages


@settings(max_examples=30)
@given(st.lists(MESSAGES, min_size=1, max_size=20))
def test_no_datagram_is_larger_than_reaper_takes(messages):
    sizes = [len(datagram) for datagram in wire.bundles(messages)]
    assert max(sizes) <= wire.LARGEST_BYTES
    assert all(one + other > wire.LARGEST_BYTES for one, other in pairwise(sizes))


@given(st.binary(max_size=200), st.sampled_from([b"", b"#bundle\0", b"/automix/balance\0"]))
def test_any_bytes_are_read_or_are_nothing(body, start):
    assert all(isinstance(one, Message) for one in wire.parse(start + body))


@given(MESSAGES, st.integers(1, 1000))
def test_a_packet_that_is_cut_off_is_nothing(sent, cut):
    (datagram,) = wire.bundles([sent])
    left = datagram[: -min(cut, len(datagram))]
    assert wire.parse(left) == ()


def nested(depth):
    packet = message("/automix/undo")
    for _ in range(depth):
        packet = b"#bundle\0" + bytes(8) + len(packet).to_bytes(4, "big") + packet
    return packet


@pytest.mark.parametrize(("depth", "found"), [(0, 1), (4, 1), (5, 0), (2000, 0)])
def test_bundles_may_lie_in_bundles_but_not_without_end(depth, found):
    assert len(wire.parse(nested(depth))) == found


@pytest.mark.parametrize("argument", [2**40, b"blob", None, (0, 1, 2, 3), [1, 2]])
def test_a_message_with_another_type_is_nothing(argument):
    assert wire.parse(message("/automix/undo", argument)) == ()


def test_buttons_may_send_true_and_false():
    assert wire.parse(message("/x", True, False)) == (Message("/x", (1, 0)),)


# Surfaces


class FakeDesk:
    """A project that notes what it is asked for; an error among its answers is raised."""

    def __init__(self, error=None):
        self.asked, self.error = [], error

    def balance(self, scope, progress):
        self._note("balance", scope)
        for done in range(100):
            progress("Measuring", done, 100.0, "Bäss\0 \udcff")
        return "Automix: balance 2 tracks", (TrackMove(1, -3.5), TrackMove(40, 6.0))

    def stem(self, name):
        return self._note("stem", name)

    def undo(self):
        return self._note("undo")

    def before_after(self):
        return self._note("before_after")

    def _note(self, *asked):
        self.asked.append(asked)
        if self.error:
            raise self.error
        return "done"


class Outbox(list):
    """What was sent, and to whom."""

    def __call__(self, datagram, peer):
        assert len(datagram) <= wire.LARGEST_BYTES
        self += [(peer, told) for told in wire.parse(datagram)]

    def told(self, address):
        return [one.arguments for _, one in self if one.address == address]


@pytest.fixture
def desk():
    return FakeDesk()


@pytest.fixture
def outbox():
    return Outbox()


@pytest.fixture
def phones(desk, outbox):
    """The surface's server; its clock goes on by a hundredth of a second at every look."""
    clock = iter(range(10**6))
    return Surface(desk, outbox, clock=lambda: next(clock) / 100)


ASKED = [
    (("/automix/balance",), ("balance", "selected")),
    (("/automix/balance", 1), ("balance", "selected")),
    (("/automix/balance", 1.0), ("balance", "selected")),
    (("/automix/balance", True), ("balance", "selected")),
    (("/automix/balance", "all"), ("balance", "all")),
    (("/automix/balance", "selected"), ("balance", "selected")),
    (("/automix/stem", 1), ("stem", "Stem")),
    (("/automix/stem", " Drüms 🥁 "), ("stem", "Drüms 🥁")),
    (("/automix/undo", 1), ("undo",)),
    (("/automix/before_after", 0.5), ("before_after",)),
]


@pytest.mark.parametrize(("sent", "asked"), ASKED)
def test_a_surface_gets_what_it_asks_for(sent, asked, phones, desk):
    assert phones.receive(message(*sent), PHONE)
    assert desk.asked == [asked]


NOTHING = [
    ("/automix/balance", 0),
    ("/automix/balance", 0.0),
    ("/automix/balance", False),
    ("/automix/balance", -1),
    ("/automix/balance", math.nan),
    ("/automix/balance", "everything"),
    ("/automix/balance", 1, 1),
    ("/automix/balance", "all", 1),
    ("/automix/stem", ""),
    ("/automix/stem", "  "),
    ("/automix/stem", "a\nb"),
    ("/automix/stem", "a", "b"),
    ("/automix/undo", "now"),
    ("/automix/undo", b"\1"),
    ("/automix/before_after", None),
    ("/automix", 1),
    ("/automix/*", 1),
    ("/automix/balance/", 1),
    ("/track/1/volume/db", 6.0),
]


@pytest.mark.parametrize("sent", NOTHING)
def test_anything_else_does_nothing(sent, phones, desk, outbox):
    assert not phones.receive(message(*sent), PHONE)
    assert (desk.asked, outbox) == ([], [])


@given(st.binary(max_size=100))
def test_malformed_packets_do_nothing(datagram):
    desk, outbox = FakeDesk(), Outbox()
    Surface(desk, outbox).receive(datagram, PHONE)
    assert (desk.asked, outbox) == ([], [])


def test_a_packet_with_many_wishes_gets_the_first(phones, desk):
    (datagram,) = wire.bundles([Message("/x"), Message("/automix/undo"), Message("/automix/stem")])
    phones.receive(datagram, PHONE)
    assert desk.asked == [("undo",)]


def test_a_balance_tells_how_far_it_is_and_what_it_moved(phones, outbox):
    phones.receive(message("/automix/balance"), PHONE)
    progress = outbox.told("/automix/progress")
    done = [share for share, _ in progress]
    assert done == sorted(done)
    assert (done[0], done[-1], len(done) in range(9, 13)) == (0.0, 1.0, True)  # of 100 steps
    assert progress[3][1] == "Measuring Bäss  ?"
    assert outbox.told("/automix/track/1/move_db") == [(-3.5,)]
    assert outbox.told("/automix/track/40/move_db") == [(6.0,)]
    assert outbox.told("/automix/message") == [("Automix: balance 2 tracks",)]
    assert {peer for peer, _ in outbox} == {PHONE}


def test_what_a_user_can_put_right_is_told(outbox):
    phones = Surface(FakeDesk(InputError("REAPER is not open. " + "x" * 2000)), outbox)
    phones.receive(message("/automix/undo"), PHONE)
    ((said,),) = outbox.told("/automix/message")
    assert said.startswith("REAPER is not open.")


def test_a_bug_is_not_hidden(outbox):
    with pytest.raises(ZeroDivisionError):
        Surface(FakeDesk(ZeroDivisionError()), outbox).receive(message("/automix/undo"), PHONE)


def test_every_surface_is_told_what_another_did(phones, outbox):
    phones.receive(message("/automix/undo"), (HOST, 5001))
    outbox.clear()
    phones.receive(message("/automix/undo"), PHONE)
    assert [peer for peer, _ in outbox] == [(HOST, 5001), PHONE]


def test_surfaces_are_forgotten_when_there_are_too_many(phones, outbox):
    for port in range(5000, 5000 + 3 * surface.MOST_PEERS):
        phones.receive(message("/automix/undo"), (HOST, port))
    outbox.clear()
    phones.receive(message("/automix/undo"), PHONE)
    assert len(outbox) == surface.MOST_PEERS


def test_answers_go_where_surfaces_listen(desk, outbox):
    Surface(desk, outbox, answer_port=9011).receive(message("/automix/undo"), PHONE)
    assert outbox[0][0] == (HOST, 9011)


def test_a_surface_that_is_gone_does_not_keep_others_from_being_told(desk, outbox):
    def send(datagram, peer):
        if peer != PHONE:
            raise OSError(101, "Network is unreachable")
        outbox(datagram, peer)

    phones = Surface(desk, send)
    phones.receive(message("/automix/undo"), (HOST, 5001))
    phones.receive(message("/automix/undo"), PHONE)
    assert [peer for peer, _ in outbox] == [PHONE]


@pytest.mark.parametrize(
    ("sender", "allowed", "is_heard"),
    [
        (HOST, None, True),
        ("::1", None, True),
        ("192.168.1.31", None, False),
        ("192.168.1.31", "192.168.1.31", True),
        ("192.168.1.32", "192.168.1.31", False),
        ("192.168.1.32", "192.168.1.0/24", True),
        ("::ffff:192.168.1.31", "192.168.1.31", True),
        ("fe80::1%eth0", "fe80::/10", True),
        (HOST, "192.168.1.31", False),
    ],
)
def test_only_those_who_may_are_heard(sender, allowed, is_heard, desk, outbox):
    networks = (ipaddress.ip_network(allowed),) if allowed else surface.LOOPBACK
    heard = Surface(desk, outbox, allowed=networks).receive(message("/automix/undo"), (sender, 1))
    assert (heard, bool(desk.asked)) == (is_heard, is_heard)


class FakeProject:
    """An open project of three tracks, of which the second is moved."""

    def __init__(self, place, selected=True):
        self.place, self.selected = place, selected

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def status(self):
        return {"path": str(self.place)}

    def snapshot(self):
        tracks = (Track("{a}", "A"), Track("{b}", "B", selected=self.selected), Track("{c}", "C"))
        return SimpleNamespace(tracks=tracks)

    def balance(self, scope, settings, progress):
        assert settings.strength == 0.5
        made = (Move("{b}", "fader", 1.0, 0.5), Move("{gone}", "fader", 1.0, 0.5))
        return SimpleNamespace(title=f"Automix: {scope}", message="", made=made)

    def stem(self, name, ids):
        self.stemmed = (name, ids)

    def undo(self):
        return "Automix: balance 1 track"

    def before_after(self):
        return "before"


def test_the_desk_works_on_the_open_project(tmp_path):
    (tmp_path / "reaper-automix.toml").write_text("strength = 0.5\n")
    project = FakeProject(tmp_path)
    desk = LiveDesk(lambda: project)
    said, moved = desk.balance("all", silent)
    assert (said, moved) == ("Automix: all", [TrackMove(2, pytest.approx(-6.0206, abs=1e-4))])
    assert desk.stem("Drums") == "The selected tracks are in Drums."
    assert project.stemmed == ("Drums", ["{b}"])
    assert desk.undo() == "Undone: Automix: balance 1 track"
    assert desk.before_after() == "You hear the state before the balance."


def test_without_a_selected_track_there_is_no_stem(tmp_path):
    with pytest.raises(LiveError, match="No track is selected"):
        LiveDesk(lambda: FakeProject(tmp_path, selected=False)).stem("Drums")


# Over the network


@pytest.fixture
def served(desk):
    """The surface's server on this machine, and a phone's socket that reaches it."""
    over = threading.Event()
    with surface.listening(HOST, 0) as received, surface.listening(HOST, 0) as phone:
        phone.settimeout(10.0)
        phone.connect(received.getsockname())
        phones = Surface(desk, received.sendto)
        thread = threading.Thread(target=surface.serve, args=(phones, received, over.is_set))
        thread.start()
        yield phone
        over.set()
        thread.join()


def told(phone, address):
    """The next thing that a phone is told under an address."""
    while True:
        for one in wire.parse(phone.recv(65_507)):
            if one.address == address:
                return one.arguments


def test_a_phone_asks_and_is_told(served, desk):
    served.send(message("/automix/balance", 1))
    assert told(served, "/automix/track/40/move_db") == (6.0,)
    assert told(served, "/automix/message") == ("Automix: balance 2 tracks",)


def test_what_arrives_while_something_is_done_is_dropped(served, desk):
    hit, meanwhile = threading.Event(), threading.Event()

    def slowly():
        hit.set()
        meanwhile.wait(10.0)
        return "done"

    desk.undo = slowly
    served.send(message("/automix/undo"))
    hit.wait(10.0)
    served.send(message("/automix/stem", "dropped"))
    served.send(b"\xff")
    meanwhile.set()
    assert told(served, "/automix/message") == ("done",)
    # The drop follows the answer, so this one may be dropped with it until it is heard.
    served.settimeout(0.3)
    desk.undo = lambda: "again"
    said = None
    while said is None:
        served.send(message("/automix/undo"))
        try:
            said = told(served, "/automix/message")
        except TimeoutError:
            continue
    assert said == ("again",)
    assert desk.asked == []


def test_a_port_that_is_taken_is_one_sentence():
    with surface.listening(HOST, 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OutputError, match=f"Port {port} of {HOST} cannot be listened to"):
            surface.listening(HOST, port)


# Faders that REAPER confirms


@pytest.fixture
def reaper(request):
    """REAPER with as many tracks as a test asks for, all selected; and a device that reaches it."""
    return FakeDevice([Strip(f"Träck {n}", selected=True) for n in range(1, 101)])


@pytest.fixture
def push(reaper):
    def push(faders, timeout_s=0.5):
        with reaper, surface.listening(HOST, 0) as received:
            reaper.told_to = received.getsockname()
            return Device(received, reaper.address, timeout_s).push(faders)

    return push


def faders(*levels_db, start=1):
    return [Fader(n, f"Träck {n}", level) for n, level in enumerate(levels_db, start)]


def test_a_hundred_faders_land_and_are_confirmed(push, reaper):
    wanted = faders(*(-30.0 + n / 3 for n in range(100)))
    assert push(wanted) == ()
    assert [strip.level_db for strip in reaper.strips] == pytest.approx(
        [fader.level_db for fader in wanted], abs=1e-5
    )
    assert max(reaper.sizes) <= wire.LARGEST_BYTES
    assert reaper.count == 100


def test_selected_tracks_do_not_move_along(push, reaper):
    assert push(faders(-6.0)) == ()
    assert [strip.level_db for strip in reaper.strips] == [-6.0] + [0.0] * 99
    assert reaper.actions[0] == 40297


def test_faders_that_stand_already_are_not_written(push, reaper):
    reaper.strips[1].level_db = -6.0
    assert push(faders(-6.0, -6.0)) == ()
    assert reaper.written == [1]


def test_nothing_to_push_is_nothing(push, reaper):
    assert push([]) == ()
    assert reaper.sizes == []


@pytest.mark.parametrize("level_db", [-math.inf, -200.0, -150.0])
def test_a_closed_fader_is_confirmed(level_db, push, reaper):
    assert push(faders(level_db)) == ()
    assert reaper.strips[0].level_db == -150.0


def test_a_track_of_another_name_is_left_alone_and_named(push, reaper):
    reaper.strips[1].name = "Vocals"
    (left,) = push(faders(-1.0, -2.0, -3.0), timeout_s=0.1)
    assert (left.fader.track, left.why) == (2, "REAPER calls it Vocals")
    assert [strip.level_db for strip in reaper.strips[:3]] == pytest.approx([-1.0, 0.0, -3.0])


def test_a_track_without_a_name_is_known_by_its_number(push, reaper):
    assert push([Fader(2, "", -2.0)]) == ()
    assert reaper.strips[1].level_db == -2.0


def test_a_track_that_is_not_there_is_named(push):
    (left,) = push(faders(-1.0, -2.0, start=100), timeout_s=0.1)
    assert (left.fader.track, left.why) == (101, "REAPER tells nothing of this track")


@pytest.mark.parametrize("lost", [1, 6, 16])
def test_a_packet_that_is_lost_costs_only_time(lost, push, reaper, monkeypatch):
    monkeypatch.setattr(device, "SLOWNESS_S", 0.002)
    reaper.lose = lambda number: number == lost
    assert push(faders(*[-6.0] * 100), timeout_s=0.1) == ()


def test_faders_that_fall_back_are_named(push, reaper):
    real = FakeDevice._set

    def grouped(self, number, level_db, address):
        """The second track is in a group with the first, which OSC moves along."""
        real(self, number, level_db, address)
        if number in (1, 2):
            real(self, 3 - number, level_db, "")

    reaper._set = grouped.__get__(reaper)
    unconfirmed = push(faders(-1.0, -2.0, -3.0), timeout_s=0.1)
    assert [(left.fader.track, left.why) for left in unconfirmed] == [(1, "at -2.00 dB")]


def test_a_reaper_that_tells_nothing_is_one_sentence():
    with surface.listening(HOST, 0) as received, surface.listening(HOST, 0) as silent:
        reached = Device(received, silent.getsockname(), timeout_s=0.05)
        with pytest.raises(InputError, match="REAPER tells nothing"):
            reached.push(faders(-1.0))


@pytest.mark.parametrize(("track", "level_db"), [(0, 0.0), (1, math.nan), (1, math.inf)])
def test_a_fader_that_cannot_stand_anywhere_is_a_bug(track, level_db):
    with pytest.raises(ValueError, match="cannot stand"):
        Fader(track, "x", level_db)


@given(st.binary(max_size=60))
def test_strangers_and_noise_change_nothing(noise):
    with surface.listening(HOST, 0) as received:
        one = Device(received, (HOST, 9))
        one._take_in(wire.parse(noise))
        assert one.strips == {}


# From a phone to REAPER and back


@pytest.fixture
def studio(tmp_path):
    """REAPER's double with the live bridge in it, and a phone at the server of surfaces."""
    rig = live_reaper.start(tmp_path, make_song(tmp_path))
    over = threading.Event()
    (tmp_path / "reaper-automix.toml").write_text('method = "lufs"\n', "utf-8")
    with rig.host, surface.listening(HOST, 0) as received, surface.listening(HOST, 0) as phone:
        phone.settimeout(60.0)
        phone.connect(received.getsockname())
        phones = Surface(LiveDesk(rig.live), received.sendto)
        thread = threading.Thread(target=surface.serve, args=(phones, received, over.is_set))
        thread.start()
        yield rig, phone
        over.set()
        thread.join()


def everything_told(phone):
    """All that a phone is told, up to the message that ends it."""
    found = []
    while not found or found[-1].address != "/automix/message":
        found += wire.parse(phone.recv(65_507))
    return found


def undone(phone):
    """What is said of an undo; what is asked in the moment after an answer may be dropped."""
    phone.settimeout(1.0)
    while True:
        phone.send(message("/automix/undo", 1))
        with suppress(TimeoutError):
            return everything_told(phone)[-1].arguments


@pytest.mark.long
def test_a_phone_balances_and_undoes_what_is_open_in_reaper(studio):
    rig, phone = studio
    with rig.live() as project:
        before, text = project.snapshot(), rig.host.text()
        phone.send(message("/automix/balance", "all"))
        said = everything_told(phone)
        after = project.snapshot()
    moved = {one.address: one.arguments for one in said if one.address.endswith("/move_db")}
    assert moved == {
        f"/automix/track/{number}/move_db": (pytest.approx(now.fader_db - then.fader_db),)
        for number, (then, now) in enumerate(zip(before.tracks, after.tracks, strict=True), 1)
    }
    progress = [one.arguments for one in said if one.address == "/automix/progress"]
    assert progress[-1] == (1.0, "")
    assert any(what.startswith("Measuring") for _, what in progress)
    assert said[-1].arguments == ("Automix: balance 5 tracks (lufs)",)
    assert undone(phone) == ("Undone: Automix: balance 5 tracks (lufs)",)
    assert rig.host.text() == text


# The commands


@pytest.fixture
def run(capfd):
    def run(*arguments):
        code = cli.run([str(argument) for argument in arguments])
        return code, *capfd.readouterr()

    return run


def test_others_are_let_in_only_by_name(run, monkeypatch):
    served = []
    monkeypatch.setattr(surface, "serve", lambda *_, **__: served.append(True))
    code, _, err = run("osc", "--listen", HOST)
    assert (code, served) == (2, [])
    assert "name who may with --allow" in err
    assert run("osc", "--listen", HOST, "--allow", "phone")[0] == 2
    for address, warned in ((HOST, False), ("0.0.0.0", True)):
        code, _, err = run("osc", "--listen", address, "--allow", "192.168.1.31", "--port", 0)
        assert (code, served.pop(), served) == (0, True, [])
        assert ("OSC knows no passwords" in err) is warned


def test_ctrl_c_is_how_it_ends(run, monkeypatch):
    def pressed(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(surface, "serve", pressed)
    code, _, err = run("osc", "--port", 0)
    assert code == 0
    assert "half written" not in err


def test_it_listens_to_this_machine_alone(run, monkeypatch):
    served = []
    monkeypatch.setattr(
        surface, "serve", lambda _, received, **__: served.append(received.getsockname()[0])
    )
    assert run("osc", "--port", 0)[0] == 0
    assert served == [HOST]


PROJECT = """<REAPER_PROJECT 0.1 "7.66/linux-x86_64" 1
  <TRACK {11111111-1111-1111-1111-111111111111}
    NAME "Träck 1"
    VOLPAN 0.5 0 -1 -1 1
  >
  <TRACK {22222222-2222-2222-2222-222222222222}
    NAME other
    VOLPAN 0.25 0 -1 -1 1
  >
>
"""


def test_the_faders_of_a_project_are_pushed(run, reaper, tmp_path):
    (tmp_path / "söng.RPP").write_text(PROJECT, encoding="utf-8")
    with reaper, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((HOST, 0))
        reaper.told_to = free.getsockname()
        free.close()
        ports = ("--send-port", reaper.address[1], "--receive-port", reaper.told_to[1])
        code, out, err = run("osc", "push", tmp_path / "söng.RPP", *ports)
    assert code == 5
    assert out == "1 of 2 faders stand as in söng.RPP.\n"
    assert "2 other: REAPER calls it Träck 2" in err
    assert reaper.strips[0].level_db == pytest.approx(-6.0206, abs=1e-4)
    assert reaper.strips[1].level_db == 0.0


def test_levels_are_read_as_reaper_writes_them():
    read = [device.level_db(text) for text in ("-6.02dB", "+3.00 dB", "0.00dB", "-inf", -1.5, "x")]
    assert read == [-6.02, 3.0, 0.0, -math.inf, -1.5, None]
