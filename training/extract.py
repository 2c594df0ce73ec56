"""Extracts minutiae with a trained network, for judging it from end to end: its templates are then compared by the crate.

    python extract.py RUN OUT FOLDER:PPI ...
    selfsame eval fingerprint OUT/FOLDER --ppi PPI

Writes OUT/FOLDER/NAME.csv for each picture: `width,height`, then `x,y,direction,type,quality` (the crate's CsvPixels format).
"""
import argparse
import glob
import math
import os

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from data import normalized
from model import Net, halves, split

THRESHOLD = 0.35  # of the smoothed peak
MULTIPLE = 16  # sides of what the network takes, pixels


def minutiae(net, image):
    """Rows of x, y, direction, is an ending, quality; pixels at 500 ppi."""
    height, width = image.shape
    padded = cv2.copyMakeBorder(image, 0, -height % MULTIPLE, 0, -width % MULTIPLE, cv2.BORDER_REPLICATE)
    x = torch.from_numpy(normalized(padded).astype(np.float32))[None, None]
    with torch.no_grad():
        places, _ = split(net(x))
        o = halves(places)[0].numpy()
    heat = cv2.GaussianBlur(1 / (1 + np.exp(-o[0])), (3, 3), 0)
    peaks = (heat == cv2.dilate(heat, np.ones((5, 5), np.uint8))) & (heat > THRESHOLD)
    rows, columns = np.nonzero(peaks)
    _, right, up, ending, ox, oy = o[:, rows, columns]
    x, y = 2 * (columns + 0.5 + ox) - 0.5, 2 * (rows + 0.5 + oy) - 0.5
    inside = (x >= 0) & (y >= 0) & (x < width) & (y < height)
    return np.stack([x, y, np.arctan2(up, right), ending > 0, heat[rows, columns]], 1)[inside]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("out")
    parser.add_argument("folders", nargs="+")
    arguments = parser.parse_args()
    saved = torch.load(os.path.join(arguments.run, "checkpoint.pt"), map_location="cpu", weights_only=True)
    net = Net(saved["shape"])
    net.load_state_dict(saved["net"])
    net.eval()
    for folder, ppi in (f.rsplit(":", 1) for f in arguments.folders):
        scale = 500 / float(ppi)
        out = os.path.join(arguments.out, os.path.basename(folder.rstrip("/")))
        os.makedirs(out, exist_ok=True)
        files = sorted(f for kind in ("png", "tif") for f in glob.glob(os.path.join(folder, "*." + kind)))
        for file in files:
            image = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
            height, width = image.shape
            if abs(scale - 1) > 0.005:
                image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
            name = os.path.splitext(os.path.basename(file))[0]
            with open(os.path.join(out, name + ".csv"), "w") as csv:
                csv.write(f"{width},{height}\n")
                for x, y, direction, ending, quality in minutiae(net, image):
                    csv.write(f"{x / scale:.2f},{y / scale:.2f},{direction:.5f},{'E' if ending else 'B'},{quality:.4f}\n")
        print(f"{len(files)} pictures of {folder}", flush=True)


if __name__ == "__main__":
    main()
