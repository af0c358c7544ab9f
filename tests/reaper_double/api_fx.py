"""Effects of tracks. Those that are installed can be added, JS ones set, others looked at."""

from reaper_double.errors import UnmodelledFunction
from reaper_double.model_fx import chain_of, input_chain_of
from reaper_double.registry import api
from reaper_double.text import digits

INPUT_FX, CONTAINED = 0x1000000, 0x2000000
_QUERY, _FIRST_PLACE = 0, -1000
_EQ = "reaeq"


@api
def TrackFX_GetCount(_reaper, track):
    return len(chain_of(track).effects)


@api
def TrackFX_GetRecCount(_reaper, track):
    return len(input_chain_of(track).effects)


@api
def TrackFX_GetFXName(_reaper, track, index):
    effect = _effect(track, index)
    return effect is not None, effect.name if effect else ""


@api
def TrackFX_GetFXGUID(_reaper, track, index):
    effect = _effect(track, index)
    return effect.guid if effect else None


@api
def TrackFX_GetEnabled(_reaper, track, index):
    effect = _effect(track, index)
    return effect is not None and effect.is_enabled


@api
def TrackFX_SetEnabled(_reaper, track, index, enabled):
    effect = _effect(track, index)
    if effect is not None:
        effect.is_enabled = enabled


@api
def TrackFX_GetOffline(_reaper, track, index):
    effect = _effect(track, index)
    return effect is not None and effect.is_offline


@api
def TrackFX_AddByName(_reaper, track, name, is_input, instantiate):
    """A name finds effects by what is shown or by their path."""
    chain = input_chain_of(track) if is_input else chain_of(track)
    effects = track.project.effects
    path = effects.path_of(name)
    wanted = {name, path, effects.get(path).name if path else None}
    names = ({effect.name, effect.original_name, effect.ident} for effect in chain.effects)
    found = next((at for at, known in enumerate(names) if known & wanted), -1)
    if instantiate == _QUERY or (instantiate > 0 and found >= 0) or path is None:
        return found if instantiate >= 0 else -1
    return chain.add(path, _FIRST_PLACE - instantiate if instantiate <= _FIRST_PLACE else None)


@api
def TrackFX_Delete(_reaper, track, index):
    effect = _effect(track, index)
    if effect is not None:
        effect.remove()
    return effect is not None


@api
def TrackFX_GetNumParams(_reaper, track, index):
    effect = _effect(track, index)
    return len(effect.parameters) if effect else 0


@api
def TrackFX_GetParam(_reaper, track, index, parameter):
    effect = _effect(track, index)
    if effect is None or not 0 <= parameter < len(effect.parameters):
        return -1.0, 0.0, 0.0
    known = effect.parameters[parameter]
    return effect.value(parameter), known.low, known.high


@api
def TrackFX_SetParam(_reaper, track, index, parameter, value):
    effect = _effect(track, index)
    if effect is None or not 0 <= parameter < len(effect.parameters):
        return False
    effect.set_value(parameter, value)
    return True


@api
def TrackFX_GetParamName(_reaper, track, index, parameter):
    effect = _effect(track, index)
    if effect is None or not 0 <= parameter < len(effect.parameters):
        return False, ""
    return True, effect.parameters[parameter].name


@api
def TrackFX_GetParamNormalized(reaper, track, index, parameter):
    value, low, high = TrackFX_GetParam(reaper, track, index, parameter)
    return (value - low) / (high - low) if high > low else -1.0


@api
def TrackFX_SetParamNormalized(reaper, track, index, parameter, value):
    _, low, high = TrackFX_GetParam(reaper, track, index, parameter)
    return TrackFX_SetParam(reaper, track, index, parameter, low + value * (high - low))


@api
def TrackFX_GetFormattedParamValue(reaper, track, index, parameter):
    effect = _effect(track, index)
    if effect is None or not 0 <= parameter < len(effect.parameters):
        return False, ""
    return True, digits(effect.value(parameter))


@api
def TrackFX_GetNamedConfigParm(_reaper, track, index, key):
    effect = _effect(track, index)
    if effect is None or key not in _NAMED:
        return False, ""
    return True, _NAMED[key](effect)


@api
def TrackFX_SetNamedConfigParm(_reaper, track, index, key, value):
    effect = _effect(track, index)
    if effect is None or key != "renamed_name":
        return False
    effect.user_name = value
    return True


@api
def TrackFX_GetInstrument(_reaper, track):
    effects = chain_of(track).effects
    return next((at for at, effect in enumerate(effects) if effect.is_instrument), -1)


@api
def TrackFX_GetEQ(_reaper, track, instantiate):
    effects = chain_of(track).effects
    found = next((at for at, e in enumerate(effects) if e.ident.startswith(_EQ)), -1)
    if found < 0 and instantiate:
        raise UnmodelledFunction("ReaEQ cannot be added in the double")
    return found


@api
def TrackFX_GetPreset(_reaper, track, index):
    return _effect(track, index) is not None, ""


@api
def TrackFX_Show(_reaper, _track, _index, _flag):
    """Windows are not drawn."""


def _effect(track, index):
    """An effect by its number; input effects count from 0x1000000."""
    if index >= CONTAINED:
        raise UnmodelledFunction("effects inside containers")
    chain = input_chain_of(track) if index >= INPUT_FX else chain_of(track)
    effects, place = chain.effects, index & ~INPUT_FX
    return effects[place] if 0 <= place < len(effects) else None


_NAMED = {
    "fx_type": lambda effect: effect.type,
    "fx_ident": lambda effect: effect.ident,
    "fx_name": lambda effect: effect.original_name,
    "original_name": lambda effect: effect.original_name,
    "renamed_name": lambda effect: effect.user_name,
    "pdc": lambda effect: str(effect.latency),
}
