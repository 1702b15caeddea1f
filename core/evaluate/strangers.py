"""Whether an object may answer a question that was made about another clip.

Read from what the truth of its own clip says of it; anything less than a sure no is a maybe.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluate.truth import TrueObject, World

_NO_VEHICLE = ("person", "dog")


def may_answer(asked: Mapping[str, Any], world: World, number: int) -> bool:
    """False where a part that was asked for is surely not true of the object.

    asked: `type`, `colour`, `motions` (kinds in their order), `without`, `not_colour`, and for
    relations `relation`, `role`, `other`.
    """
    truth = world.objects[number]
    if not _may_be(str(asked.get("type", "")), truth):
        return False
    colour = str(asked.get("colour", ""))
    if colour and asked.get("not_colour"):
        if truth.colour == colour:
            return False
    elif colour and colour not in (truth.colour, *truth.colours, *truth.may_be):
        return False
    motions: Sequence[str] = asked.get("motions", ())
    if asked.get("without"):
        return not any(kind in truth.did for kind in motions)
    if any(kind not in truth.did and kind not in truth.unsure for kind in motions):
        return False
    return "relation" not in asked or _may_relate(asked, world, number)


def _may_be(kind: str, truth: TrueObject) -> bool:
    if not kind:
        return truth.kind not in _NO_VEHICLE
    return kind == truth.kind or kind in truth.may_be


def _may_relate(asked: Mapping[str, Any], world: World, number: int) -> bool:
    """Whether anything is said of it and one that may be the other, whatever the relation."""
    for relation in world.relations:
        mine, other = relation.subject, relation.object
        if asked.get("role") == "object":
            mine, other = other, mine
        partner = world.objects.get(other)
        if mine == number and partner is not None and _may_be(str(asked["other"]), partner):
            return True
    return False
