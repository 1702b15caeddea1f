"""Answers and tracks measured against known truth."""
