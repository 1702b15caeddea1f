"""The verbs and phrases of motion, relation, order and negation that a question can use.

Patterns are written in base forms (`core.search.patterns` says how). Words of manner ("slowly",
"sharp") may stand anywhere inside a phrase and need no mention here.
"""

from __future__ import annotations

from core.search.words import listed

VERBS = listed(
    "weave turn bear veer swing swerve steer curve cut peel make take hang do perform "
    "execute pull go drive keep head continue run travel ride walk proceed move stay carry "
    "stop halt come wait idle pause stand sit queue start begin set roll resume park "
    "remain rest pass overtake follow tail chase trail pursue shadow approach recede enter "
    "exit appear disappear vanish depart arrive slow decelerate brake accelerate speed "
    "race rush sprint zoom crawl creep cruise cross reverse back change switch merge "
    "loiter linger reduce lose gain pick hit get wear hold push drag accompany meet lead "
    "dress jog hurry drift fly stroll double round lag stalk leave want show find see have"
)

_DOUBLED = ("stop", "run", "get", "set", "sit", "cut", "hit", "begin", "drag", "jog", "lag")
_IRREGULAR = {
    "go": "went gone",
    "drive": "drove driven",
    "run": "ran",
    "make": "made",
    "take": "took taken",
    "hang": "hung",
    "come": "came",
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
}
_KEPT_APART = frozenset({"left", "parked", "passed", "stopped", "oncoming", "speeding", "driver"})
"""Forms with a meaning of their own, matched as they are written."""

MANNERS: dict[str, str] = {
    **dict.fromkeys(listed("slowly slow gently leisurely gradually"), "slowly"),
    **dict.fromkeys(listed("fast quickly quick rapidly rapid swiftly hastily"), "fast"),
    **dict.fromkeys(listed("sharply sharp hard tight tightly abruptly sudden suddenly"), "sharply"),
    **dict.fromkeys(listed("slightly slight wide"), "slightly"),
}

_DET = "[a|an|the|its|his|her|their|this|that|another]"
_CAMERA = "[the|this] camera|viewer|lens|me|us|cctv"
_FRAME = "[the|this] frame|picture|view|scene|shot|screen|image|video|sight"
_GO = "go|drive|head|travel|move|run|ride|walk|proceed|cruise|roll|come|jog|stroll|speed|fly|drift"
_STEER = "turn|bear|veer|swing|swerve|steer|curve|cut|peel"
_ROAD = f"{_DET} [main|side] street|road|lane|highway|avenue|boulevard|path|motorway|sidewalk"


def _turns(side: str) -> tuple[str, ...]:
    return (
        f"{_STEER} [off|away|around|to|toward|towards|over] {_DET} {side}",
        f"{_STEER} to|toward|towards {_DET} {side} [hand] [side]",
        f"make|take|hang|do|perform|execute|complete {_DET} {side} [hand] [turn]",
        f"{side} [hand] turn",
        f"{side}hand turn",
        f"turn {side} [at|around|round {_DET} corner]",
    )


EVENT_PATTERNS: dict[str, tuple[str, ...]] = {
    "turn_left": _turns("left"),
    "turn_right": _turns("right"),
    "turn": (
        "turn [off|in|into]",
        "make|take|do {det} turn",
        "turn|round|take {det} corner",
        "go|drive around|round {det} corner",
    ),
    "u_turn": (
        "[make|do|take|perform|execute|pull] {det} u turn",
        "[make|do|take|perform|execute|pull] {det} uturn",
        "turn around|round|back",
        "do {det} 180",
        "double back",
        "turn back the way it come",
        "go|drive|turn back the way it|he|she|they come",
        "go|drive back {det} same way",
    ),
    "straight": (
        "[{go}|keep|continue|stay|carry] [on] [{go}] straight [on|ahead|through|along|forward]",
        "keep|continue|carry [on] {go}",
        "keep|continue|carry on|ahead|forward",
        "go|drive|head|move|travel ahead|forward|forwards",
        "{go} [straight] down|along|up {road}",
        "{go} through {det} intersection|junction|crossroads|crossroad",
    ),
    "stop": (
        "stop [moving]",
        "stop {go}",
        "halt",
        "pause",
        "stopped",
        "come|roll|slow to {det} [full|complete|dead] stop|halt|standstill|rest",
        "come to stop|halt|rest",
        "brake to {det} stop|halt|standstill",
        "make|do|take {det} [full|complete|brief|short] stop",
        "pull up|over|in",
    ),
    "wait": ("wait", "be wait", "idle", "queue", "stand|sit wait"),
    "start": (
        "start|begin [to] move|drive|walk|run|roll|go|ride",
        "start [off|up|again]",
        "set|move|pull|drive|take|ride|run|walk|roll off",
        "pull|drive away|out",
        "move on",
        "resume [move|drive|movement]",
        "get go|move",
        "depart",
    ),
    "parked": ("[be|stay|remain] parked", "park", "park up", "stand|sit parked"),
    "moving": (f"{_GO}|cruise", "in motion", "on the move", "go by|past", "move|drive around"),
    "stationary": (
        "stationary",
        "motionless",
        "immobile",
        "unmoving",
        "at {det} standstill",
        "at rest",
        "[stand|stay|sit|remain|keep] still",
        "stand [around|there]",
        "standing [still|around|there]",
        "sit [there|still]",
        "stay put",
    ),
    "screen_left": (
        "[{go}|pass|cross|turn] [from] [the] right to [the] left",
        "{go}|pass to|toward|towards {det} left [hand] [side] [of|on {frame}]",
        "[{go}] leftward|leftwards",
        "{go} left",
        "to the left [of {frame}]",
    ),
    "screen_right": (
        "[{go}|pass|cross|turn] [from] [the] left to [the] right",
        "{go}|pass to|toward|towards {det} right [hand] [side] [of|on {frame}]",
        "[{go}] rightward|rightwards",
        "{go} right",
        "to the right [of {frame}]",
    ),
    "screen_up": (
        "[{go}] upward|upwards",
        "{go} up",
        "[{go}] [from] [the] bottom to [the] top",
        "{go} to|toward|towards {det} top [of {frame}]",
    ),
    "screen_down": (
        "[{go}] downward|downwards",
        "{go} down",
        "[{go}] [from] [the] top to [the] bottom",
        "{go} to|toward|towards {det} bottom [of {frame}]",
    ),
    "approach": (
        "approach [{camera}]",
        "[{go}] toward|towards {camera}",
        "[{go}] to {camera}",
        "get|come|draw|move|drive|walk near|nearer|closer [to {camera}]",
        "come|drive|head|walk|run|ride at|to me|us",
        "come|drive|head our way",
        "oncoming",
    ),
    "recede": (
        "recede [from {camera}]",
        "[{go}|get] away from {camera}",
        "go|move|walk|run|ride|head|get|travel away",
        "{go} into|in [the] distance",
        "get|go|move|drive further|farther|smaller [away]",
    ),
    "enter": (
        "enter [{frame}]",
        "come|drive|walk|move|roll|ride|run into|in [to] {frame}",
        "come in",
        "arrive",
    ),
    "exit": (
        "exit|leave [from]",
        "exit|leave [from] {frame}",
        "left {frame}",
        "go|drive|walk|move|ride|run out [of] {frame}",
        "drive|walk|move|ride|run off {frame}",
    ),
    "appear": ("appear [in|on|from {frame}]", "show up", "pop up", "become visible"),
    "disappear": ("disappear [from {frame}]", "vanish [from {frame}]"),
    "slow_down": (
        "slow|slowing|slows|slowed down|up",
        "slowing",
        "slows",
        "slowed",
        "decelerate",
        "brake",
        "reduce|lose {det} speed",
        "go|get|move|drive slower",
        "hit {det} brakes",
    ),
    "speed_up": (
        "speed up",
        "speeding up|away|off",
        "accelerate",
        "pick|gain up {det} speed",
        "gain {det} speed",
        "get|go|drive|move faster",
        "hit {det} gas",
        "speed away|off",
    ),
    "fast": (
        "speeding",
        "speed",
        "race",
        "rush",
        "sprint",
        "zoom",
        "hurry",
        "at speed",
        "at [a] high|full|great speed",
    ),
    "slow": ("crawl", "creep", "at [a] low speed"),
    "cross": (
        "cross [over]",
        "cross {road}",
        "cross {det} intersection|junction|crosswalk|square|zebra|bridge|plaza|crossing",
        "cross {det} zebra|pedestrian crossing",
        "walk|run|ride|go|drive across [{road}]",
    ),
    "reverse": ("reverse [in|out|into]", "back up|out", "go|drive|move|roll backward|backwards"),
    "lane_change": ("change|switch [a|the] lane|lanes", "merge", "lane change"),
    "loiter": ("loiter", "linger", "hang around|about", "lurk"),
}

RELATION_PATTERNS: dict[tuple[str, str], tuple[str, ...]] = {
    ("follow", "subject"): (
        "follow [after|behind]",
        "tail",
        "chase [after]",
        "trail [behind]",
        "pursue",
        "shadow",
        "stalk",
        "run after",
        "{go} behind",
        "drive|ride after",
    ),
    ("follow", "object"): ("[be] follow|tail|chase|trail|pursue|shadow by", "lead"),
    ("overtake", "subject"): (
        "overtake",
        "pass",
        "passed",
        "pass by",
        "{go} past",
        "get past|around",
        "drive|go|ride around",
    ),
    ("overtake", "object"): ("[be] overtake by", "[be] passed by"),
    ("near", "subject"): (
        "[be] next to",
        "beside",
        "alongside [of]",
        "near [to]",
        "close to",
        "side by side with",
        "adjacent to",
        "by the side of",
        "[in] [the] vicinity of",
    ),
    ("with", "subject"): ("in|with [the] company of", "accompany by", "accompany"),
    ("behind", "subject"): ("behind", "in back of", "at the back of", "lag behind"),
    ("behind", "object"): ("in front of", "ahead of", "[in] front of"),
    ("pass", "subject"): ("go past",),
    ("pass", "object"): ("passed on the spot by",),
    ("stop_behind", "subject"): ("stop behind", "wait behind"),
    ("stop_behind", "object"): ("stopped behind by",),
    ("between", "subject"): ("between", "in between"),
    ("group", "subject"): ("in {det} group with",),
    ("meet", "subject"): ("meet", "opposite"),
    ("together", "subject"): (
        "together with",
        "along with",
        "at the same time as",
    ),
}

CONNECTIVES: dict[str, tuple[str, ...]] = {
    "then": (
        "then",
        "and then",
        "and after that",
        "afterwards",
        "after that",
        "before finally",
        "followed by a then",
        "next",
        "later",
        "subsequently",
        "and later",
        "finally",
        "and finally",
        "until",
    ),
    "before": ("before", "prior to"),
    "after": ("after", "once", "having"),
    "while": ("while", "whilst", "as it", "as he", "as she", "during", "at the same time"),
    "and": ("and", "&", "plus", "but", "as well as"),
    "or": ("or", "either", "and/or"),
}

NEGATIONS = ("not", "no", "non", "never", "without", "except", "neither", "nor", "none", "cannot")


MACROS = {"det": _DET, "camera": _CAMERA, "frame": _FRAME, "road": _ROAD, "go": _GO}
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
    forms.update(dict.fromkeys(listed("is are was were been being am"), "be"))
    return {form: verb for form, verb in forms.items() if form not in _KEPT_APART}
