"""Questions in plain words, read by a grammar into typed queries that print back as words."""
