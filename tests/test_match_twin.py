"""The console's twin: the same signals as offline, and slopes that are those of the signals."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from desks import CHANNEL_ROWS, MASTER_ROWS, RATE_HZ, SEEDS, apart, sound
from reaper_automix import crew
from reaper_automix.match.console import offline, strips, table, twin

FRAMES = 3000
TWIN = 1e-4
EXAMPLES = settings(max_examples=20)
LIVE_CHANNEL = [p.name for p in table.CHANNEL if p.name not in strips.UNHEARD]
LIVE_MASTER = [p.name for p in table.MASTER if p.name not in strips.UNHEARD]


def floats(samples):
    return torch.from_numpy(np.asarray(samples, np.float32))


def mastered(mix, master):
    """The mix behind the master alone, offline."""
    stream = offline.master_stream(master, RATE_HZ)
    return stream.feed(np.pad(mix, ((0, 0), (0, stream.latency))))[:, stream.latency :]


def busy(parameters, seed=5):
    """A row at which everything is at work: bands of some dB, and a compressor in its knee."""
    row = table.values(parameters, np.random.default_rng(seed).uniform(0.3, 0.7, len(parameters)))
    row[table.place(parameters, "threshold_db")] = -24.0
    for name in ("gain_db", "input_db", "output_db"):
        if name in [parameter.name for parameter in parameters]:
            row[table.place(parameters, name)] = 2.0
    return row


@EXAMPLES
@given(st.lists(CHANNEL_ROWS, min_size=2, max_size=2), SEEDS)
def test_stems_are_those_of_the_console(rows, seed):
    stems = sound(seed, FRAMES, 2)
    heard = twin.channels(floats(stems), torch.tensor(np.array(rows))).numpy()
    for one, stem, row in zip(heard, stems, rows, strict=True):
        assert apart(one, offline.stem(stem, strips.channel_of(row), RATE_HZ)) < TWIN


@EXAMPLES
@given(MASTER_ROWS, SEEDS)
def test_the_mix_is_that_of_the_console(row, seed):
    (mix,) = sound(seed, FRAMES)
    heard = twin.master(floats(mix), torch.tensor(row)).numpy()
    assert apart(heard, mastered(mix, strips.master_of(row))) < TWIN


def test_passages_are_heard_as_each_is_alone():
    passages = sound(1, FRAMES, 6).reshape(2, 3, 2, FRAMES)
    rows = torch.tensor(np.array([busy(table.CHANNEL, seed) for seed in range(3)]))
    row = torch.tensor(busy(table.MASTER))
    together = twin.channels(twin.prepared(passages), rows)
    mixes = twin.master(together.sum(-3), row)
    assert mixes.shape == (2, 2, FRAMES)
    for number, passage in enumerate(passages):
        alone = twin.channels(floats(passage), rows)
        assert torch.equal(together[number], alone)
        assert torch.equal(mixes[number], twin.master(alone.sum(-3), row))


def test_neutral_rows_leave_a_signal_as_it_is():
    stems = sound(2, FRAMES, 2)
    rows = torch.tensor(np.array([table.neutral(table.CHANNEL)] * 2))
    centred = stems * offline.console_gains(0.5)[0]
    assert apart(twin.channels(floats(stems), rows).numpy(), centred) < 1e-6
    mix = twin.master(floats(stems[0]), torch.tensor(table.neutral(table.MASTER))).numpy()
    assert apart(mix, stems[0]) < 1e-6


@pytest.mark.parametrize("scale", [0.0, 1e-8, 1e-38])
def test_next_to_nothing_has_a_slope(scale):
    stems = scale * sound(3, FRAMES, 2)
    rows = torch.tensor(np.array([busy(table.CHANNEL)] * 2), requires_grad=True)
    row = torch.tensor(busy(table.MASTER), requires_grad=True)
    mix = twin.master(twin.channels(floats(stems), rows).sum(0), row)
    mix.square().sum().backward()
    assert torch.isfinite(mix).all()
    assert mix.abs().max() <= 1e3 * scale
    assert torch.isfinite(rows.grad).all()
    assert torch.isfinite(row.grad).all()


@pytest.mark.parametrize("pan", [0.0, 1.0])
def test_a_pan_at_the_end_still_knows_where_the_middle_is(pan):
    rows = torch.tensor(table.neutral(table.CHANNEL)[None])
    rows[0, table.place(table.CHANNEL, "pan")] = pan
    rows.requires_grad_()
    quiet_side = twin.channels(floats(sound(4, FRAMES)), rows)[0, int(pan == 0.0)]
    assert not quiet_side.any()
    (quiet_side * floats(sound(4, FRAMES))[0, int(pan == 0.0)]).sum().backward()
    slope = rows.grad[0, table.place(table.CHANNEL, "pan")]
    assert slope > 0.0 if pan == 0.0 else slope < 0.0


@pytest.fixture(scope="module")
def desk():
    """What is asked of two passages of two stems; where; and its slopes by channels and master."""
    signals = twin.prepared(sound(6, 6000, 4).reshape(2, 2, 2, 6000))
    weights = torch.tensor(sound(7, 6000, 2, level_db=0.0))

    def asked(rows, row):
        mix = twin.master(twin.channels(signals, rows).sum(-3), row).double()
        return ((weights + mix) * mix).sum()

    rows = torch.tensor(np.array([busy(table.CHANNEL, seed) for seed in (1, 2)]))
    place = rows.requires_grad_(), torch.tensor(busy(table.MASTER)).requires_grad_()
    return asked, place, torch.autograd.grad(asked(*place), place)


def agrees(function, row, number, parameter, slope):
    """Whether a slope is what a small step to each side makes of the function."""
    step = torch.zeros_like(row)
    step[..., number] = 1e-3 * (parameter.high - parameter.low)
    with torch.no_grad():
        known = float(function(row + step) - function(row - step))
    return float((2.0 * step * slope).sum()) == pytest.approx(known, rel=1e-2, abs=3e-4)


@pytest.mark.parametrize("name", LIVE_CHANNEL)
def test_slopes_of_the_channels_are_those_of_the_signal(desk, name):
    asked, (rows, row), (slopes, _) = desk
    number = table.place(table.CHANNEL, name)
    for stem in range(2):
        one = torch.zeros_like(slopes)
        one[stem] = 1.0

        def moved(by, one=one):
            return asked(rows + one * (by - rows), row)

        assert agrees(moved, rows, number, table.CHANNEL[number], one * slopes)


@pytest.mark.parametrize("name", LIVE_MASTER)
def test_slopes_of_the_master_are_those_of_the_signal(desk, name):
    asked, (rows, row), (_, slopes) = desk
    number = table.place(table.MASTER, name)
    assert agrees(lambda moved: asked(rows, moved), row, number, table.MASTER[number], slopes)


def test_what_has_no_effect_has_no_slope(desk):
    _, _, (channels, master) = desk
    for name in strips.UNHEARD:
        assert not channels[:, table.place(table.CHANNEL, name)].any()
    assert not master[table.place(table.MASTER, "release_ms")]


def test_slopes_of_a_mix_are_those_of_the_signal():
    row = torch.tensor(busy(table.MASTER))
    mix, aim, way = (torch.tensor(sound(seed, FRAMES)[0]).float() for seed in (8, 9, 10))

    def asked(signal):
        return (twin.master(signal, row).double() * aim).sum()

    live = mix.clone().requires_grad_()
    asked(live).backward()
    known = (asked(mix + 1e-3 * way) - asked(mix - 1e-3 * way)) / 2e-3
    assert float((live.grad * way).sum()) == pytest.approx(float(known), rel=1e-3)


def test_cores_are_of_no_matter(desk, monkeypatch):
    asked, place, slopes = desk
    monkeypatch.setattr(crew, "cores", lambda: 3)
    for one, other in zip(torch.autograd.grad(asked(*place), place), slopes, strict=True):
        assert torch.equal(one, other)
