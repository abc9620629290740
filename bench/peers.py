"""What a user would pick instead, on the same programs and the same CPU: PyTorch eager, torch.compile and JAX jit.

The first line on standard output says which of them this Python has. Then each line of standard input is a request, and
is answered by a line: for each peer the microseconds of a call and the mean of the values. All lines are JSON.
"""

import json
import os
import re
import sys
import time

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # What libraries print is no answer.
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import numpy as np  # noqa: E402

MOST_OPERATIONS_COMPILED = 600  # torch.compile takes minutes for more.
OPERATORS = {"+", "-", "*", "/"}


def python_function(source, names, module):
    """A program of the language as a Python function: one assignment for each operation."""
    lines = []

    def operation(name, arguments):
        body = f" {name} ".join(arguments) if name in OPERATORS else f"m.{name}({', '.join(arguments)})"
        lines.append(f"    t{len(lines)} = {body}")
        return f"t{len(lines) - 1}"

    open_lists = [[]]
    for token in re.findall(r"[()]|[^\s()]+", source):
        if token == "(":
            open_lists.append([])
        elif token == ")":
            name, *arguments = open_lists.pop()
            open_lists[-1].append(operation(name, arguments))
        elif token in names:
            open_lists[-1].append("v_" + token)
        else:
            open_lists[-1].append(token)
    parameters = ", ".join("v_" + name for name in names)
    text = "\n".join([f"def f({parameters}):", *lines, f"    return {open_lists[0][-1]}"])
    scope = {"m": module}
    exec(text, scope)
    return scope["f"], len(lines)


OBSERVATIONS = [float(x) for x in np.sin(np.arange(80) / 10)]


def kalman_step(m, state, observed, x, v, p, q, r):
    x, v, a, b, c, loss = state
    x1 = x + 0.1 * v
    b1 = b + 0.1 * c
    a1 = a + 0.1 * (b + b1) + q * 0.00033
    b2 = b1 + q * 0.005
    c1 = c + q * 0.1
    s = a1 + r
    y = observed - x1
    g = a1 / s
    h = b2 / s
    loss = loss + 0.5 * (m.log(s) + y * y / s)
    return x1 + g * y, v + h * y, (1 - g) * a1, (1 - g) * b2, c1 - h * b2, loss


def pendulum_step(m, state, _, g, L, theta, omega):
    t, w = state
    ratio = g / L
    w1, a1 = w, -ratio * m.sin(t)
    w2, a2 = w + 0.005 * a1, -ratio * m.sin(t + 0.005 * w1)
    w3, a3 = w + 0.005 * a2, -ratio * m.sin(t + 0.005 * w2)
    w4, a4 = w + 0.01 * a3, -ratio * m.sin(t + 0.01 * w3)
    return t + 0.01 / 6 * (w1 + 2 * (w2 + w3) + w4), w + 0.01 / 6 * (a1 + 2 * (a2 + a3) + a4)


UNITS = 4


def units(weights):
    """The weights of each unit: out, in, bias, and from each unit."""
    return [weights[i * (3 + UNITS) : (i + 1) * (3 + UNITS)] for i in range(UNITS)]


def network_step(m, state, x, *weights):
    return tuple(
        m.tanh(u * x + (b + sum(w * h for w, h in zip(others, state)))) for _, u, b, *others in units(weights)
    )


# The state at first, a step, what each step is given, and the result, by the last state and the inputs.
LOOPS = {
    "kalman": (
        lambda x, v, p, q, r: (x, v, p, 0 * x, p, 0 * x),
        kalman_step,
        OBSERVATIONS,
        lambda state, inputs: state[5],
    ),
    "rk4_pendulum": (
        lambda g, L, theta, omega: (theta, omega),
        pendulum_step,
        [0.0] * 1000,
        lambda state, inputs: state[0],
    ),
    "network": (
        lambda *weights: (0 * weights[0],) * UNITS,
        network_step,
        [float(x) for x in np.sin(np.arange(100) / 10)],
        lambda state, inputs: sum(unit[0] * h for unit, h in zip(units(inputs), state)),
    ),
}


class Eager:
    name = "PyTorch eager"

    def __init__(self):
        import torch

        self.module = torch
        self.version = torch.__version__
        self.threads = torch.get_num_threads()

    def takes(self, operations, is_loop):
        return True

    def column(self, numbers):
        return self.module.from_numpy(numbers)

    def loop(self, first, step, given, result):
        def f(*inputs):
            state = first(*inputs)
            for item in given:
                state = step(self.module, state, item, *inputs)
            return result(state, inputs)

        return f

    def prepared(self, f):
        return f

    def value(self, f, columns):
        run = self.prepared(f)

        def call():
            with self.module.no_grad():
                return run(*columns)

        return call

    def gradient(self, f, columns):
        leaves = [column.clone().requires_grad_() for column in columns]
        run = self.prepared(lambda *inputs: f(*inputs).mean())

        def call():
            for leaf in leaves:
                leaf.grad = None
            run(*leaves).backward()
            return leaves

        return call


class Compiled(Eager):
    name = "torch.compile"

    def __init__(self):
        super().__init__()
        if not hasattr(self.module, "compile"):
            raise ImportError(f"PyTorch {self.version} has none")
        import torch._dynamo

        self.dynamo = torch._dynamo

    def takes(self, operations, is_loop):
        return not is_loop and operations <= MOST_OPERATIONS_COMPILED

    def prepared(self, f):
        self.dynamo.reset()  # Each program is its first.
        return self.module.compile(f, dynamic=False)


class Jit:
    name = "JAX jit"

    def __init__(self):
        import jax

        jax.config.update("jax_enable_x64", True)  # Columns say which they are.
        self.jax = jax
        self.module = jax.numpy
        self.version = jax.__version__
        self.threads = os.cpu_count()

    def takes(self, operations, is_loop):
        return True

    def column(self, numbers):
        return self.module.asarray(numbers)

    def loop(self, first, step, given, result):
        def f(*inputs):
            items = self.module.asarray(given, dtype=inputs[0].dtype)
            last, _ = self.jax.lax.scan(
                lambda state, item: (step(self.module, state, item, *inputs), None), first(*inputs), items
            )
            return result(last, inputs)

        return f

    def value(self, f, columns):
        run = self.jax.jit(f)
        return lambda: run(*columns).block_until_ready()

    def gradient(self, f, columns):
        places = tuple(range(len(columns)))
        run = self.jax.jit(self.jax.value_and_grad(lambda *inputs: f(*inputs).mean(), argnums=places))
        return lambda: self.jax.block_until_ready(run(*columns))


def available():
    peers, missing = [], {}
    for kind in (Eager, Compiled, Jit):
        try:
            peers.append(kind())
        except Exception as error:  # Libraries fail to load in many ways.
            missing[kind.name] = str(error).splitlines()[0] if str(error) else type(error).__name__
    return peers, missing


def microseconds(call, seconds):
    """The best of several rounds, each long enough for the clock, within so many seconds; a slow call is timed once."""
    start = time.perf_counter()
    call()
    once = time.perf_counter() - start
    if once > seconds:
        return once * 1e6
    for _ in range(3):
        call()
    best, end = float("inf"), time.perf_counter() + seconds
    repeats = max(1, int(seconds / 10 / max(once, 1e-7)))
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(repeats):
            call()
        best = min(best, (time.perf_counter() - start) / repeats)
        repeats = max(1, int(seconds / 10 / max(best, 1e-7)))
    return best * 1e6


def spread(low, high, rows, place):
    return low + (high - low) * (np.arange(rows, dtype=np.int64) * (7 + 4 * place) % 101) / 101


def measured(peer, request):
    names = list(request["inputs"])
    columns = [
        peer.column(spread(low, high, request["rows"], i).astype(request["dtype"]))
        for i, (low, high) in enumerate(request["inputs"].values())
    ]
    loop = LOOPS.get(request["name"])
    if loop:
        f, operations = peer.loop(*loop), 0
    else:
        f, operations = python_function(request["source"], names, peer.module)
    if not peer.takes(operations, loop is not None):
        return None
    start = time.perf_counter()
    call = peer.value(f, columns)
    mean = float(call().mean())
    first = (time.perf_counter() - start) * 1e6
    result = {"first": first, "mean": mean, "value": microseconds(call, request["seconds"])}
    call = peer.gradient(f, columns)
    call()  # The first compiles.
    result["gradient"] = microseconds(call, request["seconds"])
    return result


def main():
    def answer(line):
        print(json.dumps(line), file=answers, flush=True)

    peers, missing = available()
    answer(
        {
            "peers": [{"name": peer.name, "version": str(peer.version), "threads": peer.threads} for peer in peers],
            "missing": missing,
        }
    )
    for line in sys.stdin:
        request = json.loads(line)
        answer_of = {}
        for peer in peers:
            try:
                result = measured(peer, request)
            except Exception as error:  # One peer that fails leaves the others.
                result = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
            if result is not None:
                answer_of[peer.name] = result
        answer(answer_of)


main()
