"""One training step in PyTorch eager, served over the line protocol of bench/serve.mjs."""
import json
import math
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

from torch_resnet import resnet

case = json.loads(sys.argv[1])
shape, threads = case["shape"], case["threads"]
torch.set_num_threads(threads)
torch.manual_seed(1)


def mlp():
    sizes = [shape["inputs"], *shape["hidden"], shape["classes"]]
    layers = [nn.Linear(sizes[0], sizes[1])]
    for inputs, outputs in zip(sizes[1:], sizes[2:]):
        layers += [nn.ReLU(), nn.Linear(inputs, outputs)]
    return nn.Sequential(*layers)


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.branch = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))

    def forward(self, x):
        return x + self.branch(x)


def residual_mlp():
    width = shape["width"]
    blocks = [Residual(width) for _ in range(shape["blocks"])]
    return nn.Sequential(
        nn.Linear(shape["inputs"], width), *blocks, nn.LayerNorm(width), nn.Linear(width, shape["classes"])
    )


class Attention(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.register_buffer("mask", torch.ones(context, context, dtype=torch.bool).triu(1))

    def forward(self, x):
        batch, context, width = x.shape
        split = lambda z: z.view(batch, context, self.heads, width // self.heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(x).split(width, dim=2))
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(width // self.heads))
        weights = F.softmax(scores.masked_fill(self.mask, float("-inf")), dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(batch, context, width))


class GPT(nn.Module):
    def __init__(self, layers, heads, width, context, vocabulary, **_):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(0.02 * torch.randn(context, width))
        branches = lambda: (
            nn.Sequential(nn.LayerNorm(width), Attention(width, heads, context)),
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width)),
        )
        self.branches = nn.ModuleList([branch for _ in range(layers) for branch in branches()])
        self.head = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False))

    def forward(self, ids):
        x = self.token(ids) + self.position
        for branch in self.branches:
            x = x + branch(x)
        return self.head(x).flatten(0, 1)


random = numpy.random.default_rng(1)
if case["name"] == "gpt":
    model = GPT(**shape)
    count = sum(parameter.numel() for parameter in model.parameters())
    if count != shape["parameters"]:
        raise ValueError(f"torch: expected a net of {shape['parameters']} parameters, got {count}")
    betas = (shape["beta1"], shape["beta2"])
    optimizer = torch.optim.AdamW(model.parameters(), shape["learningRate"], betas, shape["epsilon"])
    x = random.integers(0, shape["vocabulary"], (shape["batch"], shape["context"]))
    y = random.integers(0, shape["vocabulary"], shape["batch"] * shape["context"])
else:
    model = {"mlp": mlp, "residual-mlp": residual_mlp, "resnet20": lambda: resnet(shape)}[case["name"]]()
    optimizer = torch.optim.SGD(model.parameters(), shape["learningRate"], shape.get("momentum", 0))
    x = random.random((shape["batch"], shape["inputs"]), dtype=numpy.float32)
    y = random.integers(0, shape["classes"], shape["batch"])


def step():
    loss = F.cross_entropy(model(torch.from_numpy(x)), torch.from_numpy(y))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    return loss.item()


def timed(count):
    ms, loss = [], math.nan
    for _ in range(count):
        start = time.perf_counter()
        loss = step()
        ms.append((time.perf_counter() - start) * 1e3)
    return {"ms": ms, "loss": loss}


note = f"eager float32, {threads} threads, {case['setting']}"
print("ready", json.dumps({"peer": case["peer"], "version": torch.__version__, "note": note}), flush=True)
for line in sys.stdin:
    verb, *count = line.split()
    if verb == "quit":
        break
    print(json.dumps(timed(int(count[0]))), flush=True)
