"""Envelopes of tracks and takes."""

from dataclasses import replace

from reaper_double.model_envelope import INFO_LINES, Point
from reaper_double.registry import api, nth
from reaper_double.scaling import gain_from_raw, raw_from_gain
from reaper_double.text import chunk


@api
def CountTrackEnvelopes(_reaper, track):
    return len(track.envelopes)


@api
def GetTrackEnvelope(_reaper, track, index):
    return nth(track.envelopes, index)


@api
def GetTrackEnvelopeByName(_reaper, track, name):
    return _first(track.envelopes, lambda envelope: envelope.name == name)


@api
def GetTrackEnvelopeByChunkName(_reaper, track, name):
    wanted = name.removeprefix("<")
    return _first(track.envelopes, lambda envelope: wanted in (envelope.chunk_name, envelope.guid))


@api
def CountTakeEnvelopes(_reaper, take):
    return len(take.envelopes)


@api
def GetTakeEnvelope(_reaper, take, index):
    return nth(take.envelopes, index)


@api
def GetTakeEnvelopeByName(_reaper, take, name):
    return _first(take.envelopes, lambda envelope: envelope.name == name)


@api
def GetEnvelopeName(_reaper, envelope):
    return True, envelope.name


@api
def GetEnvelopeScalingMode(_reaper, envelope):
    return envelope.scaling


@api
def ScaleFromEnvelopeMode(_reaper, mode, raw):
    return gain_from_raw(mode, raw)


@api
def ScaleToEnvelopeMode(_reaper, mode, gain):
    return raw_from_gain(mode, gain)


@api
def CountEnvelopePoints(_reaper, envelope):
    return len(envelope.points)


@api
def GetEnvelopePoint(_reaper, envelope, index):
    point = nth(envelope.points, index)
    if point is None:
        return False, 0.0, 0.0, 0, 0.0, False
    return True, point.time_s, envelope.raw(point.value), point.shape, point.tension, point.selected


@api
def Envelope_Evaluate(_reaper, envelope, time_s, _rate_hz, _count):
    """Derivatives are not modelled."""
    return 1, envelope.raw(envelope.value_at(time_s)), 0.0, 0.0, 0.0


@api
def GetEnvelopeStateChunk(_reaper, envelope, _text, _is_undo):
    return True, chunk([envelope.node])


@api
def GetSetEnvelopeInfo_String(_reaper, envelope, key, value, is_set):
    if key == "GUID" and not is_set:
        return True, envelope.guid
    if key not in INFO_LINES:
        return False, ""
    line, index = INFO_LINES[key]
    if is_set:
        envelope.put_number(line, index, int(value))
    return True, f"{envelope.number(line, index):.0f}"


@api
def InsertEnvelopePoint(_reaper, envelope, time_s, raw, shape, tension, selected, no_sort=False):
    envelope.add(Point(time_s, envelope.value(raw), shape, tension, selected))
    if not no_sort:
        envelope.sort()
    return True


@api
def SetEnvelopePoint(
    _reaper,
    envelope,
    index,
    time_s=None,
    raw=None,
    shape=None,
    tension=None,
    selected=None,
    no_sort=None,
):
    old = nth(envelope.points, index)
    if old is None:
        return False
    value = None if raw is None or raw == envelope.raw(old.value) else envelope.value(raw)
    given = {
        "time_s": time_s,
        "value": value,
        "shape": shape,
        "tension": tension,
        "selected": selected,
    }
    changes = {name: new for name, new in given.items() if new is not None}
    envelope.replace(index, replace(old, **changes))
    if not no_sort:
        envelope.sort()
    return True


@api
def DeleteEnvelopePointRange(_reaper, envelope, start_s, end_s):
    return envelope.remove(start_s, end_s)


@api
def Envelope_SortPoints(_reaper, envelope):
    envelope.sort()
    return True


def _first(envelopes, is_wanted):
    return next(filter(is_wanted, envelopes), None)
