"""nanoGPT's CPU setting in PyTorch: trains on a prepared corpus, prints seconds and validation loss as JSON."""
import json
import math
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

setting = json.loads(sys.argv[1])
layers, heads, width, context = (setting[name] for name in ("layers", "heads", "width", "context"))
batch, steps, vocabulary = (setting[name] for name in ("batch", "steps", "vocabulary"))
torch.set_num_threads(setting["threads"])
torch.manual_seed(setting["seed"])


def tokens(part):
    with open(f"{setting['corpus']}/corpus.json") as record:
        dtype = numpy.dtype(json.load(record)["dtype"]).newbyteorder("<")
    header = 24  # bytes, src/data/text/token-file.ts
    stored = numpy.fromfile(f"{setting['corpus']}/{part}.tokens", dtype, offset=header)
    return torch.from_numpy(stored.astype(numpy.int64))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        self.register_buffer("mask", torch.ones(context, context, dtype=torch.bool).triu(1))

    def forward(self, x):
        split = lambda z: z.view(-1, context, heads, width // heads).transpose(1, 2)
        q, k, v = map(split, self.qkv(x).split(width, dim=2))
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(width // heads))
        weights = F.softmax(scores.masked_fill(self.mask, float("-inf")), dim=-1)
        return self.out((weights @ v).transpose(1, 2).reshape(x.shape))


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.empty(context, width))
        feed_forward = lambda: (
            nn.Linear(width, 4 * width, bias=False),
            nn.GELU(),
            nn.Linear(4 * width, width, bias=False),
        )
        branches = lambda: (
            nn.Sequential(nn.LayerNorm(width), Attention()),
            nn.Sequential(nn.LayerNorm(width), *feed_forward()),
        )
        self.branches = nn.ModuleList([branch for _ in range(layers) for branch in branches()])
        self.norm = nn.LayerNorm(width)
        for name, parameter in self.named_parameters():
            if parameter.dim() > 1:
                last = name.endswith(("out.weight", ".3.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * layers) if last else 0.02)

    def forward(self, ids):
        x = self.token(ids) + self.position
        for branch in self.branches:
            x = x + branch(x)
        return F.linear(self.norm(x), self.token.weight)


def rate(step):
    peak, final, warmup = setting["peak"], setting["final"], setting["warmupSteps"]
    if step <= warmup:
        return peak * step / warmup
    return final + (peak - final) * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


def loss_of(model, windows):
    logits = model(windows[:, :-1])
    return F.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


train, validation = tokens("train"), tokens("validation")
start = time.perf_counter()
model = GPT()
matrices = [p for p in model.parameters() if p.dim() > 1]
vectors = [p for p in model.parameters() if p.dim() < 2]
groups = [{"params": matrices, "weight_decay": setting["weightDecay"]}, {"params": vectors, "weight_decay": 0}]
optimizer = torch.optim.AdamW(groups, betas=(setting["beta1"], setting["beta2"]), foreach=True)
offsets = torch.arange(context + 1)
for step in range(1, steps + 1):
    for group in optimizer.param_groups:
        group["lr"] = rate(step)
    loss = loss_of(model, train[torch.randint(len(train) - context, (batch, 1)) + offsets])
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), setting["clip"])
    optimizer.step()
    loss.item()
seconds = time.perf_counter() - start

with torch.no_grad():
    first = torch.arange(0, len(validation) - context, context)[:, None]
    losses = [loss_of(model, validation[rows + offsets]) * len(rows) for rows in first.split(100)]
loss = (sum(losses) / len(first)).item()
count = sum(p.numel() for p in model.parameters())
print(json.dumps({"seconds": seconds, "loss": loss, "parameters": count, "windows": len(first)}))
