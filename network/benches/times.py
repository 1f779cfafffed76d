"""Times of the engine, of PyTorch and of ONNX Runtime on one network, alternating in one run.

One thread each, and the time that it was at work, as Linux counts it: other programs on the machine take turns with it, but
their time is not in it.
"""

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

ROUNDS = 5


class Engine:
    """The example `time_network`, which runs once for each line."""

    def __init__(self, binary, file, x):
        sizes = [str(size) for size in (x.shape[0], *x.shape[2:])]
        self.process = subprocess.Popen(
            [binary, file, *sizes], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={**os.environ, "RAYON_NUM_THREADS": "1"},
        )
        assert self.process.stdout.readline() == "ready\n"

    def seconds(self, what):
        clock = Path(f"/proc/{self.process.pid}/schedstat")
        start = int(clock.read_text().split()[0])
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        self.process.stdout.readline()
        return 1e-9 * (int(clock.read_text().split()[0]) - start)

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def seconds(work):
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(binary, net, model, x):
    """Medians in seconds: forward of the engine, PyTorch and ONNX Runtime, forward and back of the engine and PyTorch."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = 1, 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name, array = session.get_inputs()[0].name, x.numpy()
    net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)

    def forward():
        with torch.no_grad():
            net(x)

    def both():
        torch.autograd.backward(net(x.detach().requires_grad_()).sum())

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        file.write_bytes(model)
        engine = Engine(binary, file, x)
        runs = [
            lambda: engine.seconds("forward"),
            lambda: seconds(forward),
            lambda: seconds(lambda: session.run(None, {name: array})),
            lambda: engine.seconds("gradient"),
            lambda: seconds(both),
        ]
        rounds = [[run() for run in runs] for _ in range(ROUNDS + 2)][2:]
        engine.close()
    return [statistics.median(column) for column in zip(*rounds)]
