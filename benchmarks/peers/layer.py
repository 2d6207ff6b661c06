"""The layer that all run, and what each tool has to be given for it."""

from pathlib import Path

NAME = "vgg16-conv5_1"
CHANNELS, OUTPUTS, PLANE, KERNEL = 512, 512, 14, 3
SIDE = 32
"""Of the array of multipliers."""
MULTIPLIES = CHANNELS * OUTPUTS * KERNEL**2 * PLANE**2
CONFIGURATION = f"""\
[general]
run_name = layer
[architecture_presets]
ArrayHeight: {SIDE}
ArrayWidth: {SIDE}
IfmapSramSzkB: 1024
FilterSramSzkB: 1024
OfmapSramSzkB: 1024
IfmapOffset: 0
FilterOffset: 10000000
OfmapOffset: 20000000
Bandwidth: 50
Dataflow: ws
MemoryBanks: 1
ReadRequestBuffer: 32
WriteRequestBuffer: 32
[layout]
IfmapCustomLayout: False
IfmapSRAMBankBandwidth: 10
IfmapSRAMBankNum: 10
IfmapSRAMBankPort: 2
FilterCustomLayout: False
FilterSRAMBankBandwidth: 10
FilterSRAMBankNum: 10
FilterSRAMBankPort: 2
[sparsity]
SparsitySupport: false
SparseRep: ellpack_block
OptimizedMapping: false
BlockSize: 8
RandomNumberGeneratorSeed: 40
[run_presets]
InterfaceBandwidth: CALC
UseRamulatorTrace: False
"""
PADDED = PLANE + KERNEL - 1
TOPOLOGY = f"""\
Layer name, IFMAP Height, IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides, Sparsity,
layer, {PADDED}, {PADDED}, {KERNEL}, {KERNEL}, {CHANNELS}, {OUTPUTS}, 1, 1:1,
"""
LAYOUT = f"Layer name,{','.join('abcdefghijklmnopqrst')},\nlayer,1,1,1,1,1,1,0,1,2,0,1,2,0,1,2,3,0,1,2,3,\n"
ZIGZAG = """\
import os, sys, zigzag
from zigzag.api import get_hardware_performance_zigzag
inputs = os.path.join(os.path.dirname(zigzag.__file__), "inputs")
_, latency, _ = get_hardware_performance_zigzag(
    sys.argv[1], f"{inputs}/hardware/tpu_like.yaml", f"{inputs}/mapping/tpu_like.yaml", opt="latency",
    dump_folder=os.path.abspath("out"), pickle_filename=os.path.abspath("out.pickle"), loma_show_progress_bar=False,
)
print("cycles", latency)
"""


def write_onnx(path: Path) -> None:
    """The layer as an ONNX file: ZigZag looks at its shape only."""
    import numpy as np
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.zeros((OUTPUTS, CHANNELS, KERNEL, KERNEL), np.float32), "w")
    size = {"kernel_shape": [KERNEL, KERNEL], "pads": [1, 1, 1, 1], "strides": [1, 1]}
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="layer", **size)
    shapes = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, PLANE, PLANE])
        for name, channels in (("x", CHANNELS), ("y", OUTPUTS))
    ]
    graph = helper.make_graph([node], "layer", shapes[:1], shapes[1:], [weight])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
