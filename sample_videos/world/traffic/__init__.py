"""Driving and walking: who moves where, and when, without touching anybody."""
