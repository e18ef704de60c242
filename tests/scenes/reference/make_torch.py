"""Writes torch.json: what real PyTorch makes of chapter 4's network and of AdamW with a schedule (torch 2.13.0, CPU).

Run from the project's folder with a Python that has torch: python -m tests.scenes.reference.make_torch
"""

import json
from pathlib import Path

import numpy as np
import torch

from scenes.experiments import network
from scenes.experiments.digits import load_digits
from tests.scenes.test_chapter4 import directions, ill_scaled, one_row_gradients

STEPS = 6000


def losses(weights, X, y):
    """Layers without bias, layer norm without weights, a normalized last layer."""
    u = torch.nn.functional.layer_norm(X @ weights[0].T, (32,), eps=1e-12).relu()
    v = torch.nn.functional.layer_norm(u @ weights[1].T, (32,), eps=1e-12).relu()
    outputs = 4 * v @ (weights[2] / weights[2].norm()).T
    return torch.nn.functional.cross_entropy(outputs, y)


def gradients():
    """The loss of 32 digits at the start, and the length of each layer's gradient and its parts along directions."""
    X, y = load_digits()
    start = network.started(np.random.default_rng(3), 1)
    weights = [torch.tensor(w[0].astype(float), requires_grad=True) for w in start]
    loss = losses(weights, torch.tensor(X[:32]), torch.tensor(y[:32]))
    loss.backward()
    along = [[float((d * w.grad.numpy()).sum()) for d in directions(w.shape)] for w in weights]
    return {"loss": loss.item(), "lengths": [w.grad.norm().item() for w in weights], "along": along}


def schedule():
    """Where AdamW rests whose step size falls along a cosine."""
    theta = torch.nn.Parameter(torch.tensor([1.8, 1.9], dtype=torch.float64))
    optimizer = torch.optim.AdamW([theta], lr=0.003, weight_decay=1.0)
    share = 0.5 * (1 + np.cos(np.pi * np.arange(STEPS + 1) / STEPS))
    falling = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: share[k])
    for x, target in (row for row, _ in zip(one_row_gradients(*ill_scaled()), range(STEPS), strict=False)):
        theta.grad = torch.from_numpy((x @ theta.detach().numpy() - target) * x)
        optimizer.step()
        falling.step()
    return theta.tolist()


if __name__ == "__main__":
    found = {"torch": torch.__version__, "gradients": gradients(), "schedule": schedule()}
    Path(__file__).with_name("torch.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
