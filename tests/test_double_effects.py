"""JS effects that are installed in the double's resource folder."""

import pytest

from reaper_double import Reaper
from reaper_songs import guid, song, track

EFFECT = """\
desc:Strip Ä
// slider9:no=1<0,1,1>A comment
slider1:on=1<0,1,1{off,on}>Switch
slider2:level_db=-3.5<-120,60,0.01>Level (dB)
slider3:0<0,1,0.1>-Hidden
@sample
spl0 *= 1;
"""


@pytest.fixture
def reaper(tmp_path):
    folder = tmp_path / "Effects" / "Mine ü"
    folder.mkdir(parents=True)
    (folder / "My Strip.jsfx").write_text(EFFECT, "utf-8")
    with Reaper(tmp_path) as reaper:
        reaper.open(song(track("Bass")))
        yield reaper


@pytest.fixture(params=["track", "master"])
def owner(request, reaper):
    project = reaper.active
    view = project.master if request.param == "master" else project.track(guid("Bass"))
    return reaper.pointer(view)


@pytest.mark.parametrize("name", ["JS:Mine ü/My Strip.jsfx", "JS: Strip Ä", "Mine ü/My Strip.jsfx"])
def test_it_is_added_by_its_path_or_name_and_has_its_sliders(reaper, owner, name):
    assert reaper.call("TrackFX_AddByName", owner, name, False, -1) == (0,)
    assert reaper.call("TrackFX_AddByName", owner, name, False, 0) == (0,)
    assert reaper.call("TrackFX_GetFXName", owner, 0) == (True, "JS: Strip Ä")
    ident = reaper.call("TrackFX_GetNamedConfigParm", owner, 0, "fx_ident")
    assert ident == (True, "Mine ü/My Strip.jsfx")
    assert reaper.call("TrackFX_GetNumParams", owner, 0) == (3,)
    assert reaper.call("TrackFX_GetParam", owner, 0, 1) == (-3.5, -120.0, 60.0)
    assert reaper.call("TrackFX_GetParamName", owner, 0, 0) == (True, "Switch")
    assert '<JS "Mine ü/My Strip.jsfx" ""' in reaper.active.rpp


def test_a_value_stays_in_its_range_and_in_the_text(reaper, owner):
    reaper.call("TrackFX_AddByName", owner, "JS: Strip Ä", False, -1)
    assert reaper.call("TrackFX_SetParam", owner, 0, 1, -35.25) == (True,)
    assert reaper.call("TrackFX_GetParam", owner, 0, 1)[0] == -35.25
    reaper.call("TrackFX_SetParam", owner, 0, 1, -400.0)
    assert reaper.call("TrackFX_GetParam", owner, 0, 1)[0] == -120.0
    assert "1 -120 0 - - " in reaper.active.rpp


def test_unknown_names_and_stale_numbers_are_refused(reaper, owner):
    assert reaper.call("TrackFX_AddByName", owner, "JS: Strip B", False, -1) == (-1,)
    reaper.call("TrackFX_AddByName", owner, "JS: Strip Ä", False, -1)
    assert reaper.call("TrackFX_SetParam", owner, 0, 3, 1.0) == (False,)
    assert reaper.call("TrackFX_Delete", owner, 0) == (True,)
    assert reaper.call("TrackFX_Delete", owner, 0) == (False,)
    assert reaper.call("TrackFX_SetParam", owner, 0, 1, 1.0) == (False,)
