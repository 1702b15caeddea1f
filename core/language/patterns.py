"""Word patterns compiled into one graph, so that the longest match at a place is found at once.

A pattern is words with spaces between; `a|b` is a choice of words, `[x y]` may be left out,
`{name}` is replaced by a macro, `=word` matches only as written, never an inflected form. Choices
and options may nest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.language.words import Token

Meaning = tuple[str, str, str]
Nodes = frozenset[int]

_START: Nodes = frozenset({0})


@dataclass(frozen=True, slots=True)
class Match:
    """How many tokens a phrase took, what it means, and the manner found inside it."""

    length: int
    meaning: Meaning
    manner: str
    order: int


class PatternGraph:
    """Patterns as a graph whose edges are words; where two patterns fit alike, the earlier wins."""

    def __init__(self, macros: Mapping[str, str]) -> None:
        self._macros = macros
        self._edges: list[dict[str, set[int]]] = [{}]
        self._jumps: list[set[int]] = [set()]
        self._meaning: dict[int, tuple[int, Meaning]] = {}
        self._steps: dict[tuple[Nodes, str], Nodes] = {}
        self._known_ends: dict[Nodes, tuple[int, Meaning] | None] = {}
        self.vocabulary: set[str] = set()

    def add(self, pattern: str, meaning: Meaning) -> None:
        for name, words in self._macros.items():
            pattern = pattern.replace("{" + name + "}", words)
        end = self._path(0, pattern)
        self._meaning.setdefault(end, (len(self._meaning), meaning))

    def finish(self) -> None:
        """Follow every option once, so that matching only ever follows words."""
        reach = [self._reachable(node) for node in range(len(self._edges))]
        merged: list[dict[str, set[int]]] = []
        meaning = dict(self._meaning)
        for node, others in enumerate(reach):
            edges: dict[str, set[int]] = {}
            for other in others:
                for word, targets in self._edges[other].items():
                    edges.setdefault(word, set()).update(targets)
            merged.append(edges)
            ends = [self._meaning[other] for other in others if other in self._meaning]
            if ends and node:
                meaning[node] = min(ends)
        self._edges, self._meaning = merged, meaning

    def longest(
        self,
        sentence: Sequence[Token],
        at: int,
        forms: Mapping[str, str],
        manners: Mapping[str, str],
    ) -> Match | None:
        """The longest phrase that starts here.

        forms: inflected form -> base form, tried after the word as written. manners: words that
        may stand between the words of a phrase, with the manner they express.
        """
        return self._walk(_START, sentence, at, 0, "", forms, manners)

    def _walk(
        self,
        nodes: Nodes,
        sentence: Sequence[Token],
        at: int,
        length: int,
        manner: str,
        forms: Mapping[str, str],
        manners: Mapping[str, str],
    ) -> Match | None:
        """All nodes that the words so far lead to are followed at once."""
        best: Match | None = None
        if length and (found := self._ends(nodes)) is not None:
            best = Match(length, found[1], manner, found[0])
        if at >= len(sentence) or sentence[at].kind != "word":
            return best
        word = sentence[at].text
        if after := self._after(nodes, word, forms.get(word, word)):
            longer = self._walk(after, sentence, at + 1, length + 1, manner, forms, manners)
            best = _better(best, longer)
        if length and word in manners:
            said = manner or manners[word]
            beyond = self._walk(nodes, sentence, at + 1, length + 1, said, forms, manners)
            if beyond is not None and beyond.length > length + 1:
                best = _better(best, beyond)
        return best

    def _ends(self, nodes: Nodes) -> tuple[int, Meaning] | None:
        if nodes not in self._known_ends:
            ends = [self._meaning[node] for node in nodes if node in self._meaning]
            self._known_ends[nodes] = min(ends) if ends else None
        return self._known_ends[nodes]

    def _after(self, nodes: Nodes, word: str, base: str) -> Nodes:
        """The nodes that a word leads to, as written or in its base form; remembered."""
        key = (nodes, word)
        known = self._steps.get(key)
        if known is None:
            known = frozenset(
                target
                for node in nodes
                for form in (word, f"={word}", base)
                for target in self._edges[node].get(form, ())
            )
            if known:
                self._steps[key] = known
        return known

    def _path(self, start: int, pattern: str) -> int:
        node, rest = start, pattern.strip()
        while rest:
            if rest.startswith("["):
                end = _closing(rest)
                last = self._path(node, rest[1:end])
                self._jumps[node].add(last)
                node, rest = last, rest[end + 1 :].strip()
                continue
            choice, _, rest = rest.partition(" ")
            rest = rest.strip()
            fresh = self._node()
            for word in choice.split("|"):
                self.vocabulary.add(word.removeprefix("="))
                self._edges[node].setdefault(word, set()).add(fresh)
            node = fresh
        return node

    def _node(self) -> int:
        self._edges.append({})
        self._jumps.append(set())
        return len(self._edges) - 1

    def _reachable(self, node: int) -> set[int]:
        seen, waiting = {node}, [node]
        while waiting:
            for other in self._jumps[waiting.pop()] - seen:
                seen.add(other)
                waiting.append(other)
        return seen


def _better(one: Match | None, other: Match | None) -> Match | None:
    if other is None:
        return one
    if one is None or (other.length, -other.order) > (one.length, -one.order):
        return other
    return one


def _closing(pattern: str) -> int:
    depth = 0
    for index, letter in enumerate(pattern):
        depth += (letter == "[") - (letter == "]")
        if depth == 0:
            return index
    raise ValueError(f"an unclosed bracket in the pattern {pattern!r}")
