"""The form of `core.language.query_json` as a JSON schema.

For a language model that is held to it while it writes, and for what is shown to one as a form.
"""

from __future__ import annotations

from typing import Any, get_args

from core.language.lexicon import CLASS_WORDS
from core.language.query import EVENT_WORDS, RELATION_WORDS, Frame, Joint, Manner, Order, Role
from core.language.query_json import COLOURS
from core.language.sketches import MOST_LIKED, ZoneHow

Schema = dict[str, Any]


def query_schema() -> Schema:
    """A JSON schema (draft 2020-12): what it allows, `query_from_data` reads, but for few rules.

    Not told by it: an order needs two events, a time must not end before it starts, a zone has
    either points or a name.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/$defs/query",
        "$defs": {
            "query": _query(),
            "target": _target(),
            "event": _object(
                {
                    "kind": {"enum": sorted(EVENT_WORDS)},
                    "negated": _FLAG,
                    "manner": {"enum": list(get_args(Manner))},
                    "min_s": _SECONDS,
                    "max_s": _SECONDS,
                },
                "kind",
            ),
            "points": _list(
                {"type": "array", "items": _SHARE, "minItems": 2, "maxItems": 2}, least=2
            ),
        },
    }


_TEXT: Schema = {"type": "string", "maxLength": 500, "pattern": '^[^"]*$'}
_FLAG: Schema = {"type": "boolean"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_SECONDS: Schema = {"type": ["number", "null"], "minimum": 0, "maximum": 1e6}


def _object(properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, *, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least}


def _or_null(name: str) -> Schema:
    return {"anyOf": [{"$ref": f"#/$defs/{name}"}, {"type": "null"}]}


def _target() -> Schema:
    classes = _list({"enum": sorted(CLASS_WORDS)})
    colour = _object(
        {"colours": _list({"enum": sorted(COLOURS)}, least=1), "negated": _FLAG, "on": _TEXT},
        "colours",
    )
    look = _object({"text": _TEXT | {"pattern": r'^[^"]*[^"\s][^"]*$'}, "negated": _FLAG}, "text")
    return _object(
        {
            "classes": classes,
            "not_classes": classes,
            "colours": _list(colour),
            "looks": _list(look),
            "count": {"type": "integer", "minimum": 1, "maximum": 99},
        }
    )


def _relation() -> Schema:
    return _object(
        {
            "kind": {"enum": sorted({kind for kind, _ in RELATION_WORDS})},
            "role": {"enum": list(get_args(Role))},
            "other": {"$ref": "#/$defs/target"},
            "negated": _FLAG,
            "third": _or_null("target"),
            "doing": _list({"$ref": "#/$defs/event"}),
            "min_s": _SECONDS,
            "max_s": _SECONDS,
        },
        "kind",
    )


def _query() -> Schema:
    points = {"$ref": "#/$defs/points"}
    track: Schema = {"video_id": _TEXT, "track_id": {"type": "integer", "minimum": 0}}
    others = _list(_object(track, *track)) | {"maxItems": MOST_LIKED - 1}
    like = _object({**track, "picture": {"const": ""}, "others": others}, *track)
    zone = _object(
        {
            "points": {"anyOf": [points, {"type": "array", "maxItems": 0}]},
            "name": _TEXT,
            "how": {"enum": list(get_args(ZoneHow))},
            "video_id": _TEXT,
            "either_way": _FLAG,
        }
    )
    window = _object({"after_s": _SECONDS, "before_s": _SECONDS})
    return _object(
        {
            "target": {"$ref": "#/$defs/target"},
            "events": _list({"$ref": "#/$defs/event"}),
            "order": {"enum": list(get_args(Order))},
            "gap_s": _SECONDS,
            "relations": _list(_relation()),
            "likes": _list(like),
            "drawn": _list(_object({"points": points, "video_id": _TEXT}, "points")),
            "zones": _list(zone),
            "places": _list(_TEXT),
            "window": {"anyOf": [window, {"type": "null"}]},
            "frame": {"enum": list(get_args(Frame))},
            "scene": _TEXT,
            "then": _or_null("query"),
            "joint": {"enum": list(get_args(Joint))},
        }
    )
