"""A small procedural world of streets: what happens in it is known, so answers can be checked."""
