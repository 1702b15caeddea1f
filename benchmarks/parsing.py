"""How well sentences are understood: the parser against sentences whose parts somebody wrote down.

    python -m benchmarks.parsing [benchmarks/sentences_2.jsonl] [--failures 40] [--json]

A line of the file is one sentence: `text`, `style` (whose way of asking), `easy`, `gold` with what
it asks for, and `accept`: for a slot, other readings that are as right. Slots of `gold`: classes,
not_classes, colours, not_colours, wears ([colour, garment] pairs), events, not_events, order
("then", "while"), relations (kind, role, other, negated), count, min_s, max_s, after_s, before_s,
places, frame ("viewer"), scene, free (words of appearance); a slot that is missing is empty.

A slot is right when it holds exactly what was written down. Words are compared as the parser's own
vocabulary has them ("lorry" is "truck"); a word it does not know is wrong wherever it stands.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import QueryError
from core.language.parser import parse
from core.language.query import EventPart, Query, RelationPart, Target

SENTENCES = Path(__file__).with_name("sentences.jsonl")
SLOTS = (
    "classes", "not_classes", "colours", "not_colours", "wears", "events", "not_events", "order",
    "relations", "count", "min_s", "max_s", "after_s", "before_s", "places", "frame", "scene",
    "free",
)  # fmt: skip
_NO_SIDES = ("near", "with", "together", "meet", "group", "between")
_SMALL = {"a", "an", "the", "of", "on", "in", "with", "its", "his", "her", "their", "and", "at"}

Slots = Mapping[str, Any]


@dataclass(slots=True)
class Tally:
    """Of one slot: sentences that have it, of these read rightly, and read into others."""

    n: int = 0
    right: int = 0
    invented: int = 0


@dataclass(slots=True)
class Verdict:
    """How one sentence was read. wrong: slot -> (what was written down, what was read)."""

    text: str
    style: str
    easy: bool
    wrong: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    has: frozenset[str] = frozenset()
    problem: str = ""


def read(text: str) -> dict[str, Any]:
    """What the parser makes of a sentence, in the slots; raises QueryError as it does."""
    return slots_of(parse(text))


def slots_of(query: Query) -> dict[str, Any]:
    """A query in the slots; of two objects one after the other, the first with both's events."""
    target, then = query.target, query.then
    events = [*query.events, *(then.events if then is not None else ())]
    manners = {"slowly": "slow", "fast": "fast"}
    kinds = {e.kind for e in events if not e.negated}
    kinds |= {manners[e.manner] for e in events if e.manner in manners}
    plain = [c for c in target.colours if not c.on]
    related = [*query.relations, *(then.relations if then is not None else ())]
    timed: list[EventPart | RelationPart] = [*events, *related]
    lasting = [part.min_s for part in timed if part.min_s is not None]
    at_most = [part.max_s for part in timed if part.max_s is not None]
    window = query.window
    return {
        "classes": frozenset(target.classes),
        "not_classes": frozenset(target.not_classes),
        "colours": frozenset(name for c in plain if not c.negated for name in c.colours),
        "not_colours": frozenset(name for c in plain if c.negated for name in c.colours),
        "wears": frozenset((name, c.on) for c in target.colours if c.on for name in c.colours),
        "events": frozenset(kinds),
        "not_events": frozenset(e.kind for e in events if e.negated),
        "order": "then" if then is not None else ("" if query.order == "none" else query.order),
        "relations": frozenset(_relation(part) for part in query.relations),
        "count": target.count if target.count > 1 else None,
        "min_s": lasting[0] if lasting else None,
        "max_s": at_most[0] if at_most else None,
        "after_s": window.after_s if window is not None else None,
        "before_s": window.before_s if window is not None else None,
        "places": frozenset(place.lower() for place in query.places),
        "frame": "viewer" if query.frame == "viewer" else "",
        "scene": bool(query.scene),
        "free": frozenset(look.text.lower() for look in target.looks),
    }


def _relation(part: RelationPart) -> tuple[Any, ...]:
    role = "" if part.kind in _NO_SIDES else part.role
    colours = frozenset(name for c in part.other.colours for name in c.colours)
    return (part.kind, role, frozenset(part.other.classes), colours, part.negated)


# --- what was written down, in the parser's words ------------------------------------------------


@cache
def _class_word(word: str) -> str:
    classes = _target(word).classes
    return classes[0] if len(classes) == 1 else f"?{word}"


@cache
def _colour_word(word: str) -> str:
    colours = [name for c in _target(f"{word} car").colours for name in c.colours]
    return colours[0] if len(colours) == 1 else f"?{word}"


@cache
def _garment_word(word: str) -> str:
    worn = [c.on for c in _target(f"person in a red {word}").colours if c.on]
    return worn[0] if len(worn) == 1 else word


def _target(words: str) -> Target:
    try:
        return parse(words).target
    except QueryError:
        return Target()


def _gold_relation(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    role = "" if entry["kind"] in _NO_SIDES else entry.get("role", "subject")
    other = entry.get("other", {})
    classes = frozenset(_class_word(word) for word in other.get("classes", ()))
    colours = frozenset(_colour_word(word) for word in other.get("colours", ()))
    return (entry["kind"], role, classes, colours, bool(entry.get("negated", False)))


_IN_OUR_WORDS: Mapping[str, Callable[[Any], Any]] = {
    "classes": lambda words: frozenset(map(_class_word, words)),
    "not_classes": lambda words: frozenset(map(_class_word, words)),
    "colours": lambda words: frozenset(map(_colour_word, words)),
    "not_colours": lambda words: frozenset(map(_colour_word, words)),
    "wears": lambda pairs: frozenset((_colour_word(c), _garment_word(g)) for c, g in pairs),
    "events": frozenset,
    "not_events": frozenset,
    "relations": lambda entries: frozenset(map(_gold_relation, entries)),
    "places": lambda words: frozenset(word.lower() for word in words),
    "free": lambda words: frozenset(word.lower() for word in words),
    "order": lambda word: "" if word in (None, "none") else word,
    "frame": lambda word: "viewer" if word == "viewer" else "",
    "scene": bool,
}


def gold_of(slot: str, value: Any) -> Any:
    """What was written down for a slot, in the words and the shape of `slots_of`."""
    if value is None and slot in ("count", "min_s", "max_s", "after_s", "before_s"):
        return None
    shape = _IN_OUR_WORDS.get(slot)
    if shape is None:
        return value
    return shape(() if value is None and slot not in ("order", "frame", "scene") else value)


# --- judging -------------------------------------------------------------------------------------


def judge(entry: Mapping[str, Any]) -> Verdict:
    """One sentence, slot by slot."""
    gold, accept = entry["gold"], entry.get("accept", {})
    verdict = Verdict(entry["text"], entry.get("style", ""), bool(entry.get("easy", False)))
    wanted = {slot: gold_of(slot, gold.get(slot)) for slot in SLOTS}
    verdict.has = frozenset(slot for slot in SLOTS if wanted[slot])
    try:
        found = read(entry["text"])
    except QueryError as refusal:
        verdict.problem = str(refusal)
        found = slots_of(Query())
    for slot in SLOTS:
        ways = [wanted[slot], *(gold_of(slot, other) for other in accept.get(slot, ()))]
        if not any(same(slot, way, found) for way in ways):
            verdict.wrong[slot] = (_plain(wanted[slot]), _plain(found[slot]))
    return verdict


def same(slot: str, wanted: Any, found: Slots) -> bool:
    """Whether a slot was read as wanted; what words describe is compared by its main words."""
    if slot == "free":
        told = [_main(text) for text in found["free"]]
        asked = [_main(text) for text in wanted]
        covered = all(any(words <= other for other in told) for words in asked)
        clothes = {word for pair in found["wears"] for word in pair}
        needed = all(any(words & other for words in asked) or other <= clothes for other in told)
        return covered and (needed or not told)
    if slot == "wears":
        told = [_main(text) for text in found["free"]]
        return bool(found["wears"] <= wanted) and all(
            pair in found["wears"] or any(set(pair) <= words for words in told) for pair in wanted
        )
    if slot == "places":
        return len(wanted) == len(found["places"]) and all(
            any(_main(a) <= _main(b) or _main(b) <= _main(a) for b in found["places"])
            for a in wanted
        )
    return bool(wanted == found[slot])


def _main(text: str) -> frozenset[str]:
    words = text.lower().replace("-", " ").replace(",", " ").split()
    return frozenset(word for word in words if word not in _SMALL)


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=str)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def tallies(verdicts: Sequence[Verdict]) -> dict[str, Tally]:
    """Slot -> how often it was there, read rightly, or read into what has none."""
    found = {slot: Tally() for slot in SLOTS}
    for verdict in verdicts:
        for slot in SLOTS:
            if slot in verdict.has:
                found[slot].n += 1
                found[slot].right += slot not in verdict.wrong
            else:
                found[slot].invented += slot in verdict.wrong
    return found


def figures(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Plain data: accuracy of slots, of whole sentences, by style."""
    table = tallies(verdicts)
    there = sum(tally.n for tally in table.values())
    styles = sorted({verdict.style for verdict in verdicts})

    def exact(some: Sequence[Verdict]) -> float:
        return round(sum(not v.wrong for v in some) / len(some), 4) if some else 0.0

    return {
        "sentences": len(verdicts),
        "exact": exact(verdicts),
        "exact_easy": exact([v for v in verdicts if v.easy]),
        "exact_others": exact([v for v in verdicts if not v.easy]),
        "slots_right": round(sum(t.right for t in table.values()) / max(there, 1), 4),
        "invented_a_sentence": round(
            sum(t.invented for t in table.values()) / max(len(verdicts), 1), 4
        ),
        "slots": {
            slot: {
                "n": tally.n,
                "right": round(tally.right / tally.n, 4) if tally.n else None,
                "invented": tally.invented,
            }
            for slot, tally in table.items()
        },
        "styles": {s: exact([v for v in verdicts if v.style == s]) for s in styles},
        "refused": sum(bool(v.problem) for v in verdicts),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the file, print the table; 2 where the file cannot be used."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=SENTENCES)
    parser.add_argument("--first", type=int, metavar="N", help="only the first N sentences")
    parser.add_argument("--failures", type=int, default=1000, metavar="N", help="list at most N")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        lines = chosen.file.read_text(encoding="utf-8").splitlines()
        entries = [json.loads(line) for line in lines if line.strip()][: chosen.first]
        verdicts = [judge(entry) for entry in entries]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        print(f"{chosen.file} cannot be used as sentences: {problem}", file=sys.stderr)
        return 2
    data = figures(verdicts)
    if chosen.json:
        print(json.dumps(data, indent=1))
        return 0
    print(
        f"{data['sentences']} sentences: {data['exact']:.3f} read exactly "
        f"(easy {data['exact_easy']:.3f}, others {data['exact_others']:.3f})"
    )
    print(
        f"{data['slots_right']:.3f} of the slots right, {data['invented_a_sentence']:.3f} invented "
        f"a sentence, {data['refused']} refused"
    )
    print("by style: " + ", ".join(f"{style} {v:.3f}" for style, v in data["styles"].items()))
    print(f"\n{'slot':<14}{'n':>6}{'right':>8}{'invented':>10}")
    for slot, row in data["slots"].items():
        right = "-" if row["right"] is None else f"{row['right']:.3f}"
        print(f"{slot:<14}{row['n']:>6}{right:>8}{row['invented']:>10}")
    failed = [verdict for verdict in verdicts if verdict.wrong]
    print(f"\nnot read exactly ({len(failed)}):" if failed else "")
    for verdict in failed[: chosen.failures]:
        print(f"  {verdict.text}")
        for slot, (wanted, found) in verdict.wrong.items():
            print(f"      {slot}: {wanted} was read as {found}")
        if verdict.problem:
            print(f"      refused: {verdict.problem}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
