"""Photos in and out: a class for chosen networks, and functions that keep one for each choice."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _visard
from ._visard import Embedder, People, UsageError
from .photos import Photo, PhotosOfPeople, file_of, given, ordered, photos_of_people
from .report import Embedded, Face, NetworkReport, PhotoReport, Result, VideoReport

#: Is told the share of the work that is done, 0 to 1, after every step; False breaks off.
Progress = Callable[[float], Any]


@dataclass(frozen=True)
class Network:
    """An embedder of one's own.

    It takes the aligned face of 112 x 112 pixels ("arcface-112"), its columns 8 to 103 ("sphereface-112x96") or a size
    (rows, columns), as (value - mean) / std for values of 0 to 255.
    """

    file: str | os.PathLike[str]
    name: str
    #: "surrogate": its gradients make cloaks; "judge": it checks written files.
    role: str
    #: The cosine from which on it takes two faces for one person, at a false accept rate of 1 in 1,000; a judge needs it.
    threshold: float | None = None
    crop: str | tuple[int, int] = "arcface-112"
    mean: tuple[float, float, float] = (127.5, 127.5, 127.5)
    std: tuple[float, float, float] = (127.5, 127.5, 127.5)
    #: "rgb", "bgr" or "grey".
    order: str = "rgb"
    #: "nchw" or "nhwc".
    layout: str = "nchw"
    #: Whether the mirrored face is embedded too, and both count.
    mirror: bool = False
    #: The output that is the embedding, where there are several.
    output: str | None = None
    licence: str = "not stated"

    def _plain(self) -> dict[str, Any]:
        plain = dataclasses.asdict(self) | {"file": os.fspath(self.file)}
        if not isinstance(self.crop, str):
            rows, columns = self.crop
            plain["crop"] = {"template": {"rows": rows, "columns": columns, "points": None}}
        return plain


class Visard:
    """Networks that are opened once, and settings; threads may share one.

    Args:
        strength: "auto", "subtle", "standard" (default) or "strong".
        seed: of all random choices; default 0.
        faces: "all" (default) or "largest".
        boxes: (x, y, width, height) in pixels of the upright photo, each around a face that is protected besides.
        only, except_: photos of people, paths, folders or bytes: only these are protected, or everybody but these. The judges
            compare; a face of which they are not sure is protected, and named.
        others: what becomes of all other faces: "leave" (default), "cloak", "blur", "pixelate" or "cover". What is hidden
            cannot be brought back, and is checked as cloaks are.
        destination: where it is shown (``--for`` of the command line): "original" (default), "messenger", "social" or "web"; it
            is reduced before it is cloaked, and judged as the place passes it on, too.
        max_side: the longer side, in pixels, at most; it is reduced before it is cloaked.
        format: "keep" (default), "jpeg", "png", "webp" or "avif"; arrays come back as arrays.
        quality: of JPEG, HEIC, AVIF and lossy WebP, 1 to 100.
        max_bytes: of the file, at most; its quality falls as far as that takes.
        metadata: "strip" (default) or "keep".
        keep_faceless: whether a photo in which nobody is to be protected is given back too, without its traces.
        first_picture: whether the first picture of an animation is taken.
        max_memory: bytes that a photo's work may take.
        folders: folders whose networks are at hand, too.
        detector, surrogates, judges: names of networks; all at hand that fit by default.
        networks: of one's own, at hand then.

    Raises:
        ModelsError: where a network is missing or damaged.
        UsageError: where an option cannot be.
    """

    def __init__(
        self,
        *,
        networks: Iterable[Network] = (),
        folders: Iterable[Any] = (),
        only: PhotosOfPeople = (),
        except_: PhotosOfPeople = (),
        **options: Any,
    ) -> None:
        options = {name: value for name, value in options.items() if value is not None}
        options["networks"] = [network._plain() for network in networks]
        options["folders"] = [os.fspath(folder) for folder in folders]
        self._networks = _visard.Networks(json.dumps(options), photos_of_people(only), photos_of_people(except_))

    def protect(
        self,
        photo: Photo,
        *,
        seed: int | None = None,
        people: People | None = None,
        progress: Progress | None = None,
        order: str = "rgb",
    ) -> Result:
        """Protects the faces of a photo.

        Args:
            photo: see the module; an array comes back as an array.
            seed: in place of that of the settings.
            people: those in photos before; each further photo of a person is led away from all of them.
            progress: is told the share that is done, 0 to 1; False breaks off, and what it raises is raised.
            order: of an array's colours, "rgb" or "bgr".

        Raises:
            PhotoError: where it is no photo, or cannot be written.
            Cancelled: where ``progress`` broke off.
        """
        path, content = given(photo, order)
        written: bytes | npt.NDArray[np.uint8] | None
        if isinstance(content, bytes):
            written, report = self._networks.protect(content, seed, people, progress)
        else:
            picture, report = self._networks.protect_picture(content, seed, people, progress)
            written = None if picture is None else ordered(picture, order)
        return Result(written, PhotoReport.of(json.loads(report), path))

    def protect_video(
        self,
        path: str | os.PathLike[str],
        output: str | os.PathLike[str],
        *,
        start: float = 0.0,
        end: float | None = None,
        longest_seconds: float = 300.0,
        codec: str = "h264",
        crf: int | None = None,
        seed: int | None = None,
        progress: Progress | None = None,
    ) -> VideoReport:
        """Protects the faces of a short video; the programs ffmpeg and ffprobe, 5.1 or newer, must be installed.

        Args:
            path: the clip, whatever ffmpeg reads.
            output: the MP4 file to write, where nothing must be yet; it is written whole or not at all, and not without a face.
            start, end: the part, in seconds of the clip.
            longest_seconds: longer parts than this are refused.
            codec, crf: "h264" (default), "h265" or "av1", and its quality as the encoder counts: less is better.
            seed: in place of that of the settings.
            progress: is told about which share of a try is done, 0 to 1; False breaks off, and what it raises is raised.

        Raises:
            UsageError: where ffmpeg is missing, or it is no clip that can be protected.
            FileError: where a file cannot be read or written.
            Cancelled: where ``progress`` broke off.
        """
        wish: dict[str, Any] = {"start": start, "end": end, "longest": longest_seconds}
        wish |= {"codec": codec, "crf": crf, "seed": seed}
        report = self._networks.protect_video(os.fspath(path), os.fspath(output), json.dumps(wish), progress)
        return VideoReport.of(json.loads(report))

    def look(self, photo: Photo, people: People, *, order: str = "rgb") -> int:
        """Takes the people of a photo that is not protected itself into ``people``; how many faces there are.

        A search may start from such a photo: those of the same people that are protected with ``people`` are led away from it.
        """
        return self._networks.look(file_of(photo, order), people)

    def verify(self, original: Photo, written: Photo, *, order: str = "rgb") -> PhotoReport:
        """What the networks say of a photo that may protect the faces of an original."""
        path, _ = given(original, order)
        report = self._networks.verify(file_of(original, order), file_of(written, order))
        return PhotoReport.of(json.loads(report), path)

    def detect(self, photo: Photo, *, order: str = "rgb") -> list[Face]:
        """The faces of a photo, the most certain first."""
        return [Face.of(face) for face in json.loads(self._networks.detect(file_of(photo, order)))]

    def embed(self, photo: Photo, network: str | None = None, *, order: str = "rgb") -> list[Embedded]:
        """The faces of a photo as a network sees them; the first judge by default."""
        faces, rows = self._networks.embed(file_of(photo, order), network or self.judges[0].name)
        return [Embedded(Face.of(face), row) for face, row in zip(json.loads(faces), rows, strict=True)]

    def crops(self, photo: Photo, *, order: str = "rgb") -> tuple[list[Face], npt.NDArray[np.float32]]:
        """The faces that can be aligned, and (faces, 3, 112, 112) float32: RGB in 0 to 1, as embedders take them."""
        faces, crops = self._networks.crops(file_of(photo, order))
        return [Face.of(face) for face in json.loads(faces)], crops

    def embedder(self, name: str) -> Embedder:
        """A surrogate or judge with its input gradient; :mod:`visard.torch` makes a module of it."""
        return self._networks.embedder(name)

    @property
    def networks(self) -> list[NetworkReport]:
        """All networks that take part, the detector first."""
        return [NetworkReport(**network) for network in json.loads(self._networks.networks())]

    @property
    def judges(self) -> list[NetworkReport]:
        """The networks that check written files."""
        return [network for network in self.networks if network.role == "judge"]


def protect(
    photo: Photo,
    *,
    seed: int = 0,
    people: People | None = None,
    progress: Progress | None = None,
    order: str = "rgb",
    **options: Any,
) -> Result:
    """Protects the faces of a photo; ``options`` are those of :class:`Visard`."""
    return _opened(options).protect(photo, seed=seed, people=people, progress=progress, order=order)


def verify(original: Photo, written: Photo, *, order: str = "rgb", **options: Any) -> PhotoReport:
    """What the networks say of a photo that may protect the faces of an original."""
    return _opened(options).verify(original, written, order=order)


def detect(photo: Photo, *, order: str = "rgb", **options: Any) -> list[Face]:
    """The faces of a photo, the most certain first."""
    return _opened(options).detect(photo, order=order)


def embed(photo: Photo, network: str | None = None, *, order: str = "rgb", **options: Any) -> list[Embedded]:
    """The faces of a photo as a network sees them; the first judge by default."""
    return _opened(options).embed(photo, network, order=order)


def evaluate(
    data: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    people: str | os.PathLike[str] | None = None,
    distractors: str | os.PathLike[str] | None = None,
    distractors_data: str | os.PathLike[str] | None = None,
    strengths: Iterable[str] = ("standard",),
    protocol: str = "search-v1",
    baselines: bool = False,
    adversaries: bool = False,
    photos_per_person: int = 3,
    seed: int = 0,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Measures protection as the operator of a face search would; docs/evaluation.md says exactly how.

    ``data`` holds a folder of photos for each person; ``people`` and ``distractors`` are lists of names. The figures come back
    as results.json has them; it and report.html lie in ``output``, where a run that was stopped goes on.
    """
    places = {"data": data, "output": output, "people": people}
    places |= {"distractors": distractors, "distractors_data": distractors_data}
    wish: dict[str, Any] = {name: place and os.fspath(place) for name, place in places.items()}
    wish |= {"strengths": list(strengths), "protocol": protocol, "baselines": baselines, "adversaries": adversaries}
    wish |= {"photos_per_person": photos_per_person, "seed": seed}
    results: dict[str, Any] = json.loads(_visard.evaluate(_opened(options)._networks, json.dumps(wish), progress))
    return results


def _opened(options: dict[str, Any]) -> Visard:
    return _kept(tuple((name, _fixed(options[name])) for name in sorted(options)))


def _fixed(value: Any) -> Any:
    """A choice that can be looked up: lists become tuples."""
    return tuple(map(_fixed, value)) if isinstance(value, (list, tuple)) else value


@functools.lru_cache(maxsize=4)
def _kept(options: tuple[tuple[str, Any], ...]) -> Visard:
    return Visard(**dict(options))
