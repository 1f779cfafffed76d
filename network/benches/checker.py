"""The example `check_network` in a process of its own, which is started again where a network crashes it."""

import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent.parent


class Checker:
    def __init__(self, binary=None):
        self.binary = binary or ROOT / "target" / "debug" / "examples" / "check_network"
        self.folder = Path(tempfile.mkdtemp())
        self.process = None

    def ask(self, model, x):
        """The answer, and for each executor the outputs and the gradient as one row of numbers."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                [self.binary], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
            )
        file, numbers = self.folder / "model.onnx", self.folder / "input"
        file.write_bytes(model)
        numbers.write_bytes(np.ascontiguousarray(x, np.float32).tobytes())
        try:
            self.process.stdin.write(f"{file}\t{numbers}\t{'x'.join(map(str, x.shape))}\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            error, self.process = self.process.stderr.read()[-300:], None
            return {"crash": error or "no reason given"}, []
        answer = json.loads(line)
        if "error" in answer:
            return answer, []
        return answer, [np.fromfile(f"{numbers}.{name}", np.float32) for name in ("engine", "reference")]


def outputs(answer, numbers):
    """The outputs in their shapes, and what is left: the gradient."""
    result, at = [], 0
    for shape in answer["shapes"]:
        count = int(np.prod(shape, dtype=int))
        result.append(numbers[at:at + count].reshape(shape))
        at += count
    return result, numbers[at:]
