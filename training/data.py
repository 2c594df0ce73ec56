"""Training pictures: read once, then cut, turned, spoilt and normalized without end.

Reads what examples/training_prints writes. Every batch is a function of (seed, number of the batch).
"""
import csv
import glob
import math
import os

import cv2
import numpy as np

PATCH = 192
HALF, QUARTER = PATCH // 2, PATCH // 4
CELL = 8  # of the maps, pixels
TARGET_SIGMA = 1.1  # of the peak that stands for a minutia, half-resolution pixels
cv2.setNumThreads(1)


class Print:
    """A picture with minutiae (x, y, direction, is an ending, type is known, weight), undecided discs and maps."""

    def __init__(self, stem):
        self.image = cv2.imread(stem + ".png", cv2.IMREAD_GRAYSCALE)
        rows = list(csv.reader(open(stem + ".csv")))[1:]
        minutiae = [r for r in rows if r[3] != "U"]
        self.minutiae = np.array(
            [[float(r[0]), float(r[1]), math.radians(float(r[2])), r[3] == "E", r[3] != "O", float(r[4]) / 100] for r in minutiae],
            np.float32).reshape(-1, 6)
        self.undecided = np.array([[float(r[0]), float(r[1]), float(r[4])] for r in rows if r[3] == "U"], np.float32).reshape(-1, 3)
        maps = cv2.imread(stem + ".maps.png", cv2.IMREAD_GRAYSCALE)
        angle, period, trust, mask = maps.reshape(4, len(maps) // 4, -1)
        angle = angle.astype(np.float32) * (2 * math.pi / 256)
        known = (trust > 0) & (period > 0)
        # Cosine and sine of the doubled orientation, log period, how far to trust them, foreground.
        self.maps = np.stack([np.cos(angle), np.sin(angle), np.log(np.maximum(period, 16) / (16.0 * 9.0)),
                              known * trust / 255.0, mask / 255.0], -1).astype(np.float16)


def read(folder, progress=True):
    stems = sorted(f[: -len(".maps.png")] for f in glob.glob(os.path.join(folder, "*.maps.png")))
    prints = [Print(s) for s in stems]
    if progress:
        print(f"{len(prints)} prints from {folder}", flush=True)
    return prints


def normalized(image):
    """Deviations from the local mean as the crate takes them, then 7 bits, then round 0."""
    x = image.astype(np.float32)
    rows, columns = x.shape[0] // 4, x.shape[1] // 4
    small = cv2.resize(x, (columns, rows), interpolation=cv2.INTER_AREA)
    square = cv2.resize(x * x, (columns, rows), interpolation=cv2.INTER_AREA)
    blur = lambda v: cv2.GaussianBlur(v, (11, 11), 2.0, borderType=cv2.BORDER_REFLECT)
    mean = blur(small)
    deviation = np.sqrt(np.maximum(blur(square) - mean * mean, 0))
    scale = deviation + max(0.12 * float(np.quantile(deviation, 0.8)), 2.0)
    enlarge = lambda v: cv2.resize(v, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_LINEAR)
    value = np.clip((x - enlarge(mean)) * enlarge(50.0 / scale), -125, 125)
    return (np.floor((value + 128.5) / 2) - 64) / 32


def field(r, cells):
    """Smooth random numbers, 0 to 1, that change over PATCH / cells pixels."""
    return np.clip(cv2.resize(r.random((cells, cells)).astype(np.float32), (PATCH, PATCH), interpolation=cv2.INTER_CUBIC), 0, 1)


def spoil(x, r, real):
    """What skin and sensors do to a print; thickness less often to synthetic prints, which differ in it already."""
    if r.random() < (0.45 if real else 0.2):
        kernel = np.ones((2, 2) if r.random() < 0.75 else (3, 3), np.uint8)
        x = cv2.erode(x, kernel) if r.random() < 0.45 else cv2.dilate(x, kernel)
    if r.random() < 0.3:  # wet here, dry there: valleys near black, ridges near white
        low, high = r.uniform(0, 0.75) * field(r, int(r.integers(2, 6))), r.uniform(0, 0.6) * field(r, int(r.integers(2, 6)))
        low, high = 255 * low, 255 * (1 - np.minimum(high, 0.85 - low))
        x = 255 * np.clip((x - low) / np.maximum(high - low, 10), 0, 1)
    if r.random() < 0.12:  # drops
        drops = (field(r, int(r.integers(18, 36))) > r.uniform(0.6, 0.85)) & (field(r, 4) > r.uniform(0.2, 0.7))
        drops = cv2.GaussianBlur(drops.astype(np.float32), (0, 0), r.uniform(0.6, 1.5))
        x = x + (r.uniform(0, 60) - x) * drops * r.uniform(0.6, 1)
    if r.random() < (0.25 if real else 0.12):  # dust and dry spots
        specks = cv2.resize(r.random((PATCH // 3, PATCH // 3)).astype(np.float32), (PATCH, PATCH))
        x = np.where(specks > r.uniform(0.6, 0.9), x + (235 - x) * r.uniform(0.5, 1), x)
    if r.random() < 0.2:  # creases
        lines = np.zeros_like(x)
        for _ in range(r.integers(1, 5)):
            a, b, c, d = (int(v) for v in r.uniform(0, PATCH, 4))
            cv2.line(lines, (a, b), (c, d), 1, int(r.integers(1, 6)))
        lines = cv2.GaussianBlur(lines, (0, 0), r.uniform(0.5, 1.5))
        x = x + (r.uniform(180, 255) - x) * np.minimum(lines * r.uniform(0.7, 1.2), 1)
    x = 255 * np.clip(x / 255, 0, 1) ** r.uniform(0.6, 1.7)
    if r.random() < 0.4:
        x = x * r.uniform(0.25, 1) + r.uniform(0, 110)
    if r.random() < 0.3:
        x = cv2.GaussianBlur(x, (0, 0), r.uniform(0.4, 1.4))
    if r.random() < 0.5:
        x = x + r.normal(0, r.uniform(1, 18), x.shape)
    return np.clip(x, 0, 255)


def sample(prints, r, real):
    p = prints[r.integers(len(prints))]
    height, width = p.image.shape
    if len(p.minutiae):
        center = p.minutiae[r.integers(len(p.minutiae)), :2] + r.uniform(-70, 70, 2)
    else:
        center = r.uniform(0, 1, 2) * (width, height)
    turn = r.uniform(-math.pi, math.pi)
    scale = math.exp(r.uniform(-0.3, 0.3) if real else r.uniform(-0.08, 0.08))
    a = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    if r.random() < 0.5:
        a = a @ np.diag([-1, 1])
    b = np.array([PATCH / 2, PATCH / 2]) - a @ center
    border = dict(borderMode=cv2.BORDER_REPLICATE) if r.random() < 0.5 else dict(
        borderMode=cv2.BORDER_CONSTANT, borderValue=int(p.image[0, 0]))
    x = cv2.warpAffine(p.image, np.c_[a, b].astype(np.float32), (PATCH, PATCH), flags=cv2.INTER_LINEAR, **border)
    x = normalized(spoil(x.astype(np.float32), r, real))

    places = p.minutiae[:, :2] @ a.T + b
    ahead = np.stack([np.cos(p.minutiae[:, 2]), -np.sin(p.minutiae[:, 2])], 1) @ a.T
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True) + 1e-9
    # heat; direction right and up; ending; offset right and down; weight of direction and offset, weight of type
    y = np.zeros((HALF, HALF, 8), np.float32)
    care = np.ones((HALF, HALF), np.float32)
    rows, columns = np.mgrid[0:HALF, 0:HALF].astype(np.float32)
    for ux, uy, radius in p.undecided:
        u, v = (a @ (ux, uy) + b) / 2
        care[(columns + 0.5 - u) ** 2 + (rows + 0.5 - v) ** 2 < (radius * scale / 2) ** 2] = 0
    for (px, py), (dx, dy), (_, _, _, ending, known, weight) in zip(places, ahead, p.minutiae):
        u, v = (px + 0.5) / 2, (py + 0.5) / 2
        if not (1 < u < HALF - 1 and 1 < v < HALF - 1):
            continue
        i, j = int(u), int(v)
        s = np.s_[max(j - 3, 0) : j + 4, max(i - 3, 0) : i + 4]
        ox, oy = u - 0.5 - columns[s], v - 0.5 - rows[s]
        peak = np.exp(-(ox * ox + oy * oy) / (2 * TARGET_SIGMA**2))
        closer = peak > y[s][..., 0]
        near = closer & (peak > 0.3)
        y[s][..., 0][closer] = peak[closer]
        y[s][near, 1:6] = np.stack([np.full_like(ox, dx), np.full_like(ox, -dy), np.full_like(ox, ending), ox, oy], -1)[near]
        y[s][..., 6][near] = (peak * weight)[near]
        y[s][..., 7][near] = (peak * weight * known)[near]
    care[y[..., 0] > 0.3] = 1

    # Maps at a quarter of the resolution: places of the cells' middles in the print.
    inverse = np.linalg.inv(a)
    middle = (np.arange(QUARTER) + 0.5) * 4 - 0.5
    grid = np.stack(np.meshgrid(middle, middle), -1) - b
    at = np.floor((grid @ inverse.T + 0.5) / CELL).astype(int)
    inside = ((at >= 0) & (at < (p.maps.shape[1], p.maps.shape[0]))).all(-1)
    at = np.clip(at, 0, (p.maps.shape[1] - 1, p.maps.shape[0] - 1))
    maps = p.maps[at[..., 1], at[..., 0]].astype(np.float32) * inside[..., None]
    # An orientation o (y up) is the line (cos o, -sin o) of the picture; take it through the map.
    o = np.arctan2(maps[..., 1], maps[..., 0]) / 2
    line = np.stack([np.cos(o), -np.sin(o)], -1) @ a.T
    o = 2 * np.arctan2(-line[..., 1], line[..., 0])
    maps = np.stack([np.cos(o), np.sin(o), maps[..., 2] + math.log(scale), maps[..., 3], maps[..., 4]], -1)
    return x.astype(np.float16), y.astype(np.float16), care.astype(np.float16), maps.astype(np.float16)


def batch(sources, shares, size, seed, number):
    """Batch `number`: every sample from one of the sources [(prints, is real)] by their shares."""
    r = np.random.default_rng([seed, number])
    chosen = r.choice(len(sources), size, p=shares)
    drawn = [sample(sources[c][0], r, sources[c][1]) for c in chosen]
    return tuple(np.stack(v) for v in zip(*drawn))
