"""An engine for a library as it is: with the encoder that most of its videos were read with."""

from __future__ import annotations

import json
import logging
from collections import Counter

from core.errors import ModelError, QueryError
from core.library.catalog import VideoRecord
from core.library.library import Library
from core.models.encoder import Encoder
from core.models.profile import Profile, profile
from core.search.engine import Engine
from core.search.prompts import LazyEncoder

_log = logging.getLogger(__name__)


def open_engine(library: Library) -> Engine:
    """The engine over a library; its encoder is loaded by the first question that needs it.

    Raises QueryError when no video can be searched yet.
    """
    ready = library.ready()
    if not ready:
        raise QueryError(
            f"There is no video to search in {library.path} yet: add one with `vidtrail add FILE`."
        )
    encoders = Counter(record.encoder for record in ready)
    name = encoders.most_common(1)[0][0]
    if len(encoders) > 1:
        _log.warning(
            "%d of %d videos were read with another encoder: words of appearance are compared in "
            "the others only",
            len(ready) - encoders[name],
            len(ready),
        )
    record = next(r for r in ready if r.encoder == name)
    dim = library.shard(record.video_id).meta.encoder_dim
    return Engine(library, LazyEncoder(name, dim, lambda: _loaded(library, record)))


def profile_of(library: Library, record: VideoRecord) -> Profile:
    """The profile a video was read with, model files given by hand included.

    Raises ModelError when such a file has gone.
    """
    chosen = profile(record.profile_name)
    stored = library.catalog.profiles().get(record.profile_fingerprint)
    if stored is None:
        return chosen
    encoder = json.loads(stored[1])["encoder"]
    if encoder["path"] in (None, str(chosen.encoder.path)):
        return chosen
    return profile(record.profile_name, encoder=f"{encoder['name']}={encoder['path']}")


def _loaded(library: Library, record: VideoRecord) -> Encoder:
    from core.models.load import load_encoder

    encoder = load_encoder(profile_of(library, record))
    if encoder.name != record.encoder:
        raise ModelError(
            f"The encoder of the profile {record.profile_name} is now {encoder.name}, but the "
            f"videos were read with {record.encoder}: give the same model files again, or remove "
            "the videos and add them anew."
        )
    return encoder
