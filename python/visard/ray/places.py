"""Files wherever fsspec reaches: what is listed, and what appears whole or not at all."""

from __future__ import annotations

import os
import uuid
from dataclasses import dataclass
from typing import Any

import fsspec

#: Endings of photos that visard reads.
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif", ".avif", ".jxl", ".tif", ".tiff", ".gif", ".bmp")


@dataclass(frozen=True)
class Place:
    """A folder of a file system."""

    address: str

    def _system(self) -> tuple[Any, str]:
        system, root = fsspec.core.url_to_fs(self.address)
        return system, root.rstrip("/")

    def photos(self) -> tuple[list[str], list[str]]:
        """Names below the folder, sorted: those with a photo's ending, and all others."""
        system, root = self._system()
        if not system.isdir(root):
            raise FileNotFoundError(f"{self.address}: no such folder")
        names = sorted(name[len(root) + 1 :] for name in system.find(root))
        names = [name for name in names if not any(part.startswith(".") for part in name.split("/"))]
        photos = [name for name in names if name.lower().endswith(ENDINGS)]
        return photos, sorted(set(names) - set(photos))

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        system, root = self._system()
        there: bool = system.exists(f"{root}/{name}")
        return there

    def read(self, name: str) -> bytes:
        """A whole file."""
        system, root = self._system()
        content: bytes = system.cat_file(f"{root}/{name}")
        return content

    def write(self, name: str, content: bytes) -> None:
        """A whole file, in place of what is there; nobody sees half of it."""
        system, root = self._system()
        target = f"{root}/{name}"
        system.makedirs(os.path.dirname(target), exist_ok=True)
        if "file" not in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,)):
            # In a store a file appears when all of it is there.
            system.pipe_file(target, content)
            return
        beside = f"{os.path.dirname(target)}/.visard-part-{uuid.uuid4().hex}"
        try:
            system.pipe_file(beside, content)
            os.replace(beside, target)
        except BaseException:
            if os.path.exists(beside):
                os.remove(beside)
            raise
