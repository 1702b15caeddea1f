"""How people say what an object does: patterns for every event.

Patterns are written in base forms (`core.search.patterns` says how). Words of manner ("slowly",
"sharp") may stand anywhere inside a phrase and need no mention here. Two kinds joined by "+" are
two events in one phrase ("enters from the left").
"""

from __future__ import annotations

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


def _turns(side: str) -> tuple[str, ...]:
    return (
        f"{{steer}} [off|away|around|to|toward|towards|over|out] {{det}} {side}",
        f"{{steer}} [off|over] to|toward|towards|on {{det}} {side} [hand] [side]",
        f"make|take|hang|do|perform|execute|pull {{det}} [first|second|third|next] {side} [hand] "
        "[turn|turning]",
        f"{side} [hand] turn|turning",
        f"{side}hand turn",
        f"turn {side} [at|around|round {{det}} corner]",
        f"take {{det}} {side} exit|fork|turning|turnoff",
        f"be turn {side}",
    )


def _sideways(side: str, other: str) -> tuple[str, ...]:
    to = f"to|toward|towards {{det}} {side} [hand] [side|edge|border] [of {{frame}}]"
    start = f"[in] from {{det}} {other} [hand] [side|edge|border]"
    return (
        f"[{{go}}|pass|cross|turn] [from] [the] {other} [hand] [side] [of {{frame}}] {to}",
        f"{{go}}|pass|cross [over|across|off] {to}",
        f"{{go}}|pass|cross on {{det}} {side} of {{frame}}",
        f"[{{go}}] {side}ward|{side}wards",
        f"{{go}} {side}",
        f"to the {side} [of {{frame}}]",
        f"{{go}} {start} [of {{frame}}]",
        f"{{go}} screen|camera|frame|stage {side}",
    )


def _through(side: str, other: str) -> dict[str, tuple[str, ...]]:
    start = f"from|on|at {{det}} {other} [hand] [side|edge|border] [of {{frame}}]"
    end = f"to|on|at|toward|towards {{det}} {side} [hand] [side|edge|border] [of {{frame}}]"
    come = "enter|arrive|come|drive|walk|ride|run|roll"
    return {
        f"enter+screen_{side}": (
            f"enter|arrive [{{frame}}] {start}",
            f"{come} in|into|onto {{frame}} {start}",
            f"enter|arrive [{{frame}}] screen|camera|frame|stage {other}",
        ),
        f"exit+screen_{side}": (
            f"leave|exit [{{frame}}] {end}",
            f"go|drive|walk|move|ride|run out|off [of] {{frame}} {end}",
            f"leave|exit [{{frame}}] screen|camera|frame|stage {side}",
        ),
        f"appear+screen_{side}": (f"appear|emerge [{{frame}}] from {{det}} {other} [side]",),
    }


EVENT_PATTERNS: dict[str, tuple[str, ...]] = {
    "turn_left": _turns("left"),
    "turn_right": _turns("right"),
    "turn": (
        "turn [off|in|into|onto|out]",
        "turn out of",
        "make|take|do {det} turn",
        "turn|round|take {det} corner",
        "go|drive|come around|round {det} corner",
        "make {det} turning",
    ),
    "u_turn": (
        "[make|do|take|perform|execute|pull] {det} u turn",
        "turn|spin|wheel around|round|back",
        "do|make|pull {det} 180",
        "turn 180 [degree|degrees]",
        "double back",
        "turn back the way it come",
        "go|drive|turn|head|come back the way it|he|she|they come",
        "go|drive|head|come back {det} same way",
        "go|drive|head|come back where it|he|she|they come from",
        "[make|do] about turn",
        "reverse|change {det} direction",
        "come|go|drive|head|turn back {det} other way",
        "turn around|round|back and go|drive|head|come [back] {det} other|opposite way|direction",
    ),
    "straight": (
        "[{go}|keep|continue|stay|carry] [on] [{go}] straight "
        "[on|ahead|through|along|forward|across|over]",
        "{go} [on] in {det} straight line",
        "keep|continue|carry [on] {go}",
        "keep|continue|carry on|ahead|forward",
        "continue [on] {det} way",
        "go|drive|head|move|travel ahead|forward|forwards",
        "{go}|continue [straight] down|along|up {road}",
        "{go}|continue through {junction}",
        "follow {road}",
    ),
    "stop": (
        "stop [moving|dead|short]",
        "stop {go}",
        "halt",
        "pause",
        "freeze",
        "stopped",
        "come|roll|slow|grind to {det} [full|complete|dead|total|standing] stop|halt|standstill|"
        "rest",
        "come to stop|halt|rest",
        "brake to {det} stop|halt|standstill",
        "make|do|take {det} [full|complete|brief|short|quick|long] stop|pause",
        "pull up|over|in",
        "draw up",
        "yield",
        "give way",
    ),
    "wait": (
        "wait [around]",
        "be wait",
        "idle",
        "queue [up]",
        "stand|sit wait",
        "wait|stand|be in line|queue",
        "stuck in traffic",
    ),
    "start": (
        "start|begin [to] move|drive|walk|run|roll|go|ride",
        "start [off|up|again|out]",
        "set|move|pull|drive|take|ride|run|walk|roll|head off [again]",
        "set out",
        "pull|drive|ride|roll away|out [again]",
        "pull out of",
        "move on",
        "move|go|drive again",
        "resume [move|drive|movement|journey]",
        "resume {det} journey|trip|way",
        "get go|move|underway",
        "depart",
        "leave|exit {det} parking space|spot|bay",
        "move|get out of {det} way",
    ),
    "parked": ("[be|stay|remain|keep] parked", "park [up]", "stand|sit|wait parked"),
    "moving": (
        f"{_GO}",
        "in motion",
        "continue",
        "on the move",
        "move|drive|ride around",
        "cycling",
        "roam",
    ),
    "stationary": (
        "stationary",
        "[be] stuck",
        "motionless",
        "immobile",
        "unmoving",
        "at {det} standstill",
        "at rest",
        "[stand|stay|sit|remain|keep] still",
        "stand [around|there|about]",
        "standing [still|around|there|about]",
        "sit [there|still]",
        "stay|remain put",
        "stay|remain where it|he|she|they be",
        "stay|remain in place",
    ),
    "screen_left": _sideways("left", "right"),
    "screen_right": _sideways("right", "left"),
    "screen_up": (
        "[{go}] upward|upwards",
        "{go} up [{frame}]",
        "[{go}] [from] [the] bottom [of {frame}] to [the] top [of {frame}]",
        "{go} to|toward|towards {det} top [of {frame}]",
    ),
    "screen_down": (
        "[{go}] downward|downwards",
        "{go} down [{frame}]",
        "[{go}] [from] [the] top [of {frame}] to [the] bottom [of {frame}]",
        "{go} to|toward|towards {det} bottom [of {frame}]",
    ),
    "approach": (
        "approach [{camera}]",
        "near {camera}",
        "[{go}] [straight|directly] toward|towards {camera}",
        "[{go}] [up] to {camera}",
        "get|come|draw|move|drive|walk|run|ride near|nearer|closer|close [to {camera}]",
        "[{go}|come] [closer|nearer] in {det} direction of {camera}",
        "come|drive|head|walk|run|ride at|to me|us",
        "come|drive|head|walk|run|ride [straight|right] at {camera}",
        "come|drive|head|walk|run|ride our|my|this way",
        "get|become|grow bigger|larger",
        "{go} toward|towards|to|into {det} foreground",
        "oncoming",
    ),
    "recede": (
        "recede [from {camera}]",
        "[{go}|get|come] away from {camera}",
        "go|move|walk|run|ride|head|get|travel|jog away",
        "{go} [off|away] into|in [the] distance|background",
        "{go} toward|towards|to {det} horizon|background|distance",
        "get|go|move|drive further|farther [away|off]",
        "get|become|grow smaller [and smaller]",
    ),
    "enter": (
        "enter [{frame}]",
        "come|drive|walk|move|roll|ride|run|get into|in|onto [to] {frame}",
        "come|drive|walk|ride in",
        "arrive",
    ),
    "appear": (
        "appear [in|on|from|into {frame}]",
        "emerge",
        "show|pop|turn up",
        "become visible",
    ),
    "exit": (
        "exit|leave [from]",
        "exit|leave [from] {frame}",
        "left {frame}",
        "go|drive|walk|move|ride|run|get out [of] {frame}",
        "drive|walk|move|ride|run off {frame}",
        "drive|walk|move|ride|run|go out of {frame}",
    ),
    "disappear": (
        "disappear [from|out {frame}]",
        "disappear out of {frame}",
        "vanish [from {frame}]",
    ),
    "slow_down": (
        "slow|slowing|slows|slowed down|up",
        "slowing",
        "slows",
        "slowed",
        "slow to {det} crawl",
        "decelerate",
        "brake",
        "reduce|lose {det} speed",
        "go|get|move|drive|become slower",
        "hit {det} brakes",
        "ease off|up",
    ),
    "speed_up": (
        "speed up",
        "speeding up|away|off",
        "accelerate",
        "pick|gain up {det} speed",
        "pick up {det} pace",
        "gain {det} speed",
        "get|go|drive|move|become faster",
        "hit {det} gas",
        "step on {det} gas|it",
        "speed|race|rush|zoom away|off",
    ),
    "fast": (
        "speeding",
        "speed",
        "race",
        "rush",
        "sprint",
        "zoom",
        "hurry",
        "dash",
        "bolt",
        "hurtle",
        "gallop",
        "at speed",
        "at {det} high|full|great|top|excessive speed|speeds",
        "in {det} hurry",
        "over|above {det} speed limit",
    ),
    "slow": (
        "crawl",
        "creep",
        "dawdle",
        "at {det} low|slow|reduced|walking speed|pace|speeds",
        "at {det} snail pace",
    ),
    "cross": (
        "cross [over]",
        "cross [over] {road}",
        "cross {det} intersection|junction|crosswalk|square|zebra|bridge|plaza|crossing|tracks",
        "cross {det} zebra|pedestrian crossing",
        "cross [over] to {det} other side [of {road}]",
        "walk|run|ride|go|drive|jog|dash|rush|sprint|race|stroll|step across|over {road}",
        "walk|run|ride|go|drive|jog|dash|rush|sprint|race|stroll across",
        "walk|run|ride|go|drive|get to {det} other side [of {road}]",
        "use {det} crosswalk|crossing",
        "use {det} zebra|pedestrian crossing",
        "jaywalk",
    ),
    "reverse": (
        "reverse [in|out|into|onto|up]",
        "reverse out of",
        "back up|out|in|into|away|onto",
        "back out of",
        "go|drive|move|roll|travel|come backward|backwards",
        "[go|drive|move|roll] in reverse",
    ),
    "lane_change": (
        "change|switch|swap|cross {det} lane|lanes",
        "change|switch|move|merge|cut|shift|drift|swerve|get|pull|go [over] to|into|in|onto {det} "
        "left|right|other|next|middle|fast|slow|inner|outer|inside|outside|adjacent|another "
        "[hand] lane",
        "merge [in|into|onto|left|right] [traffic]",
        "merge with {det} traffic",
        "lane change",
        "make|do|perform {det} lane change",
        "change of lane|lanes",
        "cut in",
        "weave|zigzag [in] [and] [out] [through|between] [lanes|traffic]",
    ),
    "loiter": (
        "loiter",
        "linger",
        "lurk",
        "hover",
        "hang around|about|out",
        "mill around|about",
        "wander|pace around|about|aimlessly",
        "pace [up] [and] [down]",
        "pace back and forth",
        "{go} back and forth",
        "walk up and down",
        "walk|go in circles",
    ),
    **_through("left", "right"),
    **_through("right", "left"),
}
