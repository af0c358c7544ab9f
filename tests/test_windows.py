import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reaper_automix.features.windows import Windows


def cut(samples, sizes, **how):
    windows = Windows(**how)
    found, first = [], 0
    for size in [*sizes, samples.size]:
        found.append(windows.push(samples[first : first + size]))
        first += size
    return np.concatenate([*found, windows.close()])


@given(
    st.integers(0, 90),
    st.lists(st.integers(0, 40), max_size=5),
    st.integers(1, 12),
    st.sampled_from(("constant", "reflect")),
)
def test_the_windows_are_those_of_the_padded_signal(length, sizes, hop, edge):
    samples = np.arange(1, length + 1, dtype=np.float32)
    found = cut(samples, sizes, before=9, after=7, hop=hop, edge=edge)
    if not length:
        assert found.shape == (0, 16)
        return
    padded = np.pad(samples, (9, 7 + hop), mode=edge)
    whole = [padded[t * hop : t * hop + 16] for t in range(length // hop + 1)]
    assert found.tolist() == np.array(whole).tolist()


@pytest.mark.parametrize("edge", ["constant", "reflect"])
def test_a_single_sample_is_one_window(edge):
    assert cut(np.ones(1, np.float32), [], before=5, after=3, hop=4, edge=edge).shape == (1, 8)
