"""From paths to what an object did: turns, stops, approaches, relations."""
