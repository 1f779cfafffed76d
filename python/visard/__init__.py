"""Protects photos from face-search engines, and checks that it worked.

    import visard

    result = visard.protect("portrait.jpg")
    if result.protected:
        open("portrait-protected.jpg", "wb").write(result.photo)

Short videos are files in and out (:func:`protect_video`), for which ffmpeg must be installed.

A photo is a path, a file's bytes, or an array of ``(height, width, 3)`` uint8 in the order red, green, blue, as Pillow gives
it; ``order="bgr"`` takes and gives arrays as OpenCV does. The functions here open the networks at the first call and keep
them; :class:`Visard` is for those who choose them.

Results are not errors: a photo without a face, or one that is still recognisable, has a report that says so. While the
networks work other threads of Python go on, and Ctrl-C stops the work. ``RAYON_NUM_THREADS`` says how many threads take part;
the same photo, seed and number of threads give the same bytes on one machine, here and on the command line.
"""

from ._visard import Cancelled, Embedder, Error, FileError, ModelsError, NetworkError, People, PhotoError, UsageError, nearest
from .core import Network, Visard, detect, embed, evaluate, protect, verify
from .report import Embedded, Face, FaceReport, NetworkReport, Opinion, PhotoReport, Rectangle, Result, Track, VideoReport
from .search import Match, Search
from .video import protect_video

__all__ = [
    "Cancelled", "Embedded", "Embedder", "Error", "Face", "FaceReport", "FileError", "Match", "ModelsError", "Network",
    "NetworkError", "NetworkReport", "Opinion", "People", "PhotoError", "PhotoReport", "Rectangle", "Result", "Search",
    "Track", "UsageError", "VideoReport", "Visard", "detect", "embed", "evaluate", "nearest", "protect", "protect_video",
    "verify",
]  # fmt: skip
