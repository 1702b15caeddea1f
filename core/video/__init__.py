"""Media files: what is in them, their frames by presentation time, stills and clips."""
