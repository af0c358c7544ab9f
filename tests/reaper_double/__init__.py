"""A strict double of REAPER: its API over projects that are nothing but their .RPP text."""

from reaper_double import (  # the API modules register their functions when imported
    api_envelopes,
    api_fx,
    api_items,
    api_project,
    api_render,
    api_sends,
    api_sources,
    api_state,
    api_system,
    api_tracks,
    api_ui,
    api_undo,
)
from reaper_double.errors import (
    ArgumentError,
    AvoidedFunction,
    InjectedError,
    UnbalancedError,
    UnknownFunction,
    UnmodelledFunction,
)
from reaper_double.model import Project
from reaper_double.reaper import Reaper
from reaper_double.registry import FUNCTIONS, api
from reaper_double.signatures import Pointer, signatures

API_MODULES = (
    api_envelopes,
    api_fx,
    api_items,
    api_project,
    api_render,
    api_sends,
    api_sources,
    api_state,
    api_system,
    api_tracks,
    api_ui,
    api_undo,
)

__all__ = [
    "API_MODULES",
    "FUNCTIONS",
    "ArgumentError",
    "AvoidedFunction",
    "InjectedError",
    "Pointer",
    "Project",
    "Reaper",
    "UnbalancedError",
    "UnknownFunction",
    "UnmodelledFunction",
    "api",
    "signatures",
]
