"""Short videos: files in and out, since they need not fit into memory."""

from __future__ import annotations

import os
from typing import Any

from .core import Progress, _opened
from .report import VideoReport


def protect_video(
    path: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    start: float = 0.0,
    end: float | None = None,
    longest_seconds: float = 300.0,
    codec: str = "h264",
    crf: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> VideoReport:
    """Protects the faces of a short video, as :meth:`Visard.protect_video`; ``options`` are those of :class:`Visard`."""
    clip: dict[str, Any] = {"start": start, "end": end, "longest_seconds": longest_seconds}
    clip |= {"codec": codec, "crf": crf, "seed": seed}
    return _opened(options).protect_video(path, output, progress=progress, **clip)
