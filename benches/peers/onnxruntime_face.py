#!/usr/bin/env python3
"""Time of one face in onnxruntime, on one thread: `onnxruntime_face.py net.onnx`, for the network that the bench `embed` writes.

Needs `pip install onnxruntime numpy`. Prints the median and the least processor time of 60 runs.
"""

import statistics
import sys
import time

import numpy
import onnxruntime

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = options.inter_op_num_threads = 1
session = onnxruntime.InferenceSession(sys.argv[1], options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
pixels = (numpy.arange(3 * 112 * 112) * 7919 % 255).astype(numpy.float32)
face = ((pixels - 127.5) / 127.5).reshape(1, 3, 112, 112)
times = []
for _ in range(61):
    start = time.process_time()
    embedding = session.run(None, {name: face})[0]
    times.append(1e3 * (time.process_time() - start))
    assert numpy.isfinite(embedding).all() and numpy.linalg.norm(embedding) > 0
times = sorted(times[1:])
print(f"onnxruntime {onnxruntime.__version__}: {statistics.median(times):.1f} ms a face, {times[0]:.1f} at least")
