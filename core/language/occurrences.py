"""What happens, with whom, where and when: handlers of motion, relation, place and time."""

from __future__ import annotations

from dataclasses import replace

from core.language.attachments import Attachments
from core.language.bonds import FAR
from core.language.chunks import Chunk
from core.language.clauses import NOUN_STARTS, PRONOUNS
from core.language.noun import Noun
from core.language.nouns import events_of, noun_phrase
from core.language.query import EventPart, Role, TimeWindow
from core.language.sentence import Bond
from core.language.whereabouts import UNKNOWN

_RUNS = ("run", "runs", "running", "ran")
_STARTS = ("start", "starts", "started", "starting")
_LEAVES = (("leave",), ("leaves",), ("leaving",))
_ACTIVE = frozenset({"follow", "overtake", "pass", "meet", "stop_behind"})
_PASSES = ("overtake", "pass")
_RIDES = ("ride", "rides", "riding", "rode")
_JUNCTIONS = frozenset(
    {"intersection", "junction", "crossroads", "crossroad", "corner", "light", "lights", "fork"}
    | {"traffic light", "traffic lights", "red light", "green light", "t junction", "stop sign"}
    | {"roundabout", "crossing"}
)
_OPPOSITE = {
    "turn_left": "turn_right",
    "turn_right": "turn_left",
    "screen_left": "screen_right",
    "screen_right": "screen_left",
    "screen_up": "screen_down",
    "screen_down": "screen_up",
    "approach": "recede",
    "recede": "approach",
}
_SIDES_KEPT = frozenset({"near", "with", "behind", "together", "meet", "between", "group"})
_SUFFERED = frozenset({("followed",), ("chased",), ("tailed",), ("overtaken",), ("trailed",)})
_NEARS = frozenset({("approaching",), ("approaches",), ("approached",), ("approach",)})
_LATER_SLACK_S = 3.0


class Occurrences(Attachments):
    """Handlers of one chunk each: they return where to go on."""

    def on_event(self, at: int) -> int:
        chunk = self.chunks[at]
        if chunk.words[-1] in _RIDES:
            mount = noun_phrase(self.chunks, at + 1, motion_first=False)
            if mount is not None and self.mount(mount.noun):
                return mount.end
            if mount is not None and mount.noun.of_animal:
                self.relation = Bond("with", "subject", Noun(), bool(self.negated), at=chunk.at)
                self.negated = ""
                return at + 1
        if chunk.words == ("cycling",):
            return self.on_cycling(at)
        if chunk.words[0] in _STARTS and len(chunk.words) == 1 and self.tag_at(at + 1) == "EVENT":
            return at + 1
        if (
            chunk.words in _LEAVES
            and self.tag_at(at + 1) == "DET"
            and (self.tag_at(at + 2) in ("KNOWN", "WORD"))
        ):
            return self.free_words("leaving", at)
        manner, self.manner = self.manner, None
        negated, self.negated = bool(self.negated), ""
        finite = not chunk.words[0].endswith("ing") and chunk.value != "parked"
        if self.last_tag == "COMMA" and finite and not (negated or self.link or self.leading):
            self.link = "then" if self.events and not self.events[-1].negated else ""
        for said in events_of(chunk):
            event = self._in_manner(said, manner)
            if chunk.words[0] in _RUNS and event.kind == "moving" and self.main.on_legs:
                event = replace(event, kind="fast")
            if self.link == "or" and self.events:  # nothing here tests one event or another
                negated = negated or self.events[-1].negated
                self.unknown += [] if negated else ["or"]
            event = replace(event, negated=negated)
            if self.relative is not None:
                if chunk.words[-1] == "stopped":  # "passes a car that is stopped"
                    event = replace(event, kind="stationary")
                self.relative.doing.append(event)
            else:
                self.happen(self._at_junction(event, at))
        return at + 1

    def _at_junction(self, event: EventPart, at: int) -> EventPart:
        """Read "goes left at the intersection" is a turn, "goes left" a direction on the screen."""
        after = self.chunks[at + 1] if at + 1 < len(self.chunks) else None
        bare = event.kind in ("screen_left", "screen_right") and len(self.words_at(at)) == 2
        if bare and after is not None and after.tag == "PLACE" and after.value in _JUNCTIONS:
            return replace(event, kind=event.kind.replace("screen", "turn"))
        if self.words_at(at)[0].startswith("continu") and len(self.words_at(at)) == 1:
            rests = bool(self.events) and self.events[-1].kind in ("stop", "wait")
            return replace(event, kind="start") if rests else event
        return event

    def _in_manner(self, event: EventPart, manner: Chunk | None) -> EventPart:
        if manner is None:
            return event
        chunk = Chunk("EVENT", event.kind, (), event.manner or manner.value, at=event.at)
        changed = events_of(chunk)[0]
        return replace(
            changed,
            negated=event.negated,
            min_s=event.min_s,
            max_s=event.max_s,
            at=(min(manner.at[0], event.at[0]), max(manner.at[1], event.at[1])),
        )

    def on_manner(self, at: int) -> int:
        chunk = self.chunks[at]
        kind = {"slowly": "slow", "fast": "fast"}.get(chunk.value)
        if self.negated and kind and self.tag_at(at + 1) != "EVENT":  # "not very fast"
            self.negated = ""
            self.happen(EventPart(kind, negated=True, at=chunk.at))
            return at + 1
        said = self.relative.doing if self.relative is not None else self.events
        if self.last_tag in ("EVENT", "PLACE", "DURATION", "RELATION") and said:
            said[-1] = self._in_manner(said[-1], chunk)
        else:
            self.manner = chunk
        return at + 1

    def on_runs(self, at: int) -> int:
        """Who runs a red light does not stop there."""
        chunk = self.chunks[at]
        self.happen(EventPart("stop", negated=not self.negated, at=chunk.at))
        self.negated = ""
        self.places.setdefault(chunk.value, chunk.at)
        return at + 1

    def on_other_way(self, at: int) -> int:
        """Read "turns left, then the other way"; without a way before it, nothing measures it."""
        chunk = self.chunks[at]
        last = self.events[-1] if self.events else None
        if last is not None and last.kind == "u_turn":
            self.link = ""
            return at + 1
        if last is not None and last.kind in _OPPOSITE and not last.negated:
            self.link = "then"
            self.happen(EventPart(_OPPOSITE[last.kind], at=chunk.at))
            return at + 1
        if chunk.words[0] not in ("in", "the", "other", "opposite") and self.main.count == 1:
            self.happen(EventPart("moving", negated=bool(self.negated), at=chunk.at))
        self.negated = ""
        self.places.setdefault("other way", chunk.at)
        return at + 1

    def on_side(self, at: int) -> int:
        """Read "camera left": the side of the picture."""
        chunk = self.chunks[at]
        last = self.events[-1] if self.events else None
        if last is not None and last.kind == "turn":
            self.events[-1] = replace(last, kind=f"turn_{chunk.value}")
            self.viewer = True
        elif last is not None and last.kind in ("moving", "fast", "slow"):
            self.happen(EventPart(f"screen_{chunk.value}", negated=last.negated, at=chunk.at))
        else:
            self.places.setdefault(chunk.value, chunk.at)
        return at + 1

    def on_times(self, at: int) -> int:
        if self.events and self.order != "while" and self.words_at(at) != ("again",):
            times = int(self.chunks[at].value)
            self.order = "then" if len(self.events) == 1 else self.order
            if self.order == "then":
                self.events += [self.events[-1]] * (times - 1)
        return at + 1

    # --- relations ---------------------------------------------------------------------------

    def on_relation(self, at: int) -> int:
        chunk = self.chunks[at]
        role: Role = "object" if chunk.role == "object" else "subject"
        kind = chunk.value
        timed = self.tag_at(at + 1) in ("DURATION", "WITHIN") and self.words_at(at + 2) == ("by",)
        if timed and chunk.words[-1:] in _SUFFERED:  # "followed for 2 seconds by a van"
            bounds = self.chunks[at + 1].span
            self.pending = bounds if self.tag_at(at + 1) == "DURATION" else self.pending
            self.relation = Bond(kind, "object", Noun(), bool(self.negated), at=chunk.at)
            self.negated = ""
            return at + 3
        if chunk.role == FAR:
            self.negated = "" if self.negated else "not"
        passes = kind == "overtake" and role == "subject" and chunk.words[0].startswith("pass")
        if passes and self.main.on_legs:
            kind = "pass"
        if not self.started and self.tag_at(at + 1) == "CLASS" and chunk.words[-1].endswith("ing"):
            return self._before_noun(at, kind, role, passes=passes)
        if self.tag_at(at + 1) == "EACH":
            return self.each_other(kind, role, at)
        after = at + 1
        if kind == "follow" and role == "object" and self.events:  # "followed by a right turn"
            event = after + (self.tag_at(after) == "DET")
            if self.tag_at(event) == "EVENT" and self.noun_at(after) is None:
                self.link = "then"
                return event
        while self.tag_at(after) == "SKIP" or (
            self.tag_at(after) == "NOT" and self.words_at(after) == ("no",)
        ):
            self.negated = "no" if self.tag_at(after) == "NOT" else self.negated
            after += 1
        beyond = self.words_at(at + 1) in PRONOUNS and kind not in _ACTIVE
        if beyond and self.tag_at(after) in NOUN_STARTS - {"EVENT"}:  # "behind it a black van"
            role = "object" if role == "subject" else "subject"
        if self.tag_at(after) in NOUN_STARTS:
            phrase = noun_phrase(self.chunks, after, motion_first=True)
            meanwhile = chunk.words[0] in ("at", "simultaneously")
            if phrase is not None and meanwhile and self.predicate(phrase.end):
                self.link = "while"
                return after
            if phrase is not None:
                self.relation = Bond(kind, role, Noun(), bool(self.negated), at=chunk.at)
                self.negated = ""
                return after
        return self._without_noun(at, after, kind, role)

    def _before_noun(self, at: int, kind: str, role: Role, *, passes: bool) -> int:
        """A relation said before its noun: "the following car", "passing cars"."""
        if passes:
            return self._on_event_kind("moving", at)
        negated, self.negated = bool(self.negated), ""
        self.relate(kind, role, Noun(), negated=negated, at=self.chunks[at].at)
        self.current = self.main
        return at + 1

    def _without_noun(self, at: int, after: int, kind: str, role: Role) -> int:
        """A relation to something unnamed, or words of relation that only describe."""
        chunk = self.chunks[at]
        if self.words_at(after) == ("another",):
            after += 1
        elif (
            kind in ("overtake", "pass")
            and role == "subject"
            and (
                chunk.words[0].startswith(
                    ("pass", "go", "get", "driv", "walk", "rid", "com", "run")
                )
            )
        ):
            return self._on_event_kind("moving", at)
        elif kind == "stop_behind" and role == "subject":
            self.happen(EventPart("stop", negated=bool(self.negated), at=chunk.at))
            kind = "behind"
        elif kind == "meet" and self.main.count > 1:
            other = Noun(classes=list(self.main.classes), named=True)
            self.relate(kind, role, other, negated=bool(self.negated), at=chunk.at)
            self.negated, self.current = "", self.main
            return at + 1
        elif kind in _SIDES_KEPT:
            if self.tag_at(after) in NOUN_STARTS:
                return self.free_words(" ".join(chunk.words), after - 1)
            if self.words_at(after - 1) not in (("it",), ("them",)):
                self.unknown.append(" ".join(chunk.words))
                self.current.look(" ".join(chunk.words), at=chunk.at)
            self.negated = ""
            return at + 1
        elif self.words_at(at - 1) == ("being",):
            role = "object"
        negated, self.negated = bool(self.negated), ""
        known = self.words_at(at + 1) in PRONOUNS and bool(self.bonds)  # "then overtakes it"
        other = self.bonds[-1].other if known else Noun()
        self.relate(kind, role, other, negated=negated, at=chunk.at)
        return after

    def _on_event_kind(self, kind: str, at: int) -> int:
        negated, self.negated = bool(self.negated), ""
        said = events_of(Chunk("EVENT", kind, (), self.chunks[at].manner, at=self.chunks[at].at))[0]
        self.happen(replace(said, negated=negated))
        return at + 1

    # --- places and times --------------------------------------------------------------------

    def on_place(self, at: int) -> int:
        value = self.chunks[at].value
        if value == "opposite directions" and self.main.named:
            other = Noun(classes=list(self.main.classes), named=True)
            self.relate("meet", "subject", other, negated=bool(self.negated), at=self.chunks[at].at)
            self.current = self.main
        elif value == "opposite direction" and self.bonds and self.bonds[-1].kind in _PASSES:
            self.bonds[-1].kind = "meet"
        else:
            if self.words_at(at - 1) in _NEARS and self.events and self.last_tag == "EVENT":
                self.events.pop()  # who approaches the gate need not come to the camera
            value = "opposite direction" if value == "opposite directions" else value
            self.unknown += [value] if self.chunks[at].role == UNKNOWN else []
            self.places.setdefault(value, self.chunks[at].at)
        self.negated = ""
        return at + 1

    def on_duration(self, at: int) -> int:
        low, high = self.chunks[at].span
        if self.relative is not None and self.relative.doing:
            last = self.relative.doing[-1]
            self.relative.doing[-1] = replace(
                last, min_s=low or last.min_s, max_s=high or last.max_s
            )
        else:
            self.pending_words = " ".join(self.words_at(at))
            self.last_for(low, high)
        return at + 1

    def on_within(self, at: int) -> int:
        """How soon one thing follows another; of one thing alone, how long it takes."""
        chunk = self.chunks[at]
        if not chunk.value and self.events:  # "within 5 s of stopping"
            self.gap_s, self.gap_at, self.link = chunk.span[1], chunk.at, "after"
            return at + 2
        if self.order == "then" or self.link in ("then", "after", "before", "and"):
            self.gap_s, self.gap_at = chunk.span[1], chunk.at
            if self.link == "and":
                self.link = "then"
            return at + 1
        return self.on_duration(at)

    def on_later(self, at: int) -> int:
        self.link = "then"
        high = self.chunks[at].span[1]
        self.gap_s = None if high is None else high + _LATER_SLACK_S
        self.gap_at = self.chunks[at].at
        return at + 1

    def on_apart(self, at: int) -> int:
        self.gap_s, self.gap_at = self.chunks[at].span[1], self.chunks[at].at
        return at + 1

    def on_window(self, at: int) -> int:
        chunk = self.chunks[at]
        self.window = TimeWindow(*chunk.span, at=chunk.at)
        return at + 1
