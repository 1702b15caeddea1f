"""Single pictures of a video: a frame at a time, a poster, JPEG bytes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import av.error
import cv2
import numpy as np
from av.video.frame import VideoFrame

from core.detections import Image
from core.errors import VideoError
from core.video.container import frame_rate, opened, shown_name
from core.video.decode import DecodeReport, Frame, timed_frames
from core.video.picture import to_picture

# Where a poster is looked for: not at the very start, which is often black or a title.
_POSTER_PLACES = (0.1, 0.35, 0.6, 0.85)


def frame_at(path: Path, t_s: float) -> Frame:
    """The picture on screen at t_s: the last frame that starts at or before it.

    Times before the start give the first frame, times after the end the last one. Its index is
    reckoned from the mean frame rate: exact only where the rate is constant.
    Raises VideoError when the file cannot be opened or holds no decodable frame.
    """
    shown: tuple[float, VideoFrame] | None = None
    with closing(timed_frames(path, max(t_s, 0.0), DecodeReport(), trusting=True)) as frames:
        for now, frame in frames:
            if shown is not None and now > t_s:
                break
            shown = now, frame
    if shown is None:
        raise VideoError(f"{shown_name(path)} holds no frame that can be decoded.")
    now, frame = shown
    with opened(path) as (_, stream):
        index = round(now * float(frame_rate(stream)))
    return Frame(index, now, to_picture(frame))


def poster(path: Path) -> Image:
    """A picture that stands for the video: of a few keyframes, the one with most contrast.

    Raises VideoError when the file cannot be opened or holds no decodable frame.
    """
    best: Image | None = None
    best_contrast = -1.0
    with opened(path) as (container, stream):
        stream.codec_context.skip_frame = "NONKEY"
        length = container.duration or 0
        for place in _POSTER_PLACES if length > 0 else ():
            try:
                container.seek(int(length * place) + (container.start_time or 0))
                frame = next(container.decode(stream), None)
            except av.error.FFmpegError:
                continue  # a damaged place: one of the others serves as well
            if frame is None:
                continue
            picture = to_picture(frame)
            contrast = float(np.std(cv2.resize(picture, (32, 32), interpolation=cv2.INTER_AREA)))
            if contrast > best_contrast:
                best, best_contrast = picture, contrast
    return best if best is not None else frame_at(path, 0.0).image


def narrowed(image: Image, width_px: int) -> Image:
    """(H, W, 3) RGB picture at most width_px wide, in its own proportions."""
    height, width = image.shape[:2]
    if width <= width_px:
        return image
    size = (width_px, max(1, round(height * width_px / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def encode_jpeg(image: Image, quality: int = 88) -> bytes:
    """JPEG file of an RGB picture."""
    bgr = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2BGR)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError(f"no JPEG can be made of a picture of shape {image.shape}")
    return data.tobytes()


def decode_jpeg(data: bytes) -> Image:
    """(H, W, 3) RGB picture from a JPEG file. Raises VideoError when the bytes are damaged."""
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise VideoError("A stored picture is damaged and cannot be shown.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
