import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { expect, test } from "vitest";
import { randomProgram } from "../scheme/testing.js";
import { compile } from "./index.js";

const forms = ["torch", "jax"] as const;

test("control flow is Python's own for PyTorch, and JAX's for JAX", () => {
  const module = compile("(if (> x 0) (loop ((i 0)) (if (< i n) (recur (+ i 1)) i)) x)", { params: { n: 3 } });
  const torch = module.emit("torch");
  expect(torch).toMatch(/^import torch$/m);
  expect(torch).toMatch(/^ {4}if s\d+ != 0:$/m);
  expect(torch).toMatch(/for _ in range\(10000000\):/);
  expect(torch).toContain('inputs = ["x", "n"]');
  expect(torch).toContain('parameters = {"n": 3}');
  const jax = module.emit("jax");
  expect(jax).toContain("lax.cond(");
  expect(jax).toContain("lax.while_loop(");
  expect(jax).toContain("jax.jacfwd(");
  expect(compile("(sin x)", { dtype: "float32" }).emit("jax")).not.toContain("jax_enable_x64");
});

test.each([
  ["(define (f n) (if (= n 0) 1 (+ 1 (f (- n 1))))) (f x)", {}, "jax", "JAX can't trace recursion"],
  ["(ref [1 2 x] i)", {}, "jax", "index that is computed"],
  ["(sqrt x)", { domain: "strict" }, "torch", "strict"],
  ["(dot v v)", { inputs: { v: [3] } }, "torch", 'input "v" is a vector'],
] as const)("%s is refused", (source, options, form, message) => {
  expect(() => compile(source, options).emit(form)).toThrow(message);
});

/** Compiles each text and, where its library is at hand, runs it. */
const checker = `
import importlib.util, json, sys
answers = []
for case in json.load(sys.stdin):
    code = compile(case["text"], case["form"] + ".py", "exec")
    if importlib.util.find_spec(case["form"]) is None:
        answers.append(None)
        continue
    module = {}
    exec(code, module)
    value, slopes = module["gradient"](case["inputs"])
    answers.append([float(value), {name: float(slope) for name, slope in slopes.items()}])
print(json.dumps(answers))
`;

const python = spawnSync("python3", ["--version"]).status === 0;

if (python)
  test("Python takes the texts, and PyTorch and JAX, where at hand, give the same values and slopes", () => {
    const inputs = { x: 1.5, y: -0.75, z: 3.25 };
    const written = [
      "(+ (lcm (round x) 6) (gcd (round z) 9) (modulo y x) (remainder y x) (quotient z x))",
      "(define (sum n) (if (<= n 0) x (+ n (sum (- n 1))))) (sum z)",
      "(loop ((i 0) (s x)) (if (< i 5) (recur (+ i 1) (* s (sin y))) (/ s z)))",
      "(if (> y 0) (log y) (if (odd? (round z)) (expt x 2) (sqrt y)))",
    ];
    const sources = [
      ...written,
      ...fc.sample(randomProgram({ inputs: Object.keys(inputs), derivatives: true }), { numRuns: 60, seed: 2026 }),
    ];
    const cases = sources.flatMap((source) => {
      const module = compile(source, { iterations: 20_000, frames: 2000 });
      const given = Object.fromEntries(module.inputs.map((name) => [name, inputs[name as keyof typeof inputs]]));
      return forms.flatMap((form) => {
        try {
          return [{ source, form, inputs: given, expected: module.gradient(given), text: module.emit(form) }];
        } catch {
          return [];
        }
      });
    });
    expect(cases.length).toBeGreaterThan(sources.length);
    const ran = spawnSync("python3", ["-W", "ignore", "-c", checker], {
      input: JSON.stringify(cases),
      encoding: "utf8",
    });
    expect(ran.stderr).toBe("");
    const answers = JSON.parse(ran.stdout.replace(/-?Infinity|NaN/g, '"$&"')) as (readonly [number, object] | null)[];
    expect(answers).toHaveLength(cases.length);
    for (const [i, answer] of answers.entries()) {
      if (!answer) continue;
      const { source, form, expected } = cases[i];
      const close = (found: number, wanted: number, what: string) => {
        const near = Object.is(found, wanted) || Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
        expect(near, `${form}, ${what} of ${source}: ${found}, not ${wanted}`).toBe(true);
      };
      if (Number.isFinite(expected.value)) close(Number(answer[0]), expected.value, "value");
      if (!written.includes(source)) continue;
      for (const [name, slope] of Object.entries(answer[1]))
        close(Number(slope), expected.gradient[name], `slope in ${name}`);
    }
  });
