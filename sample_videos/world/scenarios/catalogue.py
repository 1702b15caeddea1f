"""The named scenarios, with one line about each."""

from __future__ import annotations

from sample_videos.world.scenarios import hardships, junctions, places, roads, watched
from sample_videos.world.scenarios.compose import Clip, Scenario, compose

_ALL = (
    Scenario(
        "crossroads-signals",
        "A crossroads with traffic lights; a van, a truck and a car turn, others drive on.",
        junctions.signals_plain,
    ),
    Scenario(
        "crossroads-red",
        "Traffic lights; red cars turn left, turn right and stay parked, a blue one turns left.",
        junctions.red_turners,
    ),
    Scenario(
        "crossroads-pair-a",
        "The first of two cameras on one crossroads: the same traffic, other eyes.",
        junctions.red_turners,
        0,
        2,
        "crossroads-pair",
    ),
    Scenario(
        "crossroads-pair-b",
        "The second of two cameras on one crossroads; same seed, same traffic.",
        junctions.red_turners,
        1,
        2,
        "crossroads-pair",
    ),
    Scenario(
        "crossroads-priority",
        "A main road crosses a minor one; who comes from the minor road waits for a gap.",
        junctions.priority,
    ),
    Scenario("crossroads-all-way", "A crossroads where everybody stops first.", junctions.all_way),
    Scenario(
        "t-junction", "Three arms: turns into and out of a side street.", junctions.t_junction
    ),
    Scenario("roundabout", "A roundabout, with one car that drives right round.", junctions.ring),
    Scenario(
        "straight-road",
        "A road with a zebra and kerb parking: one car leaves the kerb, one pulls in.",
        roads.straight_road,
    ),
    Scenario(
        "road-bend", "A road with a bend: everybody follows it, nobody turns.", roads.road_bend
    ),
    Scenario("u-turns", "An avenue where cars turn round.", roads.u_turns),
    Scenario("bus-stop", "Buses stop at a shelter and drive on; others pass them.", roads.bus_stop),
    Scenario(
        "overtaking",
        "Two lanes each way: slow vehicles are passed, lanes changed.",
        roads.overtaking,
    ),
    Scenario(
        "stop-and-go",
        "A white van halts in its lane and drives on; others queue.",
        roads.stop_and_go,
    ),
    Scenario("car-park", "Cars arrive and park, back out and leave.", places.parking),
    Scenario("square", "People, dogs and cyclists on a square.", places.plaza),
    Scenario("square-dusk", "The square in the evening.", places.evening_plaza),
    Scenario("night-junction", "A crossroads with traffic lights at night.", junctions.night),
    Scenario(
        "rain-dusk", "Stop and go at a T junction's lights, dusk and rain.", junctions.rain_dusk
    ),
    Scenario("busy", "A crowded crossroads: many vehicles, many people.", junctions.crowded),
    Scenario("panning-camera", "A crossroads seen by a camera that pans.", junctions.panning),
    Scenario("shaking-camera", "A street seen by a camera that shakes.", roads.shaking),
    Scenario(
        "twins",
        "Vehicles and people that look exactly alike pass, overtake and follow each other.",
        hardships.twins,
    ),
    Scenario(
        "behind-buildings",
        "Traffic and people pass behind something large before the camera and come out again.",
        hardships.behind_buildings,
    ),
    Scenario(
        "re-entry",
        "Vehicles and people leave the picture and come back, among others who look like them.",
        hardships.re_entry,
    ),
    Scenario(
        "watched-road",
        "A road watched for long: ten seeds share one view, with other traffic each.",
        watched.usual_road,
        family="watched-road",
        watched=True,
    ),
    Scenario(
        "watched-road-unusual",
        "The same view for the same ten seeds, with two things that nobody else does there.",
        watched.unusual_road,
        family="watched-road",
        watched=True,
    ),
    Scenario(
        "watched-junction",
        "A crossroads watched for long: ten seeds share one view, with other traffic each.",
        watched.usual_junction,
        family="watched-junction",
        watched=True,
    ),
    Scenario(
        "watched-junction-unusual",
        "The same view for the same ten seeds, with two things that nobody else does there.",
        watched.unusual_junction,
        family="watched-junction",
        watched=True,
    ),
)
SCENARIOS: dict[str, Scenario] = {scenario.name: scenario for scenario in _ALL}


def clip(name: str, seed: int, seconds: float) -> Clip:
    """The clip of a named scenario. Raises KeyError with the known names for an unknown one."""
    if name not in SCENARIOS:
        known = ", ".join(SCENARIOS)
        raise KeyError(f"There is no scenario '{name}'. Known ones: {known}.")
    return compose(SCENARIOS[name], seed, seconds)
