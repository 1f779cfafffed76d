"""What is found out about photos and faces, as plain data. docs/report.md has every field in words."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

T = TypeVar("T")


def only_known(kind: type[T], data: dict[str, Any], **made: Any) -> T:
    """A dataclass of what a report has for its fields; ``made`` are those that are dataclasses themselves."""
    names = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value for key, value in data.items() if key in names and key not in made}, **made)


@dataclass(frozen=True)
class Rectangle:
    """An upright rectangle in pixels of the upright photo: left and upper edge, width and height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Face:
    """A face that was found."""

    box: Rectangle
    #: Left eye, right eye, tip of the nose, left and right corner of the mouth, as seen in the picture: x and y each.
    points: tuple[tuple[float, float], ...]
    #: The detector's confidence, 0 to 1.
    score: float

    @classmethod
    def of(cls, data: dict[str, Any]) -> Face:
        """From a report's JSON."""
        return cls(**_place(data), score=data["score"])


@dataclass(frozen=True)
class Embedded:
    """A face and what a network makes of it."""

    face: Face
    #: (dimension,) float32 of L2 norm 1.
    embedding: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Opinion:
    """What one network says of a face in the written file."""

    network: str
    #: "judge" or "surrogate".
    role: str
    #: Cosine to the original face, -1 to 1; None where it is not a number, which counts as recognised.
    similarity: float | None
    #: From this on it takes both for one person; None where none was measured.
    threshold: float | None


@dataclass(frozen=True)
class FaceReport:
    """What a run did with one face."""

    box: Rectangle
    points: tuple[tuple[float, float], ...]
    score: float | None
    #: Whether it was to be protected.
    chosen: bool
    #: Whether the networks are not sure that it is, or is not, one of the people of ``only`` or ``except_``: then it is protected.
    unsure: bool
    #: How it was to be hidden: "blur", "pixelate" or "cover"; None: not at all.
    hiding: str | None
    #: Whether it is hidden, and no judge recognises it in the written file.
    hidden: bool
    #: Whether every judge takes it for another person in the written file.
    protected: bool
    found_again: bool
    similarities: tuple[Opinion, ...]
    dssim: float | None
    dssim_afar: float | None
    largest_change: float | None
    chroma: float | None
    ssim: float | None
    ssimulacra2: float | None
    butteraugli: float | None
    psnr: float | None
    attempts: int
    steps: int
    seconds: float

    @classmethod
    def of(cls, data: dict[str, Any]) -> FaceReport:
        """From a report's JSON."""
        opinions = tuple(only_known(Opinion, opinion) for opinion in data["similarities"])
        return only_known(cls, data, **_place(data), similarities=opinions)


@dataclass(frozen=True)
class PhotoReport:
    """What a run did with one photo."""

    #: The path that was given; empty for bytes and arrays.
    input: str
    #: "protected"; "hidden": nobody was to be protected, and all others are hidden; "no-face"; "nobody-chosen": none of the
    #: faces was to be protected or hidden; "still-recognisable"; "not-the-same-photo"; or "failed".
    status: str
    #: Whether nothing in it is protected, its traces are removed and its picture is bit for bit as it was.
    cleaned: bool
    #: Why, where that is not plain from the faces.
    reason: str | None
    input_sha256: str | None
    output_sha256: str | None
    input_bytes: int | None
    output_bytes: int | None
    notes: tuple[str, ...]
    quality: int | None
    removed: tuple[str, ...]
    kept: tuple[str, ...]
    faces: tuple[FaceReport, ...]

    @classmethod
    def of(cls, data: dict[str, Any], path: str = "") -> PhotoReport:
        """From a report's JSON."""
        lists = {name: tuple(data[name]) for name in ("notes", "removed", "kept")}
        faces = tuple(FaceReport.of(face) for face in data["faces"])
        return only_known(cls, data, input=path, faces=faces, **lists)


@dataclass(frozen=True)
class Track:
    """A face of a clip, for as long as it was followed."""

    #: First and last frame, counted from 0 in the part that was worked on.
    first: int
    last: int
    #: The same in seconds of the original.
    start: float
    end: float
    #: Where it is in its first frame.
    box: Rectangle
    #: Whether it was to be protected.
    chosen: bool
    #: Whether no judge recognises it in any frame that was judged, nor by the mean of all of them.
    protected: bool
    #: Frames that a cloak was made for.
    keys: int
    #: Frames in which judges were asked, and those in which one recognises the face.
    judged: int
    recognised: int
    #: What judges say of the first frame that was judged, of the worst, and of the mean of all.
    first_frame: tuple[Opinion, ...]
    worst: int | None
    worst_frame: tuple[Opinion, ...]
    mean: tuple[Opinion, ...]

    @classmethod
    def of(cls, data: dict[str, Any]) -> Track:
        """From a report's JSON."""
        said = ("first_frame", "worst_frame", "mean")
        opinions = {name: tuple(only_known(Opinion, opinion) for opinion in data[name]) for name in said}
        return only_known(cls, data, start=data["from"], end=data["to"], box=Rectangle(**data["box"]), **opinions)


@dataclass(frozen=True)
class VideoReport:
    """What a run did with one clip. docs/videos.md has every field in words."""

    input: str
    #: The file that was written; None where none was, as without a face.
    output: str | None
    #: "protected", "no-face", "still-recognisable", "not-the-same-photo" or "failed".
    status: str
    #: Why, where that is not plain from the tracks.
    reason: str | None
    notes: tuple[str, ...]
    removed: tuple[str, ...]
    input_sha256: str | None
    output_sha256: str | None
    output_bytes: int | None
    codec: str
    #: As the encoder counts (CRF).
    quality: int
    #: Width and height in pixels.
    size: tuple[int, int]
    frames: int
    #: Seconds.
    length: float
    #: Frames in which judges were asked, and in which faces were sought; and how often the clip was written.
    judged: int
    searched: int
    rounds: int
    #: The frame and the place of each face that only the check of the written file found.
    missed: tuple[tuple[int, Rectangle], ...]
    tracks: tuple[Track, ...]
    seconds: float

    @classmethod
    def of(cls, data: dict[str, Any]) -> VideoReport:
        """From a report's JSON."""
        lists = {name: tuple(data[name]) for name in ("notes", "removed", "size")}
        missed = tuple((face["frame"], Rectangle(**face["box"])) for face in data["missed"])
        tracks = tuple(Track.of(track) for track in data["tracks"])
        return only_known(cls, data, missed=missed, tracks=tracks, **lists)

    @property
    def protected(self) -> bool:
        """Whether no judge recognises any face in any frame that was judged of the written file."""
        return self.status == "protected"


@dataclass(frozen=True)
class NetworkReport:
    """A network that takes part."""

    name: str
    #: "judge" or "surrogate"; None for the detector.
    role: str | None
    sha256: str
    threshold: float | None


@dataclass(frozen=True)
class Result:
    """A photo that was worked on."""

    #: The finished file, or an array where one was given; None where there is none, as without a face.
    photo: bytes | npt.NDArray[np.uint8] | None
    report: PhotoReport

    @property
    def protected(self) -> bool:
        """Whether every judge, asked about the finished photo, takes every face for another person."""
        return self.report.status == "protected"


def _place(data: dict[str, Any]) -> dict[str, Any]:
    points = tuple((point["x"], point["y"]) for point in data["points"])
    return {"box": Rectangle(**data["box"]), "points": points}
