"""The soft machine on bits in PyTorch and float32, for `npm run bench -- bits --python PATH`.

Values are the probabilities of their bits, the lowest first, and circuits are rows of probabilistic gates on a batch
("Algorithmic Language Models with Neurally Compiled Libraries", 2024, appendix D). Gates that do not wait for one another
are one operation on tensors; a ripple of carries is one after the other. An address is made from its bits by doubling.
Prints one line of JSON for each width and case.
"""
import argparse
import json
import time

import torch

ALU = ["zero", "inc", "dec", "add", "sub", "mul", "div", "mod", "min", "max", "eq", "lt", "and", "or", "not", "xor", "move"]
REST = ["halt", "const", "read", "write", "jump", "call", "store", "ret"]
OPS = ALU + REST
FROZEN = ["add", "const", "dec", "halt", "jump", "move", "not", "ret"]
SILENT = ["halt", "write", "jump", "ret"]


def xor(a, b):
    return a + b - 2 * a * b


def add(a, b, carry):
    half, both, bits = xor(a, b), a * b, []
    for h, c in zip(half.unbind(-1), both.unbind(-1)):
        bits.append(xor(h, carry))
        carry = c + h * carry
    return torch.stack(bits, -1)


def subtract(a, b):
    half, less, bits, borrow = xor(a, b), b * (1 - a), [], torch.zeros_like(a[..., 0])
    for h, c in zip(half.unbind(-1), less.unbind(-1)):
        bits.append(xor(h, borrow))
        borrow = c + borrow * (1 - h)
    return torch.stack(bits, -1), borrow


def multiply(a, b):
    width = a.shape[-1]
    total = torch.zeros_like(a)
    for shift in range(width):
        term = a[..., : width - shift] * b[..., shift : shift + 1]
        high = add(total[..., shift:], term, torch.zeros_like(a[..., 0]))
        total = torch.cat([total[..., :shift], high], -1)
    return total


def divide(a, b):
    defined = 1 - (1 - b).prod(-1, keepdim=True)
    remainder, quotient = torch.zeros_like(a), []
    divisor = torch.cat([b, torch.zeros_like(b[..., :1])], -1)
    for bit in reversed(range(a.shape[-1])):
        brought = torch.cat([a[..., bit : bit + 1], remainder], -1)
        less, borrow = subtract(brought, divisor)
        quotient.insert(0, 1 - borrow)
        w = borrow[..., None]
        remainder = (w * brought + (1 - w) * less)[..., :-1]
    return torch.stack(quotient, -1) * defined, remainder * defined


def results(names, u, v):
    """What the named operations make of two operands; nothing is computed for the others."""
    zero, out = torch.zeros_like(u), {}
    no = zero[..., 0]
    flag = lambda p: torch.cat([p[..., None], zero[..., 1:]], -1)
    true = lambda x: 1 - (1 - x).prod(-1)
    choose = lambda w, x, y: w[..., None] * x + (1 - w[..., None]) * y
    if {"sub", "lt", "min", "max"} & set(names):
        out["sub"], less = subtract(u, v)
        out |= {"lt": flag(less), "min": choose(less, u, v), "max": choose(less, v, u)}
    if {"div", "mod"} & set(names):
        out["div"], out["mod"] = divide(u, v)
    simple = {
        "zero": lambda: zero,
        "inc": lambda: add(u, zero, no + 1),
        "dec": lambda: add(u, zero + 1, no),
        "add": lambda: add(u, v, no),
        "mul": lambda: multiply(u, v),
        "eq": lambda: flag((1 - xor(u, v)).prod(-1)),
        "and": lambda: flag(true(u) * true(v)),
        "or": lambda: flag(true(u) + true(v) - true(u) * true(v)),
        "not": lambda: flag(1 - true(u)),
        "xor": lambda: flag(xor(true(u), true(v))),
        "move": lambda: u,
    }
    return [out[name] if name in out else simple[name]() for name in names]


def named(bits, count):
    """The distribution over the remainders by a power of two."""
    p = torch.ones_like(bits[..., :1])
    for bit in bits.unbind(-1)[: count.bit_length() - 1]:
        p = torch.cat([p * (1 - bit[..., None]), p * bit[..., None]], -1)
    return p


def step(program, present, state):
    memory, registers, counter, halted, read = state
    op, first, second, out, k = (counter @ field for field in program)
    weight = {name: op[:, i, None] for i, name in enumerate(OPS)}
    u = torch.einsum("br,brn->bn", first, registers)
    v = torch.einsum("br,brn->bn", second, registers)
    names = [name for name in ALU if name in present]
    o = sum(weight[name] * result for name, result in zip(names, results(names, u, v)))
    o = o + (weight["const"] + weight["call"] + weight["store"]) * k
    address = named(u, memory.shape[1])
    if "read" in present:
        o = o + weight["read"] * torch.einsum("bi,bij->bj", address, memory)
    read = read + ((1 - halted) * weight["halt"])[:, :, None] * registers
    writing = 1 - sum(weight[name] for name in SILENT)
    registers = (1 - writing * out)[:, :, None] * registers + out[:, :, None] * o[:, None, :]
    if "write" in present:
        w = (weight["write"] * address)[:, :, None]
        memory = (1 - w) * memory + w * v[:, None, :]
    lines = counter.shape[1]
    taken = weight["jump"] * u[:, :1] * (1 - u[:, 1:]).prod(-1, keepdim=True)
    always = weight["call"] + weight["ret"]
    counter = (1 - taken - always) * counter.roll(1, 1) + taken * named(v, lines) + always * named(u, lines)
    halted = halted + (1 - halted) * weight["halt"]
    return memory, registers, counter, halted, read


def best(call, seconds):
    call()
    times = []
    start = time.perf_counter()
    while not times or time.perf_counter() - start < seconds:
        t = time.perf_counter()
        call()
        times.append(time.perf_counter() - t)
    return 1e3 * min(times)


def main():
    parser = argparse.ArgumentParser()
    for name, size in [("batch", 16), ("steps", 16), ("registers", 8), ("lines", 16), ("memory", 16), ("threads", 0)]:
        parser.add_argument("--" + name, type=int, default=size)
    parser.add_argument("--bits", type=int, nargs="+", default=[6, 16, 32])
    parser.add_argument("--seconds", type=float, default=1.5)
    a = parser.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    for bits in a.bits:
        for case in ["real", "worst"]:
            present = set(FROZEN) if case == "real" else set(OPS)
            widths = [len(OPS), a.registers, a.registers, a.registers]
            program = [torch.rand(a.lines, w).softmax(1) for w in widths]
            if case == "real":
                # Soft operands, and a program that is frozen: each field of each line is one thing.
                names = sorted(present)
                chosen = [[OPS.index(names[line % len(names)]) for line in range(a.lines)]]
                chosen += [[(line * 3 + i) % a.registers for line in range(a.lines)] for i in range(3)]
                program = [torch.eye(w)[choice] for w, choice in zip(widths, chosen)]
            program.append(torch.rand(a.lines, bits))
            trained = case == "worst"
            state = [torch.rand(a.batch, a.memory, bits), torch.rand(a.batch, a.registers, bits)]
            state.append(torch.eye(a.lines)[:1].repeat(a.batch, 1))

            def run(gradient):
                fields = [field.requires_grad_(gradient and trained) for field in program]
                memory, registers, counter = (part.clone().requires_grad_(gradient) for part in state)
                now = (memory, registers, counter, torch.zeros(a.batch, 1), torch.zeros_like(registers))
                with torch.set_grad_enabled(gradient):
                    for _ in range(a.steps):
                        now = step(fields, present, now)
                    memory, registers, counter, halted, read = now
                    read = read + (1 - halted)[:, :, None] * registers
                    if gradient:
                        (read[:, 0].sum() + memory[:, 0].sum()).backward()
                for field in fields:
                    field.grad = None

            forward, both = best(lambda: run(False), a.seconds), best(lambda: run(True), a.seconds)
            print(json.dumps({"bits": bits, "case": case, "forward_ms": forward, "forward_backward_ms": both}), flush=True)


main()
