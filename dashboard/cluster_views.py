"""What the list of groups shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.explore.features import Space


@dataclass(frozen=True, slots=True)
class ShareView:
    """A stretch of a bar. share: in [0, 1]; light, dark: its colour on either background."""

    words: str
    share: float
    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class ClusterView:
    """One group of objects.

    cluster: its number on its level. given: whether a person named it. pictures: addresses of
    crops of objects that show it. bar: of what kinds it is, largest share first.
    """

    cluster: int
    name: str
    given: bool
    size: int
    about: str
    pictures: tuple[str, ...]
    bar: tuple[ShareView, ...]


@dataclass(frozen=True, slots=True)
class ClustersView:
    """The groups of one space on one level.

    counts: how many groups each level has, coarse to fine. none: objects in no group, and why.
    """

    space: Space
    level: int
    counts: tuple[int, ...]
    clusters: tuple[ClusterView, ...]
    none: str
