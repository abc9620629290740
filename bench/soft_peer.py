"""The soft machine in its dense form, in PyTorch and float32, for `npm run bench -- machine --python PATH`.

Every step contracts the table T[h, i, j, k] of all operations with the mixture of operations and the two operands, as equation 7
of "Algorithmic Language Models with Neurally Compiled Libraries" (2024) has it; memory, registers and counter are mixtures
over everything. In two ways: "product", our whole instruction set, with the table as one matrix, which is the fastest that the
dense form can be had; and "einsum", as the equation is written, of a machine of fourteen instructions that has no label table,
immediates or calls. Prints one line of JSON for each n, way and case.
"""
import argparse
import json
import time

import torch

ALU = {
    "zero": lambda a, b, n: 0 * a,
    "inc": lambda a, b, n: (a + 1) % n,
    "dec": lambda a, b, n: (a + n - 1) % n,
    "add": lambda a, b, n: (a + b) % n,
    "sub": lambda a, b, n: (a + n - b) % n,
    "mul": lambda a, b, n: (a * b) % n,
    "div": lambda a, b, n: torch.where(b == 0, 0 * a, a // b.clamp(min=1)),
    "mod": lambda a, b, n: torch.where(b == 0, 0 * a, a % b.clamp(min=1)),
    "min": lambda a, b, n: torch.minimum(a, b),
    "max": lambda a, b, n: torch.maximum(a, b),
    "eq": lambda a, b, n: (a == b).long(),
    "lt": lambda a, b, n: (a < b).long(),
    "and": lambda a, b, n: ((a != 0) & (b != 0)).long(),
    "or": lambda a, b, n: ((a != 0) | (b != 0)).long(),
    "not": lambda a, b, n: (a == 0).long(),
    "xor": lambda a, b, n: ((a != 0) != (b != 0)).long(),
    "move": lambda a, b, n: a,
}
REST = ["halt", "const", "read", "write", "jump", "call", "store", "ret"]
OPS = list(ALU) + REST
SILENT = ["halt", "write", "jump", "ret"]
SMALL = ["halt", "zero", "inc", "dec", "add", "sub", "mul", "min", "max", "eq", "lt", "read", "write", "jump"]


def table(n, ops):
    """[ops, n, n, n]; operations that are not the ALU's make 0."""
    a = torch.arange(n)[:, None].expand(n, n)
    b = a.T
    t = torch.zeros(len(ops), n, n, n)
    for row, name in zip(t, ops):
        row.scatter_(2, ALU.get(name, ALU["zero"])(a, b, n)[:, :, None], 1.0)
    return t


def as_matrix(t):
    """As one matrix, so that a step is one product."""
    h, n = t.shape[:2]
    return t.permute(1, 2, 0, 3).reshape(n * n, h * n).contiguous()


def einsum_step(T, program, labels, state):
    """A step of the small machine: without label table and immediates, and reading no state out before the end."""
    memory, registers, counter, halted, read = state
    op, first, second, out = (counter @ field for field in program[:4])
    weight = {name: op[:, i, None] for i, name in enumerate(SMALL)}
    u = torch.einsum("br,brn->bn", first, registers)
    v = torch.einsum("br,brn->bn", second, registers)
    o = torch.einsum("hijk,bh,bi,bj->bk", T, op, u, v)
    o = (1 - weight["read"]) * o + weight["read"] * torch.einsum("bi,bij->bj", u, memory)
    writing = (1 - weight["halt"] - weight["write"] - weight["jump"]) * out
    registers = (1 - writing)[:, :, None] * registers + writing[:, :, None] * o[:, None, :]
    w = (weight["write"] * u)[:, :, None]
    memory = (1 - w) * memory + w * v[:, None, :]
    taken = weight["jump"] * u[:, 1:2]
    counter = (1 - taken) * counter.roll(1, 1) + taken * v[:, : counter.shape[1]]
    halted = halted + (1 - halted) * weight["halt"]
    return memory, registers, counter, halted, read


def step(T, program, labels, state):
    memory, registers, counter, halted, read = state
    op, first, second, out, k = (counter @ field for field in program)
    weight = {name: op[:, i, None] for i, name in enumerate(OPS)}
    u = torch.einsum("br,brn->bn", first, registers)
    v = torch.einsum("br,brn->bn", second, registers)
    pairs = (u[:, :, None] * v[:, None, :]).flatten(1)
    results = (pairs @ T).view(len(u), len(ALU), -1)
    o = torch.einsum("bh,bhk->bk", op[:, : len(ALU)], results)
    o = o + (weight["const"] + weight["call"] + weight["store"]) * k
    o = o + weight["read"] * torch.einsum("bi,bij->bj", u, memory)
    read = read + ((1 - halted) * weight["halt"])[:, :, None] * registers
    writing = 1 - sum(weight[name] for name in SILENT)
    registers = (1 - writing * out)[:, :, None] * registers + out[:, :, None] * o[:, None, :]
    w = (weight["write"] * u)[:, :, None]
    memory = (1 - w) * memory + w * v[:, None, :]
    taken = weight["jump"] * u[:, 1:2]
    always = weight["call"] + weight["ret"]
    counter = (1 - taken - always) * counter.roll(1, 1) + (taken * v + always * u) @ labels
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
    parser.add_argument("--n", type=int, nargs="+", default=[16, 32, 64, 128])
    for name, default in (("batch", 16), ("steps", 16), ("registers", 8), ("lines", 16), ("threads", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--seconds", type=float, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    for n in args.n:
        memory = torch.softmax(torch.randn(args.batch, n, n), -1)
        for way, case in (("product", "worst"), ("product", "real"), ("einsum", "worst"), ("einsum", "real")):
            product, soft = way == "product", case == "worst"
            ops, advance = (OPS, step) if product else (SMALL, einsum_step)
            T = as_matrix(table(n, list(ALU))) if product else table(n, SMALL)
            # The small machine's jumps name lines by themselves, so that it has no more lines than values.
            lines = args.lines if product else min(args.lines, n)
            labels = torch.eye(lines).repeat(-(-n // lines), 1)[:n]
            widths = (len(ops), args.registers, args.registers, args.registers, n)
            fields = [torch.randn(lines, width, requires_grad=soft) for width in widths]
            if not soft:
                fields = [torch.nn.functional.one_hot(field.argmax(1), field.shape[1]).float() for field in fields]
            operands = torch.randn(args.batch, args.registers, n, requires_grad=True)

            def forward():
                program = [torch.softmax(field, -1) for field in fields] if soft else fields
                registers = torch.softmax(operands, -1)
                counter = torch.zeros(args.batch, lines)
                counter[:, 0] = 1
                state = (memory, registers, counter, torch.zeros(args.batch, 1), torch.zeros_like(registers))
                for _ in range(args.steps):
                    state = advance(T, program, labels, state)
                return state

            def both():
                memory, registers, _, halted, read = forward()
                read = read + (1 - halted)[:, :, None] * registers if product else registers
                (read[:, 0, 0].sum() + memory[:, 0, 0].sum()).backward()

            with torch.no_grad():
                ms = best(forward, args.seconds)
            row = {"n": n, "way": way, "case": case, "forward_ms": ms, "forward_backward_ms": best(both, args.seconds)}
            print(json.dumps(row), flush=True)


main()
