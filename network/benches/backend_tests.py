"""Runs the ONNX project's own backend tests through both executors.

    cargo build --example check_network
    pip install onnx numpy
    python network/benches/backend_tests.py [--filter TEXT] [--table FILE]

A test has several inputs, ingrad's networks one: each floating-point input is it in turn, and the others are weights.
A test passes where all outputs are right in both executors, and the gradients of the two agree. It is refused where ingrad
says that it does not support it, and failed in every other case.
"""

import argparse
import collections
import re
import warnings

import numpy as np
import onnx
from onnx import helper, numpy_helper

from checker import Checker, outputs

# Groups whose operators are no image operations on floating-point numbers, by the operators in their networks.
EXCLUDED = {
    "texts, sequences, optional values and maps": "String|Regex|Sequence|Optional|SplitToSequence|ConcatFromSequence|"
    "TfIdf|LabelEncoder|CategoryMapper|DictVectorizer|ArrayFeatureExtractor|TreeEnsemble|Binarizer|ImageDecoder",
    "loops over a state": "Loop|Scan|RNN|GRU|LSTM",
    "training": "Adam|Adagrad|Momentum|Gradient|SoftmaxCrossEntropyLoss|NegativeLogLikelihoodLoss",
    "random numbers": "Random|Bernoulli|Multinomial",
    "gated units of language models": "Swiglu|SwiGLU",
    "signals": "DFT|STFT|Window|MelWeightMatrix",
    "integer results (indices, bits, counts)": "ArgMax|ArgMin|TopK|Unique|NonMaxSuppression|Bit|Hardmax|MaxUnpool",
    "caches and positions of language models": "TensorScatter|RotaryEmbedding|LinearAttention|CausalConv|FlexAttention",
    "not used by image networks": "Det|IsNaN|IsInf|ReverseSequence|AffineGrid|GridSample|DeformConv|RoiAlign|Col2Im|"
    "MaxRoiPool|Asin|Acos|Atan|CenterCropPad|SpaceToBatch|CumProd",
}


def cases():
    import onnx.backend.test.loader as loader
    from onnx.backend.test.case.node import collect_testcases

    for case in collect_testcases(None):
        yield "node", case.name, case.model, case.data_sets, case.rtol, case.atol
    for kind in ("pytorch-operator", "pytorch-converted", "simple"):
        for case in loader.load_model_tests(kind=kind):
            yield kind, case.name, onnx.load(f"{case.model_dir}/model.onnx"), stored(case.model_dir), case.rtol, case.atol
    yield from light()


def stored(folder):
    from pathlib import Path

    sets = []
    for data in sorted(Path(folder).glob("test_data_set_*")):
        def read(kind):
            files = sorted(data.glob(f"{kind}_*.pb"), key=lambda f: int(f.stem.split("_")[1]))
            return [numpy_helper.to_array(onnx.load_tensor(str(f))) for f in files]
        try:
            sets.append((read("input"), read("output")))
        except Exception:  # A text or a sequence: such tests are excluded by their operators.
            return []
    return sets


def light():
    """Large networks with constant weights; their input and output are those of ONNX's runner."""
    from pathlib import Path

    folder = Path(onnx.__file__).parent / "backend" / "test" / "data" / "light"
    for file in sorted(folder.glob("*.onnx")):
        model = onnx.load(file)
        weights = {w.name for w in model.graph.initializer}
        info = next(i for i in model.graph.input if i.name not in weights)
        shape = [d.dim_value for d in info.type.tensor_type.shape.dim]
        count = int(np.prod(shape))
        x = (np.arange(count).reshape(shape) / count).astype(np.float32)
        y = numpy_helper.to_array(onnx.load_tensor(str(file.with_name(file.stem + "_output_0.pb"))))
        yield "light", "test_" + file.stem, model, [([x], [y])], 2e-3, 1e-5


def operators(model):
    def of(graph):
        for node in graph.node:
            yield node.op_type
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    yield from of(attribute.g)
    return set(of(model.graph))


# Attention of language models: what earlier runs left, windows over it, and products that are shown.
ATTENTION = {"left_window_size", "right_window_size", "qk_matmul_output_mode"}


def special(node, shown):
    """Why a node is none of an image network's, or nothing."""
    if node.op_type == "Attention" and (
        len(node.input) > 4 or len(node.output) > 1 or ATTENTION & {a.name for a in node.attribute}
    ):
        return "caches and positions of language models"
    if node.op_type in ("MaxPool", "Dropout") and set(node.output[1:]) & shown:
        return "integer results (indices, bits, counts)"
    if node.op_type in ("BatchNormalization", "Dropout"):
        if any(a.name == "training_mode" and a.i for a in node.attribute) or "t" in node.input[2:3]:
            return "training"
    return None


def group(name, model, data):
    if name.startswith(("test_cast", "test_bitcast")):
        return "casts to other storage types"
    if "_with_past" in name:
        return "caches and positions of language models"
    found = operators(model)
    shown = {output.name for output in model.graph.output}
    for node in model.graph.node:
        if special(node, shown):
            return special(node, shown)
    for reason, pattern in EXCLUDED.items():
        if any(re.search(rf"^({pattern})", op) for op in found):
            return reason
    if found & {"Shape", "Size"} and len(model.graph.node) == 1:
        return "results that shapes decide"
    arrays = [a for inputs, results in data for a in [*inputs, *results]]
    if not arrays or not all(isinstance(a, np.ndarray) for a in arrays):
        return "element types that NumPy does not have"
    if not any(a.dtype in (np.float32, np.float16, np.float64) and a.size for inputs, _ in data for a in inputs):
        return "no floating-point input"
    if any(a.ndim == 5 for inputs, _ in data for a in inputs) and found & {"Conv", "ConvTranspose", "MaxPool",
                                                                           "AveragePool", "LpPool"}:
        return "volumes (three-dimensional windows)"
    if any(a.dtype.kind not in "fiub" for a in arrays):
        return "element types that NumPy does not have"
    return None


def with_weights(model, inputs, free):
    """The network with all inputs but one as weights."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    weights = {w.name for w in model.graph.initializer}
    names = [i for i in copy.graph.input if i.name not in weights]
    keep = names[free]
    for index, (info, array) in enumerate(zip(names, inputs)):
        if index != free:
            copy.graph.initializer.append(numpy_helper.from_array(np.asarray(array), info.name))
    del copy.graph.input[:]
    copy.graph.input.append(keep)
    return copy.SerializeToString()


def judge(checker, kind, model, data, rtol, atol):
    """`passed`, `refused` or `failed`, and why."""
    verdicts = []
    for inputs, results in data:
        free = [i for i, a in enumerate(inputs) if a.dtype in (np.float32, np.float16, np.float64) and a.size]
        for index in free:
            verdicts.append(judge_one(checker, kind, with_weights(model, inputs, index), inputs[index], results, rtol, atol))
    if any(v[0] == "failed" for v in verdicts):
        return next(v for v in verdicts if v[0] == "failed")
    # The operand that an operator is about is what must work; that its weights may come from the picture is more.
    return verdicts[0]


def judge_one(checker, kind, model, x, results, rtol, atol):
    answer, numbers = checker.ask(model, x)
    if "crash" in answer:
        return "failed", "crash: " + answer["crash"]
    if "error" in answer:
        return "refused", answer["error"]
    rows = [outputs(answer, n) for n in numbers]
    for name, (found, _) in zip(("engine", "reference"), rows):
        for y, expected in zip(found, results):
            expected = np.asarray(expected)
            if list(y.shape) != list(expected.shape):
                return "failed", f"{name}: shape {list(y.shape)} for {list(expected.shape)}"
            loose = 3e-3 if np.float16 in (x.dtype, expected.dtype) else 0
            try:
                np.testing.assert_allclose(y, expected.astype(np.float32), rtol=max(rtol, loose), atol=max(atol, 1e-5, loose))
            except AssertionError:
                worst = np.nanmax(np.abs(y - expected.astype(np.float32)))
                return "failed", f"{name}: off by {worst:.2g}"
    # The light networks have one weight for all: every maximum is shared, and each executor shares it in its own way.
    if answer["gradient"] and kind != "light":
        engine, reference = rows[0][1], rows[1][1]
        scale = np.nanmax(np.abs(reference)) if np.isfinite(reference).any() else 0
        finite = np.isfinite(reference)
        if (np.isfinite(engine) != finite).any() or np.abs(engine - reference)[finite].max(initial=0) > 1e-3 * scale + 1e-6:
            return "failed", "the gradients of the executors differ"
    return "passed", ",".join(sorted(set(answer["borrowed"])))


def main():
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    parser = argparse.ArgumentParser()
    parser.add_argument("--filter", default="")
    parser.add_argument("--table", help="write the table to a file")
    parser.add_argument("--binary", help="check_network, if it lies elsewhere")
    args = parser.parse_args()
    checker = Checker(args.binary)
    counts, excluded, notes = collections.Counter(), collections.Counter(), []
    for kind, name, model, data, rtol, atol in cases():
        if args.filter not in name:
            continue
        left_out = group(name, model, data)
        if left_out:
            excluded[left_out] += 1
            continue
        verdict, why = judge(checker, kind, model, data, rtol, atol)
        counts[kind, verdict] += 1
        if verdict != "passed":
            notes.append((verdict, kind, name, why))
            print(verdict, kind, name, why[:200], flush=True)
    lines = ["| tests | passed | failed | refused |", "|---|---|---|---|"]
    kinds = sorted({kind for kind, _ in counts})
    for kind in kinds:
        lines.append(f"| {kind} | " + " | ".join(str(counts[kind, v]) for v in ("passed", "failed", "refused")) + " |")
    total = [sum(counts[k, v] for k in kinds) for v in ("passed", "failed", "refused")]
    lines.append("| all | " + " | ".join(map(str, total)) + " |")
    lines += ["", "| excluded | tests |", "|---|---|"]
    lines += [f"| {name} | {count} |" for name, count in excluded.most_common()]
    table = "\n".join(lines)
    print(table, f"{100 * total[0] / max(sum(total), 1):.1f} % passed", sep="\n")
    if args.table:
        refused = "\n".join(f"| {name} | {verdict} | {why[:160].replace('|', '/')} |" for verdict, _, name, why in notes)
        with open(args.table, "w") as file:
            file.write(table + "\n\n| test | | reason |\n|---|---|---|\n" + refused + "\n")


if __name__ == "__main__":
    main()
