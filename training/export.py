"""From a checkpoint to the weights that the crate runs: batch normalization folded in, weights in 8 bits, activations in 7.

    python export.py RUN WEIGHTS.safetensors --calibrate DIR [--name standard]

DIR holds prints as examples/training_prints writes them; the range of each activation is measured on some of them. What each
tensor is stands in src/fingerprint/extract/learned/network.rs; metadata hold the name, what it was trained on and a SHA-256 of the
tensors' bytes, which the crate checks.
"""
import argparse
import glob
import hashlib
import json
import os
import struct

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from data import normalized
from model import Net

LARGEST = 127  # weight and activation
QUANTILE = 0.99995  # of what is not zero: the activation that becomes the largest


def folded(module):
    """Weights and bias of a Conv with its normalization in them, float64."""
    norm = module.norm
    factor = norm.weight.double() / torch.sqrt(norm.running_var.double() + norm.eps)
    weight = module.conv.weight.double() * factor[:, None, None, None]
    return weight.detach(), (norm.bias.double() - norm.running_mean.double() * factor).detach()


def ranges(net, files):
    """What one step of each activation is worth."""
    seen = {}

    def note(name, value):
        value = value.flatten()
        value = value[value > 0]
        if len(value):
            seen.setdefault(name, []).append(float(torch.quantile(value[:: max(1, len(value) // 500000)], QUANTILE)))

    hooks = []
    for name, module in net.named_modules():
        if hasattr(module, "conv") and module.relu:
            hooks.append(module.register_forward_hook(lambda m, i, o, name=name: note(name, o)))
        if hasattr(module, "a"):
            hooks.append(module.register_forward_hook(lambda m, i, o, name=name: note(name, o)))
        if name in ("merge3", "merge2"):
            hooks.append(module.register_forward_hook(lambda m, i, o, name=name: note(name + ".in", i[0])))
    with torch.no_grad():
        for file in files:
            image = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
            image = cv2.copyMakeBorder(image, 0, -image.shape[0] % 16, 0, -image.shape[1] % 16, cv2.BORDER_REPLICATE)
            net(torch.from_numpy(normalized(image).astype(np.float32))[None, None])
    for hook in hooks:
        hook.remove()
    return {name: max(np.mean(values) * 1.05, 1e-3) / LARGEST for name, values in seen.items()}


def quantized(tensors, name, weight, bias, step_in, step_out):
    """Adds a layer: its sums times `scale` plus `bias` are in steps of its output."""
    largest = weight.abs().amax((1, 2, 3)).clamp(min=1e-9)
    whole = torch.round(weight * (LARGEST / largest)[:, None, None, None]).clamp(-LARGEST, LARGEST)
    scale = largest / LARGEST * step_in / step_out
    tensors[name + ".weight"] = whole.to(torch.int8).numpy()
    tensors[name + ".scale"] = scale.float().numpy()
    tensors[name + ".bias"] = (bias / step_out).float().numpy()
    return whole, scale


def tensors_of(net, step):
    out = {}
    # The stem sees bytes: (byte - 64) / 32.
    weight, bias = folded(net.stem)
    whole, scale = quantized(out, "stem", weight, bias, 1 / 32, step["stem"])
    out["stem.bias"] -= (64 * whole.sum((1, 2, 3)) * scale).float().numpy()
    half = "stem"
    if hasattr(net.full, "conv"):
        quantized(out, "full", *folded(net.full), step["stem"], step["full"])
        half = "full"

    def pairs(name, before):
        for i, pair in enumerate(getattr(net, name)):
            here = f"{name}.{i}"
            quantized(out, here + ".a", *folded(pair.a), before, step[here + ".a"])
            quantized(out, here + ".b", *folded(pair.b), step[here + ".a"], step[here])
            out[here + ".share"] = np.array([before / step[here]], np.float32)
            before = step[here]
        return before

    quantized(out, "down2", *folded(net.down2), step[half], step["down2"])
    quarter = pairs("quarter", step["down2"])
    quantized(out, "down3", *folded(net.down3), quarter, step["down3"])
    eighth = pairs("eighth", step["down3"])
    quantized(out, "down4", *folded(net.down4), eighth, step["down4"])
    sixteenth = pairs("sixteenth", step["down4"])
    quantized(out, "up4", *folded(net.up4), sixteenth, step["merge3.in"])
    out["merge3.share"] = np.array([eighth / step["merge3.in"]], np.float32)
    quantized(out, "merge3", *folded(net.merge3), step["merge3.in"], step["merge3"])
    quantized(out, "up3", *folded(net.up3), step["merge3"], step["merge2.in"])
    weight, bias = folded(net.fine)
    quantized(out, "fine", weight.reshape(len(weight), -1, 2, 2), bias, step[half], step["merge2.in"])
    quantized(out, "side", *folded(net.side), quarter, step["merge2.in"])
    quantized(out, "merge2", *folded(net.merge2), step["merge2.in"], step["merge2"])
    last = pairs("last", step["merge2"])
    quantized(out, "head", net.head.weight.double().detach(), net.head.bias.double().detach(), last, 1)
    return out


def write(path, tensors, metadata):
    """In safetensors: length of the header, header, bytes."""
    order = sorted(tensors, key=lambda n: (-tensors[n].itemsize, n))
    header, data = {}, b""
    for name in order:
        raw = np.ascontiguousarray(tensors[name]).tobytes()
        dtype = {"int8": "I8", "float32": "F32"}[str(tensors[name].dtype)]
        header[name] = dict(dtype=dtype, shape=list(tensors[name].shape), data_offsets=[len(data), len(data) + len(raw)])
        data += raw
    metadata["sha256"] = hashlib.sha256(data).hexdigest()
    text = json.dumps({"__metadata__": metadata, **header}, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)
    print(f"{path}: {len(tensors)} tensors, {8 + len(text) + len(data)} bytes, sha256 of the tensors {metadata['sha256']}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("out")
    parser.add_argument("--calibrate", required=True)
    parser.add_argument("--name", default="standard")
    parser.add_argument("--images", type=int, default=60)
    arguments = parser.parse_args()
    saved = torch.load(os.path.join(arguments.run, "checkpoint.pt"), map_location="cpu", weights_only=True)
    net = Net(saved["shape"])
    net.load_state_dict(saved["net"])
    net.eval()
    files = sorted(f for f in glob.glob(os.path.join(arguments.calibrate, "*.png")) if not f.endswith(".maps.png"))
    step = ranges(net, files[:: max(1, len(files) // arguments.images)])
    trained = saved["arguments"]
    kinds = [k for k in ("synthetic", "real") if trained.get(k)]
    write(arguments.out, tensors_of(net, step), dict(
        name=arguments.name, format="selfsame minutiae network 1", trained_on=" and ".join(kinds) + " prints", steps=str(saved["step"])))


if __name__ == "__main__":
    main()
