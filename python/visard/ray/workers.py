"""Actors that open the networks once, on a number of threads."""

from __future__ import annotations

import os
from typing import Any

import ray

from ..core import Visard


def opened(threads: int, options: dict[str, Any]) -> Visard:
    """The networks, in a process that has not used any yet: threads are counted when the first work begins."""
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    return Visard(**options)


def started() -> None:
    """Connects to the cluster that the environment names, or else starts one on this machine."""
    if not ray.is_initialized():
        ray.init(log_to_driver=False)


def crew(workers: int | None, threads: int) -> int:
    """How many actors work at a time: as many as there are cores for, where nobody says otherwise."""
    return workers or max(1, int(ray.cluster_resources().get("CPU", 1)) // threads)
