"""Media sources."""

from reaper_automix.rpp import parse
from reaper_double.model_source import LooseSource, format_of
from reaper_double.registry import api
from reaper_double.text import quoted


@api
def GetMediaItemTake_Source(_reaper, take):
    return take.source


@api
def GetMediaSourceFileName(_reaper, source):
    return source.file


@api
def GetMediaSourceParent(_reaper, source):
    return source.parent


@api
def PCM_Source_GetSectionInfo(_reaper, source):
    if source.parent is None:
        return False, 0.0, 0.0, False
    return True, source.offset_s, source.length, source.is_reversed


@api
def GetMediaSourceLength(_reaper, source):
    return source.length, source.is_midi


@api
def GetMediaSourceNumChannels(_reaper, source):
    return _innermost(source).format.channels


@api
def GetMediaSourceSampleRate(_reaper, source):
    return _innermost(source).format.rate_hz


@api
def GetMediaSourceType(_reaper, source):
    return source.type


@api
def PCM_Source_CreateFromFile(reaper, path):
    if not format_of(path).rate_hz:
        return None
    node = next(parse(f"<SOURCE WAVE\n  FILE {quoted(path)}\n>\n").blocks())
    return LooseSource(reaper.active, node, None)


@api
def PCM_Source_Destroy(_reaper, source):
    assert isinstance(source, LooseSource), "a source that a project uses must not be destroyed"
    source.alive = False


def _innermost(source):
    while source.parent is not None:
        source = source.parent
    return source
