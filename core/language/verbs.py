"""Verbs of motion with all their forms, and the words of manner that go with them."""

from __future__ import annotations

from core.language.words import listed

VERBS = listed(
    "weave turn bear veer swing swerve steer curve cut peel make take hang do perform "
    "execute complete pull go drive keep head continue run travel ride walk proceed move stay "
    "carry stop halt come wait idle pause stand sit queue start begin set roll resume park "
    "remain rest pass overtake follow tail chase trail pursue shadow approach recede enter "
    "exit appear disappear vanish depart arrive slow decelerate brake accelerate speed "
    "race rush sprint zoom crawl creep cruise cross reverse back change switch merge "
    "loiter linger reduce lose gain pick hit get wear hold push drag accompany meet lead "
    "dress jog hurry drift fly stroll double round lag stalk leave want show find see have "
    "emerge drop board climb step shift swap hover pace wander lurk mill jaywalk yield give "
    "dash bolt hurtle dawdle tailgate surround encounter freeze pedal skate march ease near "
    "use line draw spin return jump ignore zigzag trot gallop tow undertake transport limp flow "
    "reappear roam chill escort force squeeze become"
)

_DOUBLED = frozenset(
    listed("stop run get set sit cut hit begin drag jog lag step drop swap trot spin zigzag")
) | {"pedal"}
_IRREGULAR = {
    "go": "went gone",
    "drive": "drove driven",
    "run": "ran",
    "make": "made",
    "take": "took taken",
    "hang": "hung",
    "come": "came",
    "become": "became",
    "get": "got gotten",
    "stand": "stood",
    "sit": "sat",
    "begin": "began begun",
    "keep": "kept",
    "speed": "sped",
    "ride": "rode ridden",
    "hold": "held",
    "wear": "wore worn",
    "swing": "swung",
    "overtake": "overtook overtaken",
    "meet": "met",
    "lead": "led",
    "creep": "crept",
    "leave": "leaving leaves",
    "see": "saw seen",
    "find": "found",
    "show": "shown",
    "fly": "flew flies",
    "carry": "carries carried",
    "hurry": "hurries hurried",
    "have": "has had having",
    "lose": "lost",
    "give": "gave given",
    "freeze": "froze frozen",
    "draw": "drew drawn",
    "spin": "spun",
    "tow": "towing",
}
_KEPT_APART = frozenset(
    listed("left parked passed stopped oncoming speeding driver wanted nearer better")
)
"""Forms with a meaning of their own, matched as they are written."""

MANNERS: dict[str, str] = {
    **dict.fromkeys(
        listed("slowly slow gently leisurely gradually cautiously carefully"), "slowly"
    ),
    **dict.fromkeys(listed("fast quickly quick rapidly rapid swiftly hastily speedily"), "fast"),
    **dict.fromkeys(listed("sharply sharp hard tight tightly abruptly sudden suddenly"), "sharply"),
    **dict.fromkeys(listed("slightly slight wide gentle"), "slightly"),
}


_DET = "[a|an|the|its|his|her|their|this|that|another|my|our]"
_CAMERA = "[the|this|our] camera|viewer|lens|me|us|cctv|observer|cameraman"
_FRAME = "[the|this] frame|picture|view|scene|shot|screen|image|video|sight"
_GO = (
    "go|drive|head|travel|move|run|ride|walk|proceed|cruise|roll|come|jog|stroll|fly|drift|"
    "pedal|march|wander|trot|skate|limp|race|gallop|flow"
)
_ROAD = (
    f"{_DET} [main|side|curved|winding|narrow|wide|straight|empty|busy|wet|long|open] street|road|"
    "lane|highway|avenue|boulevard|path|motorway|sidewalk|pavement|freeway|roadway|track"
)
_JUNCTION = f"{_DET} intersection|junction|crossroads|crossroad"

MACROS = {
    "det": _DET,
    "camera": _CAMERA,
    "frame": _FRAME,
    "road": _ROAD,
    "go": _GO,
    "steer": "turn|bear|veer|swing|swerve|steer|curve|cut|peel",
    "junction": _JUNCTION,
    "light": "[the|a] [traffic] light|lights|signal|signals",
}
"""What `{name}` in a pattern stands for."""


def inflections() -> dict[str, str]:
    """Every inflected form of a known verb -> its base form."""
    forms: dict[str, str] = {}
    for verb in VERBS:
        forms[verb] = verb
        stem = verb[:-1] if verb.endswith("e") and verb not in ("see", "queue") else verb
        if verb in _DOUBLED:
            stem = verb + verb[-1]
        sibilant = verb.endswith(("s", "sh", "ch", "x", "z", "o"))
        for form in (verb + ("es" if sibilant else "s"), stem + "ing", stem + "ed"):
            forms[form] = verb
        forms.update(dict.fromkeys(_IRREGULAR.get(verb, "").split(), verb))
    forms.update(dict.fromkeys(listed("queuing pedaling pedaled"), "queue"))
    forms.update({"pedaling": "pedal", "pedaled": "pedal", "travelling": "travel"})
    forms["travelled"] = "travel"
    forms.update(dict.fromkeys(listed("is are was were been being am"), "be"))
    return {form: verb for form, verb in forms.items() if form not in _KEPT_APART}
