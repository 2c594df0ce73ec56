"""Draws learning curves: python curve.py OUT.svg NAME=RUN ..."""
import csv
import os
import sys

import matplotlib
import numpy

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "curve"})
from matplotlib import pyplot as plot

POINTS = 60  # of a curve: each the mean of the steps up to the next


def mean(values):
    return numpy.array([part.mean() for part in numpy.array_split(values, min(POINTS, len(values)))])


shown = ["position", "direction", "offset", "orientation", "period", "mask"]
figure, axes = plot.subplots(2, 3, figsize=(9, 5), layout="constrained")
for name, run in (a.split("=", 1) for a in sys.argv[2:]):
    rows = list(csv.DictReader(open(os.path.join(run, "log.csv"))))
    for axis, loss in zip(axes.flat, shown):
        step, value = (mean(numpy.array([float(r[k]) for r in rows])) for k in ("step", loss))
        axis.plot(step, value, label=name, linewidth=1)
        axis.set(title=loss, xlabel="step")
        axis.set_yscale("log")
axes.flat[0].legend()
figure.savefig(sys.argv[1], metadata={"Date": None})
