"""Errors a person may see: each says what happened and what to do about it.

Everything derived from `VidtrailError` is shown as its message alone; any other exception is a bug.
"""

from __future__ import annotations


class VidtrailError(Exception):
    """Base of all errors whose message is written for people."""


class VideoError(VidtrailError):
    """A media file cannot be used: no video, damaged, unreadable."""


class ModelError(VidtrailError):
    """A detector or encoder cannot be had: missing weights, wrong hash, no internet."""


class LibraryError(VidtrailError):
    """The library folder cannot be used: newer format, damaged, locked, disk full."""


class QueryError(VidtrailError):
    """A question that cannot be asked: empty, or a filter that contradicts itself."""


class IdentityError(VidtrailError):
    """Tracks that cannot be joined, told apart, split or undone as asked."""


class Cancelled(VidtrailError):  # noqa: N818 - an outcome a person asked for, not a failure
    """A long piece of work was stopped on request; what was finished stays."""
