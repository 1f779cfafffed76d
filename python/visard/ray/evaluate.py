"""An evaluation whose cloaks are made by many workers."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import ray

from .. import core
from .workers import crew, started


def evaluate(
    data: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    people: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    threads: int = 1,
    **options: Any,
) -> dict[str, Any]:
    """:func:`visard.evaluate` with the people shared out: each worker cloaks the photos of some, and the figures are of all.

    ``data`` and ``output`` are folders that all machines share. The cloaks of one person are those of one worker; they differ
    from those of a single process only where the surrogates would have taken two people for one.
    """
    started()
    output = Path(output)
    names = _names(Path(data), people)
    shares = [names[i :: crew(workers, threads)] for i in range(crew(workers, threads))]
    work = ray.remote(num_cpus=threads, max_retries=3)(_cloak)
    tasks = []
    for number, share in enumerate(filter(None, shares)):
        part = output / "parts" / str(number)
        part.mkdir(parents=True, exist_ok=True)
        (part / "people.txt").write_text("".join(f"{name}\n" for name in share), encoding="utf-8")
        tasks.append(work.remote(os.fspath(data), os.fspath(part), threads, options))
    for part in ray.get(tasks):
        shutil.copytree(Path(part) / "cloaks", output / "cloaks", dirs_exist_ok=True)
    shutil.rmtree(output / "parts")
    return core.evaluate(data, output, people=people, **options)


def _cloak(data: str, part: str, threads: int, options: dict[str, Any]) -> str:
    os.environ["RAYON_NUM_THREADS"] = str(threads)
    alone = {name: value for name, value in options.items() if name not in ("distractors", "distractors_data", "adversaries")}
    core.evaluate(data, part, people=Path(part) / "people.txt", **alone)
    return part


def _names(data: Path, people: str | os.PathLike[str] | None) -> list[str]:
    if people is not None:
        lines = (line.strip() for line in Path(people).read_text(encoding="utf-8").splitlines())
        return [line for line in lines if line and not line.startswith("#")]
    return sorted(folder.name for folder in data.iterdir() if folder.is_dir())
