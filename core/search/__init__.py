"""Questions in plain words, answered with moments and the evidence for each part."""
