#!/usr/bin/env bash
# Data, training and weights of the shipped models: training/all.sh WORK [REAL-FOLDER:PPI ...]
# Goes on where it stopped. With folders of real prints (minutiae in leader/NAME.csv beside them) the standard and the small model end on half real ones.
set -euo pipefail
work=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-$work/env/bin/python}
weights=$here/../src/fingerprint/extract/learned/weights
mkdir -p "$work"
[ -x "$python" ] || { python3 -m venv "$work/env" && "$python" -m pip install -r "$here/requirements.txt"; }
prints=(cargo run --release --manifest-path "$here/../Cargo.toml" --example training_prints --)
"${prints[@]}" synthetic "$work/synthetic" 3000 3
train() { "$python" "$here/train.py" --out "$work/$1" --synthetic "$work/synthetic" "${@:2}"; }
train standard-1 --steps 8000
train standard-2 --start "$work/standard-1" --rate 2e-3 --steps 4500
train small-1 --shape small --steps 5000
last=(standard-2 small-1)
if [ $# -gt 0 ]; then
    "${prints[@]}" real "$work/real" "$@"
    train standard-3 --real "$work/real" --start "$work/standard-2" --rate 1.2e-3 --steps 2500
    train small-2 --real "$work/real" --shape small --start "$work/small-1" --rate 1.2e-3 --steps 2500
    last=(standard-3 small-2)
fi
"$python" "$here/export.py" "$work/standard-2" "$weights/synthetic.safetensors" --calibrate "$work/synthetic" --name synthetic
"$python" "$here/export.py" "$work/${last[0]}" "$weights/standard.safetensors" --calibrate "$work/synthetic" --name standard
"$python" "$here/export.py" "$work/${last[1]}" "$weights/small.safetensors" --calibrate "$work/synthetic" --name small
