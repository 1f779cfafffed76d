"""Times of the engine, of PyTorch and of ONNX Runtime on one network, alternating in one run."""

import os
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

THREADS = 2
ROUNDS = 7
# The threads of one runtime still look for work for a while after it.
PAUSE = 0.05


class Engine:
    """The example `time_network`, which answers each line with seconds."""

    def __init__(self, binary, file, x):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(THREADS)}
        sizes = [str(size) for size in (x.shape[0], *x.shape[2:])]
        self.process = subprocess.Popen(
            [binary, file, *sizes], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        assert self.process.stdout.readline() == "ready\n"

    def run(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rested(run):
    time.sleep(PAUSE)
    return run()


def compare(binary, net, model, x):
    """Medians in seconds: forward of the engine, PyTorch and ONNX Runtime, forward and back of the engine and PyTorch."""
    torch.set_num_threads(THREADS)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = THREADS, 3
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name, array = session.get_inputs()[0].name, x.numpy()
    net, x = net.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)

    def forward():
        with torch.no_grad():
            net(x)

    def both():
        leaf = x.detach().requires_grad_()
        net(leaf).sum().backward()

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "network.onnx"
        file.write_bytes(model)
        engine = Engine(binary, file, x)
        runs = [
            lambda: engine.run("forward"),
            lambda: seconds(forward),
            lambda: seconds(lambda: session.run(None, {name: array})),
            lambda: engine.run("gradient"),
            lambda: seconds(both),
        ]
        rounds = [[rested(run) for run in runs] for _ in range(ROUNDS + 2)][2:]
        engine.close()
    return [statistics.median(column) for column in zip(*rounds)]
