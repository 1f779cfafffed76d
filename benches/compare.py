"""Times the engine against PyTorch (channels_last) and ONNX Runtime, alternating in one run.

    cargo build --release --example time_network
    pip install -r benches/requirements.txt
    python benches/compare.py [--models DIR] [--networks a,b] [--batches 1,8] [--threads 1,2] [--rough] [--json]

Each figure is the lowest of several rounds; ratios are engine / other: below 1 the engine is faster.
With `--rough` the engine's products are bfloat16 where the processor has them, as in a cloak's surrogates, and PyTorch may
choose whichever is faster, bfloat16 (autocast) or single precision.
With `--json` the last line is {"insightface-y1/1/2/gradient": 0.47, ...}: network/batch/threads/pass,
engine / PyTorch. Wants an otherwise quiet machine.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NETWORKS = ["insightface-y1", "iresnet18", "edgeface-xxs"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, default=ROOT.parent / "shared" / "models")
    parser.add_argument("--networks", default=",".join(NETWORKS))
    parser.add_argument("--batches", default="1,8")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--rounds", type=int, default=12)
    parser.add_argument("--engine", type=Path, help="the binary time_network")
    parser.add_argument("--rough", action="store_true", help="products of bfloat16")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def engine_binary(args):
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return args.engine or target / "release" / "examples" / "time_network"


class Engine:
    """The engine in a process of its own, that runs when asked."""

    def __init__(self, binary, file, batch, shape, threads, rough):
        environment = {**os.environ, "RAYON_NUM_THREADS": str(threads)}
        command = [binary, file, batch, *shape, *["rough"][:rough]]
        self.process = subprocess.Popen(
            [str(part) for part in command], env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        assert self.process.stdout.readline().strip() == "ready"

    def ask(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def __call__(self, what):
        return float(self.ask(what)[0])


def timed(run):
    def measure():
        start = time.perf_counter()
        run()
        return time.perf_counter() - start
    return measure


def torch_runs(file, batch, shape, threads, rough):
    import torch
    from onnx_torch import Network

    torch.set_num_threads(threads)
    network = Network(file, (batch, 3, *shape))
    x = torch.randn(batch, 3, *shape).contiguous(memory_format=torch.channels_last)
    leaf = x.clone(memory_format=torch.preserve_format).requires_grad_()

    def runs(enabled):
        half = lambda: torch.autocast("cpu", torch.bfloat16, enabled=enabled)

        def forward():
            with torch.inference_mode(), half():
                network(x)

        def gradient():
            with half():
                output = network(leaf).float().sum()
            torch.autograd.grad(output, leaf)

        return {("torch", "forward", enabled): timed(forward), ("torch", "gradient", enabled): timed(gradient)}

    return runs(False) | (runs(True) if rough else {})


def runtime_run(file, batch, shape, threads):
    import numpy as np
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).standard_normal((batch, 3, *shape), dtype=np.float32)
    name = session.get_inputs()[0].name
    return timed(lambda: session.run(None, {name: x}))


def measure(args, network, batch, threads):
    """Lowest seconds of every contestant, in rounds that let each run in turn."""
    file = network_file(args, network)
    shape = (112, 96) if network.startswith("xiaoccer") else (112, 112)
    engine = Engine(engine_binary(args), file, batch, shape, threads, args.rough)
    contestants = {
        ("engine", "forward"): lambda: engine("forward"),
        ("runtime", "forward"): runtime_run(file, batch, shape, threads),
        ("engine", "gradient"): lambda: engine("gradient"),
        **torch_runs(file, batch, shape, threads, args.rough),
    }
    best = dict.fromkeys(contestants, float("inf"))
    # Several runs in a row, of which the first warms the caches and wakes the threads.
    for _ in range(args.rounds):
        for name, run in contestants.items():
            repeats = 5 if batch == 1 else 2
            best[name] = min(best[name], *[run() for _ in range(repeats)])
    products = [int(part) for part in engine.ask("products")]
    fastest = {}
    for (who, what, *_), seconds in best.items():
        fastest[who, what] = min(seconds, fastest.get((who, what), seconds))
    return fastest, products


def network_file(args, network):
    if network != "iresnet18":
        return args.models / f"{network}.onnx"
    file = Path(os.environ.get("TMPDIR", "/tmp")) / "iresnet18.onnx"
    if not file.exists():
        subprocess.run([sys.executable, ROOT / "benches" / "iresnet18.py", file], check=True)
    return file


def row(network, batch, threads, best, products):
    """One line for each pass, and the ratios."""
    ratios = {}
    for name, count in (("forward", products[0]), ("gradient", sum(products))):
        engine, torch = best["engine", name], best["torch", name]
        runtime = best.get(("runtime", name))
        ratios[f"{network}/{batch}/{threads}/{name}"] = round(engine / torch, 3)
        beside = f"{runtime * 1e3:9.2f} {engine / runtime:6.2f}" if runtime else " " * 16
        print(
            f"{network:24} {batch:5} {threads:7}  {name:9} {engine * 1e3:9.2f} {2e-9 * count / engine:8.1f}"
            f" {torch * 1e3:9.2f} {engine / torch:6.2f} {beside}",
            flush=True,
        )
    return ratios


def main():
    args = arguments()
    if args.child:
        # A process for each thread count: PyTorch and rayon want to know it from the start.
        network, batch, threads = args.child.split("/")
        best, products = measure(args, network, int(batch), int(threads))
        print(json.dumps(row(network, int(batch), int(threads), best, products)))
        return
    print(
        f"{'network':24} batch threads  pass      engine ms GFLOP/s  torch ms  ratio   ORT ms  ratio", flush=True
    )
    ratios = {}
    for network in args.networks.split(","):
        for batch in args.batches.split(","):
            for threads in args.threads.split(","):
                ratios.update(child(args, f"{network}/{batch}/{threads}"))
    if args.json:
        print(json.dumps(ratios))


def child(args, case):
    command = [sys.executable, __file__, "--child", case, "--models", args.models, "--rounds", args.rounds]
    command += ["--engine", engine_binary(args), *["--rough"][: args.rough]]
    environment = {**os.environ, "OMP_NUM_THREADS": case.split("/")[2]}
    output = subprocess.run(
        [str(part) for part in command], env=environment, check=True, text=True, stdout=subprocess.PIPE
    ).stdout
    *lines, ratios = output.strip().splitlines()
    print("\n".join(lines), flush=True)
    return json.loads(ratios)


if __name__ == "__main__":
    main()
