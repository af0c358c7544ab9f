"""Sends, receives and hardware outputs: category 0, below and above."""

from reaper_double import keys
from reaper_double.registry import api, nth
from reaper_double.templates import NEW_HARDWARE_OUT, NEW_RECEIVE


@api
def GetTrackNumSends(_reaper, track, category):
    return len(_listed(track, category))


@api
def GetTrackSendInfo_Value(_reaper, track, category, index, key):
    send = nth(_listed(track, category), index)
    return 0.0 if send is None else keys.read(send.keys, send, key)


@api
def SetTrackSendInfo_Value(_reaper, track, category, index, key, value):
    send = nth(_listed(track, category), index)
    return send is not None and keys.write(send.keys, send, key, value)


@api
def CreateTrackSend(_reaper, track, target):
    if target is None:
        track.insert_line(NEW_HARDWARE_OUT)
        return len(track.hardware_outs) - 1
    target.insert_line(NEW_RECEIVE.format(source=track.index))
    made = target.receives[-1]
    return next(
        at
        for at, send in enumerate(track.sends)
        if (send.track, send.index) == (made.track, made.index)
    )


@api
def RemoveTrackSend(_reaper, track, category, index):
    send = nth(_listed(track, category), index)
    if send is not None:
        send.remove()
    return send is not None


def _listed(track, category):
    if category == 0:
        return track.sends
    return track.receives if category < 0 else track.hardware_outs
