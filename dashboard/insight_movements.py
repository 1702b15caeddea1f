"""Turning movements as the page Insight shows them: arms on the picture, and three tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.detections import Int32
from core.explore.counts import kinds_of
from core.explore.insight import WALKING, Insight
from core.explore.movements import shape_of, turn_of
from core.language.plurals import plural
from dashboard.insight_views import (
    ArmView,
    CellView,
    Counting,
    FlowView,
    MovementsView,
    NumbersView,
    RowView,
)
from dashboard.views import clock, counted

_COLOURS = (
    "#4fb3e8", "#ff9d4d", "#2fd3a0", "#ffaef0", "#f7d74a", "#9dabff", "#f67b73", "#c9d1d4",
)  # fmt: skip
"""On a dark picture; told apart by people with any colour blindness."""

UNKNOWN = "Unknown"
_TURNS = {"left": "↰ left", "right": "↱ right", "through": "↑ through", "back": "↶ back",
          "unknown": ""}  # fmt: skip


def kinds(insight: Insight) -> Int32:
    """(N,) class of each object."""
    return kinds_of(insight.columns)


def movements_view(insight: Insight, asked: Counting, still: str) -> MovementsView:
    """What went from where to where in the view. still: address of its picture."""
    found = insight.movements
    (width, height), _ = shape_of(insight.columns, insight.camera)
    counts = found.table(insight.columns, insight.view_intervals).counts
    pairs = counts.sum(axis=(2, 3))
    many = len(found.arms)
    arms = tuple(
        ArmView(
            shown(name),
            float(np.clip(found.arms.xy[a, 0] / width, 0.0, 1.0)),
            float(np.clip(found.arms.xy[a, 1] / height, 0.0, 1.0)),
            int(pairs[a].sum()),
            int(pairs[:, a].sum()),
            _COLOURS[a % len(_COLOURS)],
            f"moves:{a}:*:*:*",
            f"moves:*:{a}:*:*",
        )
        for a, name in enumerate(found.arms.names)
    )
    known = pairs[:many, :many]
    most = int(known.max()) if known.size else 0
    flows = tuple(
        FlowView(
            a, b, int(known[a, b]), known[a, b] / most,
            f"{counted(int(known[a, b]), 'object')}: {arms[a].name} → {arms[b].name}"
            f" ({turn_of(found.arms, a, b)})",
            f"moves:{a}:{b}:*:*",
        )
        for a, b in sorted(
            zip(*(axis.tolist() for axis in np.nonzero(known)), strict=True),
            key=lambda pair: -int(known[pair]),
        )
    )  # fmt: skip
    table = {"pairs": _pairs, "kinds": _by_kind, "time": _by_time}[asked.shape]
    return MovementsView(
        still, width / height, arms, flows, table(insight, asked, counts), _said(insight)
    )


def shown(name: str) -> str:
    return name[:1].upper() + name[1:]


def _said(insight: Insight) -> str:
    """How sure the table is, in words."""
    found = insight.movements
    walking = [plural(k) for k in insight.columns.class_names if k in WALKING]
    apart = ""
    if walking and not insight.scope.kinds and set(insight.moving_kinds) & set(WALKING):
        apart = f" Nothing drove here, so {' and '.join(walking)} are counted."
    elif insight.moving_kinds and not set(insight.moving_kinds) & set(WALKING):
        apart = f" {' and '.join(walking).capitalize()} are counted when chosen under Kinds."
        apart = apart if walking else ""
    if not len(found.row):
        return f"Nothing that is counted went anywhere in this picture.{apart}"
    known = int(found.known.sum())
    told = (
        f"{known} of {counted(len(found.row), 'moving object')} came from one arm and left by one"
    )
    followed = int((found.followed & found.known).sum())
    if followed:
        told += (
            f" ({followed} of them told by what others did on the same spot, or by what lay "
            "straight ahead)"
        )
    unknown = len(found.row) - known
    if unknown:
        told += (
            f"; {unknown} began or ended inside the picture (they were there at the start or the "
            "end, parked, or were lost) and are counted as unknown"
        )
    return f"{told}.{apart}"


def _cell(
    counts: npt.NDArray[np.int64], name: str, most: int, asked: Counting
) -> CellView:  # fmt: skip
    count = int(counts.sum())
    if not count:
        return CellView("–")
    return CellView(f"{count:,}", name, count / max(most, 1), name == asked.opened)


def _names(insight: Insight) -> list[str]:
    return [*(shown(name) for name in insight.movements.arms.names), UNKNOWN]


def _pairs(insight: Insight, asked: Counting, counts: npt.NDArray[np.int64]) -> NumbersView:
    """From every arm to every arm."""
    names, many = _names(insight), len(insight.movements.arms)
    ids = [*map(str, range(many)), "u"]
    pairs = counts.sum(axis=(2, 3))
    most = int(pairs.max()) if pairs.size else 0
    rows = [
        RowView(
            name,
            (
                *(_cell(pairs[a, b], f"moves:{ids[a]}:{ids[b]}:*:*", most, asked)
                  for b in range(many + 1)),
                _cell(pairs[a], f"moves:{ids[a]}:*:*:*", int(pairs.sum()), asked),
            ),
            swatch=_COLOURS[a % len(_COLOURS)] if a < many else "",
        )
        for a, name in enumerate(names)
    ]  # fmt: skip
    total = (
        *(_cell(pairs[:, b], f"moves:*:{ids[b]}:*:*", int(pairs.sum()), asked)
          for b in range(many + 1)),
        _cell(pairs, "moves:*:*:*:*", int(pairs.sum()), asked),
    )  # fmt: skip
    rows.append(RowView("All", total, last=True))
    head = (*names, "all")
    return NumbersView("Objects by where they came from and where they went", "From ↓  to →", head,
                       tuple(rows))  # fmt: skip


def _listed(insight: Insight, counts: npt.NDArray[np.int64]) -> list[tuple[int, int, RowView]]:
    """The movements that there are, known ones first, most first, as rows without numbers."""
    names, many = _names(insight), len(insight.movements.arms)
    pairs = counts.sum(axis=(2, 3))
    found = list(zip(*(axis.tolist() for axis in np.nonzero(pairs)), strict=True))
    found.sort(key=lambda p: (p[0] == many or p[1] == many, -int(pairs[p]), p))
    listed = []
    for a, b in found:
        known = a < many and b < many
        turn = _TURNS[turn_of(insight.movements.arms, a, b)] if known else ""
        swatch = _COLOURS[a % len(_COLOURS)] if a < many else ""
        listed.append((a, b, RowView(f"{names[a]} → {names[b]}", (), note=turn, swatch=swatch)))
    return listed


def _id(insight: Insight, arm: int) -> str:
    return str(arm) if arm < len(insight.movements.arms) else "u"


def _by_kind(insight: Insight, asked: Counting, counts: npt.NDArray[np.int64]) -> NumbersView:
    """Every movement by class."""
    names = insight.columns.class_names
    by_kind = counts.sum(axis=3)
    order = np.argsort(-by_kind.sum(axis=(0, 1)), kind="stable").tolist()
    used = [k for k in order if by_kind[:, :, k].any()]
    most = int(by_kind.max()) if by_kind.size else 0
    rows = []
    for a, b, row in _listed(insight, counts):
        start = f"moves:{_id(insight, a)}:{_id(insight, b)}"
        cells = [_cell(by_kind[a, b, k], f"{start}:{names[k]}:*", most, asked) for k in used]
        whole = _cell(by_kind[a, b], f"{start}:*:*", int(by_kind.sum()), asked)
        rows.append(RowView(row.label, (*cells, whole), row.note, row.swatch))
    total = [_cell(by_kind[:, :, k], f"moves:*:*:{names[k]}:*", int(by_kind.sum()), asked)
             for k in used]  # fmt: skip
    total.append(_cell(by_kind, "moves:*:*:*:*", int(by_kind.sum()), asked))
    rows.append(RowView("All", tuple(total), last=True))
    head = (*(plural(names[k]) for k in used), "all")
    return NumbersView("Movements by kind of object", "From → to", head, tuple(rows))


def _by_time(insight: Insight, asked: Counting, counts: npt.NDArray[np.int64]) -> NumbersView:
    """Every movement by interval."""
    by_time = counts.sum(axis=2)
    intervals = insight.view_intervals
    many = len(intervals)
    most = int(by_time.max()) if by_time.size else 0
    rows = []
    for a, b, row in _listed(insight, counts):
        start = f"moves:{_id(insight, a)}:{_id(insight, b)}:*"
        cells = [_cell(by_time[a, b, i], f"{start}:{i}", most, asked) for i in range(many)]
        whole = _cell(by_time[a, b], f"{start}:*", int(by_time.sum()), asked)
        rows.append(RowView(row.label, (*cells, whole), row.note, row.swatch))
    total = [_cell(by_time[:, :, i], f"moves:*:*:*:{i}", int(by_time.sum()), asked)
             for i in range(many)]  # fmt: skip
    total.append(_cell(by_time, "moves:*:*:*:*", int(by_time.sum()), asked))
    rows.append(RowView("All", tuple(total), last=True))
    several = len(np.unique(intervals.video)) > 1
    head = [
        f"{insight.columns.videos[int(intervals.video[i])].name} " * several
        + f"{clock(float(intervals.t0_s[i]))}–{clock(float(intervals.t1_s[i]))}"
        for i in range(many)
    ]
    return NumbersView("Movements by time", "From → to", (*head, "all"), tuple(rows))


def title(insight: Insight, rest: Sequence[str]) -> str:
    """What a number of movements counts, in words."""
    names = _names(insight)

    def arm(text: str) -> str:
        return names[-1] if text == "u" else names[int(text)]

    kind = "Objects" if rest[2] == "*" else plural(rest[2]).capitalize()
    where = [] if rest[0] == "*" else [f"from {arm(rest[0])}"]
    where += [] if rest[1] == "*" else [f"to {arm(rest[1])}"]
    when = ""
    if rest[3] != "*":
        at, intervals = int(rest[3]), insight.view_intervals
        when = f", {clock(float(intervals.t0_s[at]))} – {clock(float(intervals.t1_s[at]))}"
    return f"{kind} {' '.join(where) or 'that went somewhere'}{when}"
