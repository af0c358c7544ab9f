"""The commands that speak Open Sound Control."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from reaper_automix import terminal
from reaper_automix.cli.options import examples, path_argument
from reaper_automix.errors import OutputError, SettingsError
from reaper_automix.osc import surface
from reaper_automix.osc.surface import LOOPBACK, PORT, Network

LOCALHOST = "127.0.0.1"
ONLY_HERE = (LOCALHOST, "localhost", "::1")


@click.group(
    invoke_without_command=True,
    help="Let phones and controllers balance the open project, as live balance does (see its help)."
    f"\n\n\b\n{surface.ADDRESSES}",
    epilog=examples(
        "osc",
        "osc --listen 192.168.1.20 --allow 192.168.1.31 --answer-port 9011",
        "osc push song-automix.RPP",
    ),
)
@click.option("--port", default=PORT, show_default=True, help="Where to listen.")
@click.option(
    "--listen",
    metavar="ADDRESS",
    help="This machine's address that phones reach.  [default: this machine alone]",
)
@click.option(
    "--allow",
    multiple=True,
    metavar="ADDRESS",
    help="A sender, or a network of them, that may ask; needed with --listen.",
)
@click.option(
    "--answer-port",
    type=click.IntRange(1, 65_535),
    help="Where surfaces listen.  [default: the port that each sends from]",
)
@click.pass_context
def osc(
    context: click.Context,
    port: int,
    listen: str | None,
    allow: Sequence[str],
    answer_port: int | None,
) -> None:
    """Serve surfaces until Ctrl-C, unless another command follows."""
    if context.invoked_subcommand is None:
        _serve(listen or LOCALHOST, port, _allowed(listen, allow), answer_port)


@osc.command(epilog=examples("osc push song-automix.RPP", "osc push song.RPP --send-port 8001"))
@path_argument
@click.option("--send-port", default=8000, show_default=True, help="Where REAPER receives.")
@click.option("--receive-port", default=9000, show_default=True, help="Where REAPER sends to.")
def push(path: Path, send_port: int, receive_port: int) -> None:
    """Set the faders of the open project as they are in the project file PATH.

    Needs a control surface of mode OSC in REAPER's preferences, on this machine. All tracks are
    unselected, since REAPER moves selected ones together; tracks are known by number and name.
    """
    from reaper_automix.adapters import project
    from reaper_automix.osc.device import Device, faders_of

    faders = faders_of(project.read(path))
    with Device(surface.listening(LOCALHOST, receive_port), (LOCALHOST, send_port)) as device:
        unconfirmed = device.push(faders)
    for left in unconfirmed:
        terminal.say(f"{left.fader.track} {left.fader.name}: {left.why}")
    click.echo(f"{len(faders) - len(unconfirmed)} of {len(faders)} faders stand as in {path.name}.")
    if unconfirmed:
        raise OutputError("REAPER did not confirm every fader: see the tracks above and try again.")


def _serve(host: str, port: int, allowed: Sequence[Network], answer_port: int | None) -> None:
    from reaper_automix.osc.desk import LiveDesk

    with surface.listening(host, port) as received:
        desk = surface.Surface(
            LiveDesk(), received.sendto, allowed=allowed, answer_port=answer_port
        )
        terminal.say(f"Listening to port {port} of {host}; Ctrl-C ends this.")
        with suppress(KeyboardInterrupt):  # that is how it ends
            surface.serve(desk, received, is_over=lambda: False)


def _allowed(listen: str | None, allow: Sequence[str]) -> tuple[Network, ...]:
    """Who may ask: this machine, or with ``--listen`` exactly those that are named."""
    if listen is None:
        return LOOPBACK
    if not allow:
        raise SettingsError(
            f"--listen {listen} lets others reach this; name who may with --allow ADDRESS."
        )
    if listen not in ONLY_HERE:
        terminal.say(
            f"{listen} can be reached by others in its network: OSC knows no passwords, and "
            "whoever pretends to be an allowed sender can move faders of the open project."
        )
    return tuple(map(_network, allow))


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise SettingsError(
            f"--allow {text} is no address; write 192.168.1.31, or 192.168.1.0/24 for a network."
        ) from error
