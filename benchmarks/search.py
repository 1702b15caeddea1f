"""How long a question takes, by the number of tracks, and what the first one costs.

    vidtrail --library SMALL add sample_videos/*.mp4
    python -m benchmarks.search --like SMALL [--tracks 10000 100000 1000000] [--keep FOLDER]

The large libraries are real ones (shards on disk, a catalog, the indexes), made from the tracks of
the small one with `benchmarks.copies`, four crops a track; the engine runs unchanged, with the
encoder that the small one was indexed with. Each size is measured in processes of its own: the
first question of a library that has nothing derived yet, of one that has, and of one to which a
video was added. `new` is a question asked for the first time, `again` the same one asked once more;
wall times, and the processor's own, which a busy machine changes less. `--keep` leaves the
libraries in a folder, for the next time.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from benchmarks.copies import fill, sources_of
from core.library.library import Library
from core.search.engine import Engine
from core.search.opening import open_engine

CROPS_A_TRACK = 4
TRACKS_A_VIDEO = 200
MOST_VIDEOS = 2000
COLOURS = ("red", "blue", "white", "black", "grey", "yellow")
DOES = ("turning left", "turning right", "stopping", "parked", "going straight")
LIMIT = 20

Times = dict[str, dict[str, list[tuple[float, float]]]]


def questions() -> Iterator[tuple[str, str]]:
    """(kind, question); no two are equal, and words recur as they do when a person asks."""
    for colour, kind, does in product(COLOURS, ("car", "truck"), DOES):
        yield "class + colour + motion", f"{colour} {kind} {does}"
    for colour, does in product(COLOURS, ("turning left", "moving")):
        yield "colour + motion", f"{colour} object {does}"
        yield "class", f"{colour} bus"
    for colour, other in product(COLOURS, ("van", "person", "truck")):
        yield "class + colour + relation", f"{colour} car following a {other}"
        yield "class + colour + company", f"{colour} car together with a {other}"
    for colour, kind in product(COLOURS, ("car", "van")):
        yield "class + motion, then motion", f"{colour} {kind} stopping then turning left"
        yield "one, then another", f"{colour} {kind} turning right, then a person crossing"
        yield "negation", f"{kind} that is not {colour} and does not turn"
        yield "number", f"two {colour} {kind}s at the same time"
    for colour, words in product(COLOURS[:3], ("with a ladder", "with a roof rack")):
        yield "free words", f"{colour} van {words} turning left"
    for kind in ("sedan", "suv", "hatchback", "taxi"):
        yield "kind + colour + motion", f"red {kind} turning left"


def measured(engine: Engine) -> Times:
    """Kind of question -> new, again -> wall and processor milliseconds of each question asked.

    One more kind asks in a tenth of the videos.
    """
    times: Times = {}
    ids = [record.video_id for record in engine.library.ready()]
    some = frozenset(ids[:: 10 if len(ids) > 10 else 2])
    listed = list(questions())
    np.random.default_rng(0).shuffle(listed)

    def ask(kind: str, when: str, question: str, videos: frozenset[str] | None) -> None:
        start, busy = time.perf_counter(), time.process_time()
        engine.search(question, videos=videos, limit=LIMIT)
        took = 1000 * (time.perf_counter() - start), 1000 * (time.process_time() - busy)
        times.setdefault(kind, {}).setdefault(when, []).append(took)

    for when in ("new", "again"):
        for kind, question in listed:
            ask(kind, when, question, None)
    for kind, question in listed:
        if kind == "class + colour + motion":
            ask(f"{kind}, in 1 of 10 videos", "again", question, some)
    return times


def memory_mb() -> float:
    """What this process holds by itself: files that are only mapped can be read again."""
    return float(psutil.Process().memory_full_info().uss) / 2**20


def first_question(folder: str, asked: str, pipe: Any) -> None:
    """In a fresh process: open, ask, and say how long both took, and how much memory is held."""
    start = time.perf_counter()
    with Library.open(folder) as library:
        engine = open_engine(library)
        opened = time.perf_counter()
        before = memory_mb()
        engine.search(asked, limit=LIMIT)
        first = time.perf_counter()
        engine.warm_up()
        said: dict[str, Any] = {
            "open_s": opened - start,
            "first_s": first - opened,
            "mb": memory_mb() - before,
            "tracks": sum(record.n_tracks for record in library.ready()),
            "videos": len(library.ready()),
        }
        said["times"] = measured(engine) if pipe[1] else {}
        said["mb_after"] = memory_mb() - before
        pipe[0].send(json.dumps(said))


def in_a_process(folder: Path, asked: str, *, all_questions: bool = False) -> dict[str, Any]:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(
        target=first_question, args=(str(folder), asked, (there, all_questions))
    )
    process.start()
    there.close()
    said: dict[str, Any] = json.loads(here.recv())
    process.join()
    return said


def made(like: Path, folder: Path, tracks: int) -> None:
    """A library of so many tracks in `folder`, unless it is there."""
    if folder.exists():
        return
    with Library.open(like, create=False) as small, Library.open(folder) as large:
        a_video = max(TRACKS_A_VIDEO, tracks // MOST_VIDEOS)
        fill(large, sources_of(small, CROPS_A_TRACK), tracks, a_video)


def one_more(like: Path, folder: Path) -> str:
    with Library.open(like, create=False) as small, Library.open(folder) as large:
        sources = sources_of(small, CROPS_A_TRACK)
        fill(large, sources, TRACKS_A_VIDEO, TRACKS_A_VIDEO, first=999_999, seed=1)
    return "copy999999"


def print_table(tracks: int, times: Times) -> None:
    for kind in sorted(times):
        for when, listed in times[kind].items():
            p50, p95 = np.percentile(listed, [50, 95], axis=0)
            cells = f"{p50[0]:.1f} | {p95[0]:.1f} | {p50[1]:.1f} | {p95[1]:.1f}"
            print(f"| {tracks} | {kind} | {when} | {len(listed)} | {cells} |")


def measure(like: Path, folder: Path, tracks: int) -> None:
    made(like, folder, tracks)
    asked = "red car turning left"
    shutil.rmtree(folder / "index", ignore_errors=True)
    nothing = in_a_process(folder, asked)
    derived = in_a_process(folder, asked, all_questions=True)
    added = one_more(like, folder)
    more = in_a_process(folder, asked)
    with Library.open(folder) as library:
        library.remove(added)
    less = in_a_process(folder, asked)
    print(f"\n### {derived['tracks']} tracks in {derived['videos']} videos\n")
    print("| the library | opened s | first answer s | MB held | bytes a track |")
    print("|---|---|---|---|---|")
    for name, said in (
        ("nothing derived yet", nothing),
        ("as it was left", derived),
        ("one video added", more),
        ("one video removed", less),
    ):
        each = said["mb"] * 2**20 / said["tracks"]
        print(
            f"| {name} | {said['open_s']:.2f} | {said['first_s']:.2f} | {said['mb']:.0f} "
            f"| {each:.0f} |"
        )
    print(f"\nafter all questions {derived['mb_after']:.0f} MB\n")
    print("| tracks | question | asked | n | p50 ms | p95 ms | p50 CPU ms | p95 CPU ms |")
    print("|---|---|---|---|---|---|---|---|")
    print_table(derived["tracks"], derived["times"])


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    words.add_argument("--like", type=Path, required=True, help="the small library")
    words.add_argument("--tracks", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    words.add_argument("--keep", type=Path)
    options = words.parse_args()
    print(f"{os.cpu_count()} cores, best {LIMIT}, {CROPS_A_TRACK} crops a track")
    with tempfile.TemporaryDirectory() as scratch:
        for tracks in options.tracks:
            folder = (options.keep or Path(scratch)) / f"tracks-{tracks}"
            measure(options.like, folder, tracks)


if __name__ == "__main__":
    main()
