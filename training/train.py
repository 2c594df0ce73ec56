"""Trains a network; goes on where it stopped when run again with the same --out.

    python train.py --out RUN --synthetic DIR [--real DIR --real-share 0.5] [--minutes 40] [--shape standard] [--start OTHER-RUN]

RUN/checkpoint.pt is written about every minute, RUN/log.csv holds the learning curve. Batches are drawn from (seed, step), so that a
resumed run sees what an uninterrupted one would have seen.
"""
import argparse
import os
import time

import torch
from torch.nn import functional as F

import data
from model import Net, halves, split

parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
parser.add_argument("--synthetic", help="folder of synthetic prints")
parser.add_argument("--real", help="folder of real prints")
parser.add_argument("--real-share", type=float, default=0.5)
parser.add_argument("--start", help="run whose weights to start from")
parser.add_argument("--shape", default="standard")
parser.add_argument("--steps", type=int, default=6000, help="length of the whole schedule")
parser.add_argument("--minutes", type=float, default=1e9, help="stop after so long, to go on another time")
parser.add_argument("--batch", type=int, default=16)
parser.add_argument("--rate", type=float, default=3e-3)
parser.add_argument("--without", nargs="*", default=[], help="names of losses (columns of log.csv) that are not trained")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--workers", type=int, default=1)
arguments = parser.parse_args()


def losses(outputs, y, care, maps):
    places, flow = split(outputs.float())
    o = halves(places)
    y = y.float().permute(0, 3, 1, 2)
    maps = maps.float().permute(0, 3, 1, 2)
    heat, weight, typed = y[:, 0], y[:, 6], y[:, 7]
    logit = o[:, 0]
    probability = torch.sigmoid(logit)
    cross = -6 * heat * F.logsigmoid(logit) - (1 - heat) * F.logsigmoid(-logit)
    position = (care.float() * (probability - heat).abs() ** 2 * cross).sum() / ((heat > 0.3).sum() + 1)
    total = weight.sum() + 1e-3
    unit = F.normalize(o[:, 1:3], dim=1, eps=1e-3)
    direction = (weight * (1 - (unit * y[:, 1:3]).sum(1))).sum() / total
    kind = (typed * F.binary_cross_entropy_with_logits(o[:, 3], y[:, 3], reduction="none")).sum() / (typed.sum() + 1e-3)
    offset = (weight[:, None] * (o[:, 4:6] - y[:, 4:6]).abs()).sum() / total
    trust, mask = maps[:, 3], maps[:, 4]
    known = trust.sum() + 1e-3
    unit = F.normalize(flow[:, 0:2], dim=1, eps=1e-3)
    orientation = (trust * (1 - (unit * maps[:, 0:2]).sum(1))).sum() / known
    period = (trust * (flow[:, 2] - maps[:, 2]).abs()).sum() / known
    foreground = F.binary_cross_entropy_with_logits(flow[:, 3], mask)
    return torch.stack([position, direction, kind, offset, orientation, period, foreground])


NAMES = ["position", "direction", "type", "offset", "orientation", "period", "mask"]
WEIGHTS = torch.tensor([w * (n not in arguments.without) for n, w in zip(NAMES, [1, 1, 0.2, 0.3, 0.3, 0.3, 0.3])])


class Batches(torch.utils.data.Dataset):
    def __init__(self, sources, shares, first):
        self.sources, self.shares, self.first = sources, shares, first

    def __len__(self):
        return arguments.steps - self.first

    def __getitem__(self, i):
        made = data.batch(self.sources, self.shares, arguments.batch, arguments.seed, self.first + i)
        return [torch.from_numpy(v) for v in made]


def main():
    os.makedirs(arguments.out, exist_ok=True)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(arguments.seed)
    net = Net(arguments.shape).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(net.parameters(), arguments.rate, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, arguments.rate, total_steps=arguments.steps + 1, pct_start=0.06)
    step, seconds = 0, 0.0
    if arguments.start:
        saved = torch.load(os.path.join(arguments.start, "checkpoint.pt"), map_location=device, weights_only=True)
        net.load_state_dict(saved["net"])
    path = os.path.join(arguments.out, "checkpoint.pt")
    if os.path.exists(path):
        saved = torch.load(path, map_location=device, weights_only=True)
        net.load_state_dict(saved["net"])
        optimizer.load_state_dict(saved["optimizer"])
        schedule.load_state_dict(saved["schedule"])
        step, seconds = saved["step"], saved["seconds"]
        print(f"going on at step {step}", flush=True)

    sources, shares = [], []
    real_share = arguments.real_share if arguments.synthetic and arguments.real else float(bool(arguments.real))
    for folder, real, share in [(arguments.synthetic, False, 1 - real_share), (arguments.real, True, real_share)]:
        if folder:
            sources.append((data.read(folder), real))
            shares.append(share)
    batches = torch.utils.data.DataLoader(
        Batches(sources, shares, step), batch_size=None, num_workers=arguments.workers, prefetch_factor=8,
        worker_init_fn=lambda _: os.nice(1))

    def save():
        torch.save(dict(net=net.state_dict(), optimizer=optimizer.state_dict(), schedule=schedule.state_dict(), step=step,
                        seconds=seconds + time.time() - start, shape=arguments.shape, arguments=vars(arguments)), path + ".new")
        os.replace(path + ".new", path)

    start, saved_at, sums, count = time.time(), time.time(), torch.zeros(len(NAMES)), 0
    net.train()
    for x, y, care, maps in batches:
        x = x.float()[:, None].to(device, memory_format=torch.channels_last)
        with torch.autocast(device, torch.bfloat16):
            outputs = net(x)
        parts = losses(outputs, y.to(device), care.to(device), maps.to(device))
        (parts * WEIGHTS.to(device)).sum().backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        schedule.step()
        step += 1
        sums, count = sums + parts.detach().cpu(), count + 1
        if step % 50 == 0:
            line = [f"{v:.4f}" for v in sums / count]
            new = not os.path.exists(os.path.join(arguments.out, "log.csv"))
            with open(os.path.join(arguments.out, "log.csv"), "a") as log:
                if new:
                    log.write(",".join(["step", "seconds", *NAMES]) + "\n")
                log.write(",".join([str(step), f"{seconds + time.time() - start:.0f}", *line]) + "\n")
            print(step, round(time.time() - start), *line, flush=True)
            sums, count = torch.zeros(len(NAMES)), 0
        if time.time() - saved_at > 60:
            save()
            saved_at = time.time()
        if time.time() - start > 60 * arguments.minutes:
            break
    save()


if __name__ == "__main__":
    main()
