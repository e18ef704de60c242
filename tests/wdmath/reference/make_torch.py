"""Writes torch.json: optimizer runs and 16-bit roundings of real PyTorch (made with torch 2.13.0, float64, CPU).

Run with a Python that has torch: python make_torch.py
"""

import json
import math
import struct
from pathlib import Path

import torch

# Not many more: once Adam has arrived, it divides rounding errors by rounding errors, and runs differ at random.
STEPS = [1, 2, 3, 10, 50, 60]

PROBLEMS = {
    "plane": {
        "hessian": [[101.0, 30.0], [30.0, 10.0]],
        "minimizer": [0.5, 3.0],
        "start": [0.0, 0.0],
        "lams": [0.0, 0.1, 5.0],
    },
    "five": {
        "hessian": [
            [float(i == j) * (10.0 ** (j - 2)) + 1.0 / (i + j + 1) for j in range(5)] for i in range(5)
        ],
        "minimizer": [1.0, -2.0, 0.0, 0.25, 3.0],
        "start": [1.0, 1.0, -1.0, 0.5, 2.0],
        "lams": [0.0, 0.01, 1.0],
    },
}

OPTIMIZERS = {
    "sgd": (torch.optim.SGD, {}),
    "sgd_momentum": (torch.optim.SGD, {"momentum": 0.9}),
    "sgd_dampened": (torch.optim.SGD, {"momentum": 0.8, "dampening": 0.3}),
    "sgd_nesterov": (torch.optim.SGD, {"momentum": 0.7, "nesterov": True}),
    "adam": (torch.optim.Adam, {}),
    "adam_betas": (torch.optim.Adam, {"betas": (0.5, 0.9), "eps": 1e-3}),
    "adamw": (torch.optim.AdamW, {}),
    "adamw_betas": (torch.optim.AdamW, {"betas": (0.8, 0.95), "eps": 1e-6}),
    "adam_amsgrad": (torch.optim.Adam, {"amsgrad": True, "betas": (0.9, 0.95)}),
    "adamw_amsgrad": (torch.optim.AdamW, {"amsgrad": True, "betas": (0.9, 0.95)}),
}

# Decay of each coefficient, relative to lam, and factors of the learning rate: a warm-up and a slow decline.
PENALTY_WEIGHTS = [1.0, 0.0, 0.5, 2.0, 0.0]
SCHEDULE = [min((k + 1) / 5, 1 / (1 + k / 20)) for k in range(max(STEPS))]

# A regression, and the rows of each batch, taken in turn.
REGRESSION = {
    "X": [[math.sin(3 * i + 1), math.cos(i * i), 1.0] for i in range(8)],
    "y": [math.sin(i) + 0.1 * i for i in range(8)],
    "batches": [[0, 3, 5], [1, 2], [7], [4, 6, 0]],
    "lam": 0.3,
    "lr": 0.05,
}


def run(problem, kind, options, lr, lam):
    hessian = torch.tensor(problem["hessian"], dtype=torch.float64)
    minimizer = torch.tensor(problem["minimizer"], dtype=torch.float64)
    theta = torch.tensor(problem["start"], dtype=torch.float64, requires_grad=True)
    optimizer = kind([theta], lr=lr, weight_decay=lam, **options)
    points = []
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        away = theta - minimizer
        (0.5 * away @ hessian @ away).backward()
        optimizer.step()
        if step in STEPS:
            points.append(theta.detach().tolist())
    return points


def run_with_groups(problem, kind, options, lr, lam):
    """Each coefficient a parameter group of its own, with a learning rate that changes from step to step."""
    hessian = torch.tensor(problem["hessian"], dtype=torch.float64)
    minimizer = torch.tensor(problem["minimizer"], dtype=torch.float64)
    theta = [torch.tensor([x], dtype=torch.float64, requires_grad=True) for x in problem["start"]]
    groups = [{"params": [x], "weight_decay": lam * w} for x, w in zip(theta, PENALTY_WEIGHTS, strict=True)]
    optimizer = kind(groups, lr=lr, **options)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: [*SCHEDULE, 1.0][k])
    points = []
    for step in range(1, max(STEPS) + 1):
        optimizer.zero_grad()
        away = torch.cat(theta) - minimizer
        (0.5 * away @ hessian @ away).backward()
        optimizer.step()
        scheduler.step()
        if step in STEPS:
            points.append(torch.cat(theta).tolist())
    return points


def run_on_batches(kind, options):
    """With MSELoss on one batch a step."""
    X = torch.tensor(REGRESSION["X"], dtype=torch.float64)
    y = torch.tensor(REGRESSION["y"], dtype=torch.float64)
    theta = torch.zeros(X.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = kind([theta], lr=REGRESSION["lr"], weight_decay=REGRESSION["lam"], **options)
    points = []
    for step in range(1, max(STEPS) + 1):
        rows = REGRESSION["batches"][(step - 1) % len(REGRESSION["batches"])]
        optimizer.zero_grad()
        torch.nn.MSELoss()(X[rows] @ theta, y[rows]).backward()
        optimizer.step()
        if step in STEPS:
            points.append(theta.detach().tolist())
    return points


def roundings():
    """float32 inputs, on which PyTorch rounds once, as hexadecimal float32 with the bits of both results."""
    generator = torch.Generator().manual_seed(0)
    bits = torch.randint(-(2**31), 2**31 - 1, (300,), generator=generator, dtype=torch.int64).to(torch.int32)
    values = [x for x in bits.view(torch.float32).tolist() if not math.isnan(x)]
    values += (torch.randn(200, generator=generator) * 100).tolist()
    values += [
        0.0,
        -0.0,
        1.00390625,
        1.01171875,
        65504.0,
        65519.996,
        65520.0,
        5.9604645e-08,
        2.9802322e-08,
        2.9802326e-08,
    ]
    values += [
        6.1e-05,
        3.3895314e38,
        3.3961775e38,
        3.4028235e38,
        1e-40,
        4.6e-41,
        9.2e-41,
        math.inf,
        -math.inf,
    ]
    table = torch.tensor(values, dtype=torch.float32)
    return {
        "float32": [struct.pack(">f", x).hex() for x in table.tolist()],
        "bfloat16": [x & 0xFFFF for x in table.to(torch.bfloat16).view(torch.int16).tolist()],
        "float16": [x & 0xFFFF for x in table.to(torch.float16).view(torch.int16).tolist()],
    }


def main():
    runs = []
    for problem_name, problem in PROBLEMS.items():
        for name, (kind, options) in OPTIMIZERS.items():
            lr = (0.002 if problem_name == "five" else 0.005) if name.startswith("sgd") else 0.05
            for lam in problem["lams"]:
                points = run(problem, kind, options, lr, lam)
                runs.append(
                    {"problem": problem_name, "optimizer": name, "lr": lr, "lam": lam, "points": points}
                )
    grouped, on_batches = [], []
    for name, (kind, options) in OPTIMIZERS.items():
        lr = 0.002 if name.startswith("sgd") else 0.05
        points = run_with_groups(PROBLEMS["five"], kind, options, lr, 0.7)
        grouped.append({"optimizer": name, "lr": lr, "lam": 0.7, "points": points})
        on_batches.append({"optimizer": name, "points": run_on_batches(kind, options)})
    content = {
        "torch": torch.__version__,
        "steps": STEPS,
        "problems": PROBLEMS,
        "optimizers": {name: options for name, (_, options) in OPTIMIZERS.items()},
        "runs": runs,
        "penalty_weights": PENALTY_WEIGHTS,
        "schedule": SCHEDULE,
        "grouped": grouped,
        "regression": REGRESSION,
        "on_batches": on_batches,
        "roundings": roundings(),
    }
    path = Path(__file__).with_name("torch.json")
    path.write_text(
        json.dumps(content).replace('{"problem"', '\n{"problem"').replace('{"opt', '\n{"opt') + "\n"
    )


if __name__ == "__main__":
    main()
