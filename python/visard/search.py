"""Face search over one's own folders, as a face-search engine would do it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _visard
from .core import Progress, Visard
from .photos import Photo
from .report import Face


@dataclass(frozen=True)
class Match:
    """A face of the folders that resembles the one that is searched for."""

    photo: str
    face: Face
    #: Cosine of the embeddings, -1 to 1.
    similarity: float
    #: Whether the judge takes both for one person, at a false accept rate of 1 in 1,000.
    recognised: bool


class Search:
    """The faces in folders, embedded by every judge.

    Args:
        folders: are searched with all below them.
        index: a file that keeps what was found, for the next time; only new and changed photos are read then.
        progress: is told the share that is done; False breaks off.
        options: those of :class:`Visard`.
    """

    def __init__(
        self,
        folders: Iterable[str | os.PathLike[str]],
        *,
        index: str | os.PathLike[str] | None = None,
        progress: Progress | None = None,
        **options: Any,
    ) -> None:
        self._visard = Visard(**options)
        self._index = _visard.Index(self._visard._networks, index)
        #: Photos that were embedded, kept and removed.
        self.changes = self._index.update([os.fspath(folder) for folder in folders], progress)
        if index is not None:
            self._index.save(index)

    def find(self, photo: Photo, *, top: int = 5, judge: str | None = None, order: str = "rgb") -> list[list[Match]]:
        """For each face of a photo the ``top`` faces that resemble it most, the best first."""
        number = self._judge(judge)
        threshold = self._index.threshold(number)
        seen = self._visard.embed(photo, self._visard.judges[number].name, order=order)
        if not seen:
            return []
        rows = np.stack([one.embedding for one in seen])
        found = self._index.nearest(number, rows, top)
        return [[self._match(one, threshold) for one in matches] for matches in found]

    def rows(self, judge: str | None = None) -> npt.NDArray[np.float32]:
        """(faces, dimension): the embeddings of all faces, in the order of :attr:`faces`."""
        return self._index.rows(self._judge(judge))

    @property
    def faces(self) -> list[tuple[str, Face]]:
        """The photo and place of each row."""
        photos = json.loads(self._index.photos())
        return [(photo["path"], Face.of(face)) for photo in photos for face in photo["faces"]]

    def _judge(self, name: str | None) -> int:
        judges = self._visard.judges
        for number, judge in enumerate(judges):
            if name in (None, judge.name):
                return number
        raise _visard.UsageError(f"no judge {name!r}; these are: {', '.join(judge.name for judge in judges)}")

    @staticmethod
    def _match(found: tuple[str, str, float], threshold: float | None) -> Match:
        photo, face, similarity = found
        return Match(photo, Face.of(json.loads(face)), similarity, threshold is None or similarity >= threshold)
