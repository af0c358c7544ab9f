"""Settings that come at once, where how a match is found is the matter of other tests."""

from dataclasses import replace

from reaper_automix.match.console.strips import Band, Console, Master, neutral_master
from reaper_automix.match.placing import mapping
from reaper_automix.match.ways import Tip


def styled(heard, ends, aim, wanted, checkpoint, progress):
    """In place of a search: every other stem 2 dB up, with bands and compressors, and a master."""
    progress("Matching", 0.0, 1.0)
    channels = []
    for number, channel in enumerate(mapping.console_before(ends).channels):
        bands = (Band(3.0, 120.0, 0.7), *channel.strip.bands[1:])
        compressor = replace(channel.strip.compressor, threshold_db=-30.0, ratio=2.0)
        strip = replace(channel.strip, bands=bands, compressor=compressor)
        gain_db = channel.gain_db + 2.0 * (number % 2)
        channels.append(replace(channel, gain_db=gain_db, strip=strip, pan=0.4))
    master = neutral_master()
    bands = (*master.strip.bands[:5], Band(-2.0, 9000.0, 0.7))
    bus = Master(3.0, replace(master.strip, bands=bands), 0.0)
    return Tip(Console(tuple(channels), bus), "optimiser")
