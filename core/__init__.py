"""Vidtrail's engine: video in, answers with evidence out; knows nothing of any user interface."""
