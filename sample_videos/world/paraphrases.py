"""The same question in other words: as captions of traffic videos have it, and as people say it.

The words lie in `paraphrases.json`; whoever wrote them had not seen what the parser understands.
Names that say more than is known of an object ("delivery van", "double-decker") are not among them.

Clips of seeds from 7000 on are for the last test: they are asked with one half of the words, all
others with the other half, so that who tunes a parser on the one has not seen the other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from sample_videos.world.query_words import SEQUENCES, with_article

STYLES = ("caption", "person")
HELD_OUT_FROM = 7000
_FILE = Path(__file__).with_name("paraphrases.json")
_NOT = {"caption": "{noun} that is not {colour}", "person": "{noun} that's not {colour}"}
_NOT_WORN = {"caption": "{noun} not dressed in {colour}", "person": "{noun} not wearing {colour}"}
_FINITE, _BARE = "{a} ", "{0} "
_JOINTS = {_FINITE: (" and then ", ", then ", " before it "), _BARE: (" and then ", ", then ")}

Words = Mapping[str, Any]


def paraphrases(
    asked: Mapping[str, Any], rng: np.random.Generator, seed: int
) -> list[dict[str, str]]:
    """One text in each style for what a query asks: its `asked`, as `queries` writes it.

    seed: of the clip; decides which half of the words is used.
    """
    half = _words(seed >= HELD_OUT_FROM)
    return [{"origin": style, "text": _said(asked, half[style], style, rng)} for style in STYLES]


@cache
def _words(held_out: bool) -> Words:
    half: Words = _halved(json.loads(_FILE.read_text(encoding="utf-8")), int(held_out))
    return half


def _halved(words: Any, first: int) -> Any:
    """Every second entry of all lists, from `first` on; of a list of one, that one."""
    if isinstance(words, dict):
        return {name: _halved(inner, first) for name, inner in words.items()}
    return words[first::2] or words


def _said(asked: Mapping[str, Any], words: Words, style: str, rng: np.random.Generator) -> str:
    negated = bool(asked.get("not_colour"))
    name = _name(words, style, str(asked["type"]), str(asked["colour"]), rng, negated=negated)
    if "relation" in asked:
        pool = "relations" if asked["role"] == "subject" else "relations_passive"
        kind = {"stop_behind": "behind"}.get(str(asked["relation"]), str(asked["relation"]))
        other = _name(words, style, str(asked["other"]), str(asked["other_colour"]), rng)
        return _one(words[pool][kind], rng).format(a=with_article(name), b=with_article(other))
    motion = str(asked["motion"])
    if not motion:
        return name if rng.random() < 0.5 else with_article(name)
    pools = words["motions"]
    if str(asked["type"]) in ("person", "dog"):
        pools = {**pools, **words["motions_on_foot"]}
    if asked["without"]:
        pools = words["without"]
    if motion in SEQUENCES and motion not in pools:
        return _in_a_row(name, *SEQUENCES[motion], pools, rng)
    return _filled(_one(pools[motion], rng), name)


def _in_a_row(name: str, first: str, second: str, pools: Words, rng: np.random.Generator) -> str:
    """Two motions joined, both in finite or both in -ing form."""
    starts = [_FINITE, _BARE]
    rng.shuffle(starts)
    for start in starts:
        ways = [[t for t in pools[m] if _plain(t, start)] for m in (first, second)]
        if all(ways):
            joint = _one(_JOINTS[start], rng)
            return _filled(_one(ways[0], rng), name) + joint + _one(ways[1], rng)[len(start) :]
    raise KeyError(f"{first} and {second} have no words of one form")


def _plain(template: str, start: str) -> bool:
    """Whether what follows the name is a verb, so that it can follow another one."""
    rest = template.removeprefix(start)
    return template.startswith(start) and not rest.startswith(("that ", "which ", "that's ", "is "))


def _filled(template: str, name: str) -> str:
    return template.format(name, a=with_article(name))


def _name(
    words: Words,
    style: str,
    kind: str,
    colour: str,
    rng: np.random.Generator,
    *,
    negated: bool = False,
) -> str:
    noun = _one(words["nouns"][kind], rng)
    if not colour:
        return noun
    if negated:
        template = (_NOT_WORN if kind == "person" else _NOT)[style]
    else:
        template = _one(words["colour"]["person" if kind == "person" else "thing"], rng)
    return template.format(noun=noun, colour=colour)


def _one(pool: Any, rng: np.random.Generator) -> str:
    return str(pool[int(rng.integers(len(pool)))])
