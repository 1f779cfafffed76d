"""Photos as they are given: paths, bytes or arrays."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Union

import numpy as np
import numpy.typing as npt

from . import _visard
from ._visard import UsageError

#: A path, a file's bytes, or (height, width, 3) uint8.
Photo = Union[str, "os.PathLike[str]", bytes, bytearray, memoryview, npt.NDArray[np.uint8]]
#: A path of a photo or of a folder of photos, or a file's bytes.
PhotoOfPeople = Union[str, "os.PathLike[str]", bytes]
PhotosOfPeople = Union[PhotoOfPeople, Iterable[PhotoOfPeople]]


def given(photo: Photo, order: str) -> tuple[str, bytes | npt.NDArray[np.uint8]]:
    """The path, if it is one, and bytes or an array in the order red, green, blue."""
    if order not in ("rgb", "bgr"):
        raise UsageError(f'order is "rgb" or "bgr", not {order!r}')
    if isinstance(photo, (str, os.PathLike)):
        with open(photo, "rb") as file:
            return os.fspath(photo), file.read()
    if isinstance(photo, np.ndarray):
        if photo.dtype != np.uint8 or photo.ndim != 3 or photo.shape[2] != 3:
            raise UsageError(f"a picture is (height, width, 3) uint8, not {photo.shape} {photo.dtype}")
        return "", ordered(photo, order)
    return "", bytes(photo)


def file_of(photo: Photo, order: str) -> bytes:
    """The bytes of a photo's file; an array becomes a PNG."""
    _, content = given(photo, order)
    return content if isinstance(content, bytes) else _visard.png(content)


def ordered(picture: npt.NDArray[np.uint8], order: str) -> npt.NDArray[np.uint8]:
    """An array in the order red, green, blue, or back."""
    return picture if order == "rgb" else picture[..., ::-1]


def photos_of_people(photos: PhotosOfPeople) -> list[tuple[str, bytes]]:
    """The name and the bytes of each photo."""
    if isinstance(photos, (str, os.PathLike, bytes)):
        photos = [photos]
    found = []
    for photo in photos:
        if isinstance(photo, bytes):
            found.append(("a photo of people", photo))
            continue
        paths = _visard.photos([os.fspath(photo)])
        if not paths:
            raise UsageError(f"{os.fspath(photo)}: no photos of people")
        for path in paths:
            with open(path, "rb") as file:
                found.append((os.fspath(path), file.read()))
    return found
