"""One training step of a transformer of LLaMA 3's shape in PyTorch, for `npm run bench -- lm --python PATH`.

RMSNorm, rotary embeddings, causal attention, SwiGLU; a head of classes at the last position, cross-entropy, Adam over all
parameters, the embedding table among them. Written the usual way: every layer at every position. Prints one line of JSON for
each size of the vocabulary and number of threads: the best and the median of some steps.
"""
import argparse
import json
import time

import torch
import torch.nn.functional as F
from torch import nn


def rms_norm(x, gain):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * gain


def rotary(length, width):
    half = width // 2
    angles = torch.arange(length)[:, None] * 10_000.0 ** (-torch.arange(half) / half)
    return torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)


def rotate(x, cosine, sine):
    first, second = x.chunk(2, -1)
    return x * cosine + torch.cat([-second, first], -1) * sine


class Layer(nn.Module):
    def __init__(self, hidden, heads, feed_forward):
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.Parameter(torch.ones(hidden))
        self.feed_forward_norm = nn.Parameter(torch.ones(hidden))
        linear = lambda a, b: nn.Linear(a, b, bias=False)
        self.query, self.key, self.value, self.output = (linear(hidden, hidden) for _ in range(4))
        self.gate, self.up = linear(hidden, feed_forward), linear(hidden, feed_forward)
        self.down = linear(feed_forward, hidden)

    def forward(self, x, turn):
        h = rms_norm(x, self.attention_norm)
        split = lambda rows: rows.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, k, v = rotate(split(self.query(h)), *turn), rotate(split(self.key(h)), *turn), split(self.value(h))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.output(mixed.transpose(1, 2).flatten(-2))
        h = rms_norm(x, self.feed_forward_norm)
        return x + self.down(F.silu(self.gate(h)) * self.up(h))


class Transformer(nn.Module):
    def __init__(self, vocabulary, hidden, layers, heads, feed_forward, classes, tokens):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, hidden)
        self.layers = nn.ModuleList(Layer(hidden, heads, feed_forward) for _ in range(layers))
        self.norm = nn.Parameter(torch.ones(hidden))
        self.head = nn.Linear(hidden, classes, bias=False)
        self.turn = rotary(tokens, hidden // heads)

    def forward(self, ids):
        x = self.embedding(ids)
        for layer in self.layers:
            x = layer(x, self.turn)
        return self.head(rms_norm(x[:, -1], self.norm))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--vocabulary", type=int, nargs="+", required=True)
    parser.add_argument("--threads", type=int, nargs="+", required=True)
    parser.add_argument("--seconds", type=float, required=True)
    for name in ["hidden", "layers", "heads", "feed_forward", "classes", "batch", "tokens"]:
        parser.add_argument(f"--{name}", type=int, required=True)
    o = parser.parse_args()
    torch.manual_seed(0)
    for vocabulary in o.vocabulary:
        model = Transformer(vocabulary, o.hidden, o.layers, o.heads, o.feed_forward, o.classes, o.tokens)
        adam = torch.optim.Adam(model.parameters(), 1e-3)
        ids = torch.randint(0, vocabulary, (o.batch, o.tokens))
        answers = torch.randint(0, o.classes, (o.batch,))
        for threads in o.threads:
            torch.set_num_threads(threads)
            times = []
            end = time.perf_counter() + o.seconds
            while time.perf_counter() < end or len(times) < 4:
                start = time.perf_counter()
                adam.zero_grad()
                F.cross_entropy(model(ids), answers).backward()
                adam.step()
                times.append(1e3 * (time.perf_counter() - start))
            # The first steps set things up.
            times = sorted(times[2:])
            row = {"vocabulary": vocabulary, "threads": threads, "best_ms": times[0], "median_ms": times[len(times) // 2]}
            print(json.dumps({**row, "version": torch.__version__}), flush=True)


main()
