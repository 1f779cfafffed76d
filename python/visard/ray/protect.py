"""Protection of as many photos as there are."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import time
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa
import ray.data

from .. import _visard
from ..photos import photos_of_people
from ..report import PhotoReport
from .places import Place
from .workers import crew, opened, started

#: The folder of an output that holds a note of each photo that is done.
NOTES = ".visard"

SCHEMA = pa.schema(
    [
        ("input", pa.string()),
        ("output", pa.string()),
        ("status", pa.string()),
        ("reason", pa.string()),
        ("input_sha256", pa.string()),
        ("output_sha256", pa.string()),
        ("faces", pa.int64()),
        ("report", pa.string()),
        ("seconds", pa.float64()),
        ("kept", pa.bool_()),
    ]
)


@dataclass(frozen=True)
class Summary:
    """What became of the photos of a run."""

    #: Photos by status, as :class:`visard.PhotoReport` has it.
    counts: dict[str, int]
    #: Photos that an earlier run had done.
    kept: int
    #: Names that do not end as a photo's: not taken.
    left_out: list[str]
    #: The folder of Parquet files with one row for each photo.
    report: str


def protect_dataset(
    photos: str,
    output: str,
    *,
    workers: int | None = None,
    threads: int = 1,
    report: str | None = None,
    **options: Any,
) -> Summary:
    """Protects all photos below a folder, each under its name below ``output``.

    A run that was broken off goes on: a photo counts as done while the sums of its original and its output, the settings,
    the networks and the version are those of its note below ``output``/.visard. A photo that cannot be read is a row with
    the status "failed", not an error. Originals are never written to, and an output that is not ours is left: "failed".

    Args:
        photos, output: folders as fsspec addresses.
        workers: actors; default: all cores of the cluster.
        threads: of each actor.
        report: the folder of the Parquet files; default: ``output``/.visard/report.
        options: those of :class:`visard.Visard`; photos of people are read here, networks of one's own where the actors are.
    """
    started()
    names, left_out = Place(photos).photos()
    if not names:
        raise FileNotFoundError(f"{photos}: no photos")
    report = report or f"{output.rstrip('/')}/{NOTES}/report"
    jobs = [{"input": name, "output": place} for name, place in places(names, options).items()]
    count = crew(workers, threads)
    # Small blocks, each a batch: every actor has work to its end, and little is lost with one.
    parts = max(min(len(jobs), 8 * count), len(jobs) // 64)
    blocks = ray.data.from_items(jobs, override_num_blocks=parts)
    settings = {"photos": photos, "output": output, "threads": threads, "options": carried(options)}
    done = blocks.map_batches(
        Protector,
        fn_constructor_kwargs=settings,
        batch_size=None,
        batch_format="pyarrow",
        num_cpus=threads,
        compute=ray.data.ActorPoolStrategy(size=min(count, len(jobs))),
    ).materialize()
    done.write_parquet(report, mode=ray.data.SaveMode.OVERWRITE)
    rows = done.select_columns(["status", "kept"]).take_all()
    statuses = [row["status"] for row in rows]
    counts = {status: statuses.count(status) for status in sorted(set(statuses))}
    return Summary(counts, sum(row["kept"] for row in rows), left_out, report)


def carried(options: dict[str, Any]) -> dict[str, Any]:
    """The options with the photos of people themselves in place of their paths, which other machines may not have."""
    people = {name: options[name] for name in ("only", "except_") if name in options}
    return options | {name: [content for _, content in photos_of_people(photos)] for name, photos in people.items()}


def places(names: list[str], options: dict[str, Any]) -> dict[str, str]:
    """The name of each output: with another ending where another format is written, added where that name is taken."""
    wish = json.dumps({name: options[name] for name in ("format", "destination") if options.get(name)})
    taken = {name.lower() for name in names}
    found = {}
    for name in names:
        path = PurePosixPath(name)
        ending = f".{_visard.ending(name, wish)}"
        place = name if ending == path.suffix else str(path.with_suffix(ending))
        if place != name and place.lower() in taken:
            place = name + ending
        taken.add(place.lower())
        found[name] = place
    return found


class Protector:
    """Protects photo after photo; the networks are opened once."""

    def __init__(self, photos: str, output: str, threads: int, options: dict[str, Any]) -> None:
        self.photos, self.output = Place(photos), Place(output)
        self.visard = opened(threads, options)
        networks = [asdict(network) for network in self.visard.networks]
        plain = {name: repr(value) for name, value in options.items()}
        run = [importlib.metadata.version("visard"), threads, networks, plain]
        self.run = hashlib.sha256(json.dumps(run, sort_keys=True).encode()).hexdigest()

    def __call__(self, batch: pa.Table) -> pa.Table:
        """One row of the report for each photo."""
        return pa.Table.from_pylist([self.one(**job) for job in batch.to_pylist()], schema=SCHEMA)

    def one(self, input: str, output: str) -> dict[str, Any]:
        """Protects one photo, whatever is wrong with it."""
        start = time.monotonic()
        try:
            row = self.work(input, output)
        except Exception as error:  # One bad photo never stops the others.
            row = {"status": "failed", "reason": str(error), "output": None}
        return {"input": input, "kept": False, "seconds": time.monotonic() - start} | row

    def work(self, input: str, output: str) -> dict[str, Any]:
        """Protects one photo, or takes it as it was done before."""
        content = self.photos.read(input)
        note = f"{NOTES}/{output}.json"
        known = json.loads(self.output.read(note)) if self.output.has(note) else None
        sum_of_input = hashlib.sha256(content).hexdigest()
        there = hashlib.sha256(self.output.read(output)).hexdigest() if self.output.has(output) else None
        if there is not None and (known is None or known["row"]["output_sha256"] != there):
            raise FileExistsError(f"{output} is there already and was not written by this run")
        if known is not None and known["run"] == self.run and known["row"]["input_sha256"] == sum_of_input:
            if known["row"]["output_sha256"] == there:
                return {**known["row"], "kept": True}
        result = self.visard.protect(content)
        row = row_of(result.report, output if result.photo is not None else None)
        # First the note: a file without one would not be believed.
        self.output.write(note, json.dumps({"run": self.run, "row": row}).encode())
        if isinstance(result.photo, bytes):
            self.output.write(output, result.photo)
        return row


def row_of(report: PhotoReport, output: str | None) -> dict[str, Any]:
    """What a report has to say in columns, and all of it as JSON."""
    return {
        "output": output,
        "status": report.status,
        "reason": report.reason,
        "input_sha256": report.input_sha256,
        "output_sha256": report.output_sha256,
        "faces": len(report.faces),
        "report": json.dumps(asdict(report)),
    }
