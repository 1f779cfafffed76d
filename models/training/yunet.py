"""YuNet, the detector's teacher: its answers and the maps inside it.

Wu et al. 2023, doi.org/10.1007/s11633-023-1423-y.
"""

import cv2
import numpy as np
import onnx
import onnxruntime
import torch

from paths import TEACHER_FILES

SIDE = 320
STRIDES = (8, 16, 32)
PARTS = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}

HINTS = ("189", "197", "205", "214", "223", "232", "236", "246", "256")
"""YuNet's maps at stride 4 (16, 32 and 64 channels), at 8, 16, 32 before its pyramid and 32, 16, 8 after it (64)."""
NAMES = [f"{part}_{stride}" for part in PARTS for stride in STRIDES]


def yunet():
    """YuNet for pictures of 320 x 320: its file is fixed to 640."""
    model = onnx.load(str(TEACHER_FILES / "yunet-2023mar.onnx"))
    shape = model.graph.input[0].type.tensor_type.shape.dim
    shape[2].dim_value = shape[3].dim_value = SIDE
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    for name in HINTS:
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(model.SerializeToString(), threads)


def labels(session, pictures: np.ndarray) -> tuple:
    """YuNet's raw answers at each stride (N x squares x 16), and its maps."""
    names = [o.name for o in session.get_outputs()]
    rows, maps = [], []
    for picture in pictures:
        feed = {"input": picture.transpose(2, 0, 1)[None].astype(np.float32)}
        answers = dict(zip(names, session.run(None, feed)))
        rows.append([np.concatenate([answers[f"{p}_{s}"][0] for p in PARTS], 1) for s in STRIDES])
        maps.append([answers[name][0] for name in HINTS])
    join = lambda lists: [torch.from_numpy(np.stack(x)) for x in zip(*lists)]
    return join(rows), join(maps)


def decode(session, bgr: np.ndarray, score: float) -> np.ndarray:
    """YuNet's decoding: rows of x, y, width, height, five points, score, after suppression of overlaps."""
    height, width = bgr.shape[:2]
    padded = cv2.copyMakeBorder(bgr, 0, -height % 32, 0, -width % 32, cv2.BORDER_CONSTANT)
    x = padded.transpose(2, 0, 1)[None].astype(np.float32)
    answers = dict(zip([o.name for o in session.get_outputs()], session.run(None, {session.get_inputs()[0].name: x})))
    rows = []
    for s in STRIDES:
        columns = padded.shape[1] // s
        cls, obj, box, points = (answers[f"{p}_{s}"][0] for p in PARTS)
        certain = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        for i in np.flatnonzero(certain >= score):
            place = np.array([i % columns, i // columns])
            centre, size = (place + box[i, :2]) * s, np.exp(box[i, 2:]) * s
            rows.append([*(centre - size / 2), *size, *((points[i].reshape(5, 2) + place) * s).ravel(), certain[i]])
    rows = np.array(rows, np.float32).reshape(-1, 15)
    if len(rows) == 0:
        return rows
    kept = cv2.dnn.NMSBoxes(rows[:, :4].tolist(), rows[:, 14].tolist(), score, 0.3)
    return rows[np.array(kept).ravel()]
