"""Draws learning curves: python curve.py OUT.svg NAME=RUN ..."""
import csv
import os
import sys

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot as plot

shown = ["position", "direction", "offset", "orientation", "period", "mask"]
figure, axes = plot.subplots(2, 3, figsize=(9, 5), layout="constrained")
for name, run in (a.split("=", 1) for a in sys.argv[2:]):
    rows = list(csv.DictReader(open(os.path.join(run, "log.csv"))))
    for axis, loss in zip(axes.flat, shown):
        axis.plot([int(r["step"]) for r in rows], [float(r[loss]) for r in rows], label=name, linewidth=1)
        axis.set(title=loss, xlabel="step")
        axis.set_yscale("log")
axes.flat[0].legend()
figure.savefig(sys.argv[1], metadata={"Date": None})
