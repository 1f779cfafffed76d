"""Small networks with random weights of the kinds that are published, as the exporters of other programs write them.

    pip install torch timm onnx onnxscript onnxruntime
    python network/benches/exports.py pytorch FOLDER
    pip install tensorflow tf2onnx
    python network/benches/exports.py keras FOLDER
"""

import sys
from pathlib import Path


def ghost_net():
    """GhostNet, https://arxiv.org/abs/1911.11907, whose gates are clipped by Min and Max."""
    import tensorflow as tf
    from tensorflow.keras import Input, Model, layers

    def cheap(x, channels):
        def active(x):
            return layers.PReLU(shared_axes=[1, 2])(layers.BatchNormalization()(x))

        a = active(layers.Conv2D(channels // 2, 1, use_bias=False)(x))
        b = active(layers.DepthwiseConv2D(3, padding="same", use_bias=False)(a))
        return layers.Concatenate()([a, b])

    def gated(x, channels):
        gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
        gate = layers.Conv2D(channels, 1)(layers.Conv2D(channels // 4, 1, activation="relu")(gate))
        return layers.Multiply()([x, layers.Lambda(lambda t: tf.clip_by_value(t * 0.2 + 0.5, 0.0, 1.0))(gate)])

    picture = Input((112, 112, 3))
    x = layers.PReLU(shared_axes=[1, 2])(layers.Conv2D(16, 3, 2, padding="same")(picture))
    for channels in (24, 40, 80, 112):
        y = layers.DepthwiseConv2D(3, 2, padding="same")(cheap(x, 2 * channels))
        y = cheap(gated(layers.BatchNormalization()(y), 2 * channels), channels)
        x = layers.Conv2D(channels, 1)(layers.DepthwiseConv2D(3, 2, padding="same")(x))
        x = layers.Add()([x, y])
    x = layers.DepthwiseConv2D(4)(layers.Conv2D(512, 1)(x))
    return Model(picture, layers.Dense(128)(layers.Flatten()(x)))


def mobile_net():
    from tensorflow.keras import Input, Model, applications, layers

    picture = Input((160, 160, 3))
    x = applications.MobileNet((160, 160, 3), include_top=False, weights=None, alpha=0.25)(picture)
    return Model(picture, layers.Dense(128)(layers.GlobalAveragePooling2D()(x)))


def keras(folder):
    import tensorflow as tf
    import tf2onnx

    tf.random.set_seed(0)
    for name, make in (("ghost-keras", ghost_net), ("mobilenet-keras", mobile_net)):
        net = make()
        shape = (tf.TensorSpec((None, *net.input_shape[1:]), tf.float32, name="input"),)
        run = tf.function(lambda x: net(x, training=False), input_signature=shape)
        tf2onnx.convert.from_function(run, input_signature=shape, opset=15, output_path=str(folder / f"{name}.onnx"))


def with_length_one(path, target):
    """The network with its output divided by its length, which a ReduceSum over no named axes, so over all, finds."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    model = onnx.load(path)
    graph, end = model.graph, model.graph.output[0].name
    graph.initializer.append(numpy_helper.from_array(np.zeros(0, np.int64), "no_axes"))
    for kind, inputs, output in (("Mul", [end, end], "squares"), ("ReduceSum", ["squares", "no_axes"], "sum"),
                                 ("Sqrt", ["sum"], "length"), ("Div", [end, "length"], "embedding")):
        graph.node.append(helper.make_node(kind, inputs, [output]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info("embedding", onnx.TensorProto.FLOAT, [1, 64]))
    onnx.save(model, target)


def pytorch(folder):
    import timm
    import torch
    from torch import nn

    from quantised_networks import WAYS, convolution, mobile_face_net, patterns, settle, written

    class ChannelsLast(nn.Module):
        def __init__(self, net):
            super().__init__()
            self.net = net

        def forward(self, x):
            return self.net(x.permute(0, 3, 1, 2))

    def write(net, shape, name, **form):
        form = form or {"dynamo": False, "opset_version": 17}
        torch.onnx.export(net.eval(), (torch.randn(shape),), str(folder / f"{name}.onnx"), **form)

    torch.manual_seed(0)
    small = nn.Sequential(convolution(3, 32, 3, 4, 1), convolution(32, 64, 3, 4, 1), nn.Flatten(), nn.Linear(64 * 49, 64))
    settle(small.eval(), patterns(16, 0))
    write(small, (1, 3, 112, 112), "small")
    with_length_one(folder / "small.onnx", folder / "empty-axes.onnx")
    write(ChannelsLast(small), (1, 112, 112, 3), "nhwc")
    write(timm.create_model("mobilenetv2_050", num_classes=128), (1, 3, 160, 160), "fixed-160")
    edge = timm.create_model("edgenext_xx_small", num_classes=512)
    write(edge, (1, 3, 112, 112), "edge", dynamo=True, external_data=True)
    written(mobile_face_net, folder / "mfn.onnx")
    WAYS["dynamic"](str(folder / "mfn.onnx"), str(folder / "mfn-int8.onnx"))


if __name__ == "__main__":
    {"keras": keras, "pytorch": pytorch}[sys.argv[1]](Path(sys.argv[2]))
