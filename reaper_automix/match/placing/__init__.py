"""What a match sets in a place: faders, pans and strips, what is remembered, what stands there."""
