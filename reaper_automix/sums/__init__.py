"""Sums of sources: predicted from traces and sketches, or played from audio."""
