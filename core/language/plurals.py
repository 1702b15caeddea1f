"""Articles and plurals of the canonical words."""

from __future__ import annotations

_IRREGULAR = {
    **{"man": "men", "woman": "women", "child": "children", "person": "people", "mouse": "mice"},
    **{name: name for name in ("sheep", "skis", "scissors", "broccoli")},
}


def plural(noun: str) -> str:
    """The plural of an English noun, of the last word where it has several."""
    front, _, last = noun.rpartition(" ")
    if last in _IRREGULAR:
        many = _IRREGULAR[last]
    elif last.endswith(("s", "x", "ch", "sh")):
        many = last + "es"
    elif last.endswith("y") and last[-2] not in "aeiou":
        many = last[:-1] + "ies"
    elif last.endswith("fe"):
        many = last[:-2] + "ves"
    else:
        many = last + "s"
    return f"{front} {many}" if front else many


def article(words: str) -> str:
    """The words with "a" or "an" before them, or as they are where they start with a number."""
    if words[:1].isdigit():
        return words
    return f"{'an' if words[:1] in 'aeio' else 'a'} {words}"
