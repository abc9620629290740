import { spawnSync } from "node:child_process";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isScalarOp, opNames, specOf } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { type CompileOptions, compile, type NestedNumbers } from "./index.js";
import { arrayPrograms, isStraight } from "./testing.js";

const forms = ["torch", "jax"] as const;
type Form = (typeof forms)[number];

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

test("a program whose value is an array has no gradient", () => {
  for (const form of forms) {
    const text = compile("(scale 2 v)", { inputs: { v: [3] } }).emit(form);
    expect(text).toContain("def evaluate(");
    expect(text).toContain("shapes = [[3]]");
    expect(text).not.toContain("def gradient(");
  }
});

test.each([
  ["(define (f n) (if (= n 0) 1 (+ 1 (f (- n 1))))) (f x)", {}, "jax", "JAX can't trace recursion"],
  ["(ref [x] i)", {}, "jax", "array of one element"],
  ["(sqrt x)", { domain: "strict" }, "torch", "strict"],
] as const)("%s is refused", (source, options, form, message) => {
  expect(() => compile(source, options).emit(form)).toThrow(message);
});

/** A program to be run, and what is expected of it. */
interface Case {
  readonly source: string;
  readonly text: string;
  readonly inputs: Readonly<Record<string, NestedNumbers>>;
  readonly expected: Result;
  readonly tolerance: number;
}

/** A value, and slopes in its inputs where it is a number; or an error's message. */
interface Result {
  readonly value: NestedNumbers;
  readonly gradient?: Readonly<Record<string, NestedNumbers>>;
}

/** Runs each text; without a library to run it with, compiles it. */
const runner = `
import json, sys

def plain(x):
    return x.tolist() if hasattr(x, "tolist") else float(x)

answers = []
for case in json.load(sys.stdin):
    code = compile(case["text"], "program.py", "exec")
    if sys.argv[1] == "compile":
        continue
    module = {}
    exec(code, module)
    try:
        answer = {"value": plain(module["evaluate"](case["inputs"]))}
        if "gradient" in module:
            value, slopes = module["gradient"](case["inputs"])
            if str(plain(value)) != str(answer["value"]):
                raise ValueError(f"{value} with the gradient, {answer['value']} without")
            answer["gradient"] = {name: plain(slope) for name, slope in slopes.items()}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    answers.append(answer)
json.dump(answers, sys.stdout)
`;

function runPython<T>(python: string, mode: "run" | "compile", cases: readonly Pick<Case, "text">[]): T[] {
  const ran = spawnSync(python, ["-W", "ignore", "-c", runner, mode], {
    input: JSON.stringify(cases),
    encoding: "utf8",
    maxBuffer: 2 ** 30,
  });
  expect(ran.stderr).toBe("");
  return JSON.parse(ran.stdout.replace(/-?Infinity|NaN/g, '"$&"'));
}

/** The Pythons to look for libraries in: those that SOFTMACHINE_PYTHON names, in one word or as PATH has them, else python3. */
const pythons = (process.env.SOFTMACHINE_PYTHON ?? "python3").split(path.delimiter);
const pythonWith = (code: string) => pythons.find((python) => spawnSync(python, ["-c", code]).status === 0);
const anyPython = pythonWith("pass");
const libraries: Readonly<Record<Form, string | undefined>> = {
  torch: pythonWith("import torch"),
  jax: pythonWith("import jax"),
};

const inputs: Readonly<Record<string, number>> = { x: 1.53, y: -0.77, z: 3.21 };

const written: readonly (readonly [source: string, given?: Case["inputs"], options?: CompileOptions])[] = [
  ["(+ (lcm (round x) 6) (gcd (round z) 9) (modulo y x) (remainder y x) (quotient z x))"],
  ["(define (sum n) (if (<= n 0) x (+ n (* 0.5 (sum (- n 1)))))) (sum z)"],
  [
    "(define (ev n a) (if (= n 0) a (od (- n 1) (* a x)))) (define (od n a) (if (= n 0) 0 (ev (- n 1) (sin a)))) (ev 6 y)",
  ],
  ["(loop ((i 0) (s x)) (if (< i 5) (recur (+ i 1) (* s (sin y))) (/ s z)))"],
  ["(if (> y 0) (log y) (if (odd? (round z)) (expt x 2) (sqrt y)))"],
  ["(+ (abs u) (max u w) (min u w))", { u: 0, w: 0 }],
  ["(expt u u)", { u: 2 }],
  ["(floor (sqrt u))", { u: 0 }],
  ["(* g x)", { x: 2 }, { params: { g: 9.81 } }],
  ["3", {}],
  ["(if (> x 0) (tanh x) (/ x 0))", { x: 0.1 }, { dtype: "float32" }],
  ...opNames
    .filter(isScalarOp)
    .map((op) => [specOf(op).arity[0] > 1 || specOf(op).arity[1] > 1 ? `(${op} x 1.25)` : `(${op} (/ x 2))`] as const),
];

/** Numbers one after another; Python's infinities and NaN come as text. */
const flat = (value: NestedNumbers | string): readonly number[] =>
  Array.isArray(value) ? value.flatMap(flat) : [Number(value)];

/** None where the form can't have the program, or the program has no value. */
function caseOf(source: string, form: Form, options: CompileOptions, all: Case["inputs"]): Case[] {
  const module = compile(source, options);
  const given = Object.fromEntries(
    module.inputs.filter((name) => Object.hasOwn(all, name)).map((name) => [name, all[name]]),
  );
  try {
    const text = module.emit(form);
    const expected: Result = module.shape.length > 0 ? { value: module.evaluate(given) } : module.gradient(given);
    return [{ source, text, inputs: given, expected, tolerance: module.dtype === "float32" ? 1e-6 : 1e-9 }];
  } catch {
    return [];
  }
}

/** Checks answers against the module's, and gives how many slopes differ in what is NaN alone. */
function compareAll(cases: readonly Case[], answers: readonly Result[]): number {
  expect(answers).toHaveLength(cases.length);
  let apart = 0;
  for (const [i, answer] of answers.entries()) {
    const { source, expected, tolerance } = cases[i];
    expect(answer, source).not.toHaveProperty("error");
    const close = (found: NestedNumbers, wanted: NestedNumbers, what: string, isSlope: boolean) => {
      const numbers = flat(found);
      expect(numbers.length, `${what} of ${source}: ${JSON.stringify(answer)}`).toBe(flat(wanted).length);
      for (const [k, one] of flat(wanted).entries()) {
        const same = Object.is(numbers[k], one) || (Number.isNaN(numbers[k]) && Number.isNaN(one));
        if (isSlope && Number.isNaN(numbers[k]) !== Number.isNaN(one)) apart++;
        else
          expect(
            same || Math.abs(numbers[k] - one) <= tolerance * Math.max(1, Math.abs(one)),
            `${what} of ${source}: ${numbers[k]}, not ${one}`,
          ).toBe(true);
      }
    };
    close(answer.value, expected.value, "value", false);
    // Of a value that is NaN slopes mean nothing.
    if (flat(expected.value).some(Number.isNaN)) continue;
    for (const [name, slope] of Object.entries(expected.gradient ?? {}))
      close(answer.gradient?.[name] ?? [], slope, `slope in ${name}`, true);
  }
  return apart;
}

/** Every case of programs on numbers: those above, and random ones. */
const numberCases = (form: Form, random: number): Case[] => [
  ...written.flatMap(([source, given = inputs, options]) => caseOf(source, form, options ?? {}, given)),
  ...fc
    .sample(randomProgram({ inputs: Object.keys(inputs), derivatives: true }), { numRuns: random, seed: 2026 })
    .flatMap((source) => caseOf(source, form, { iterations: 20_000, frames: 2000 }, inputs)),
];
const arrayCases = (form: Form): Case[] =>
  arrayPrograms.flatMap(({ source, shapes, inputs: given }) => caseOf(source, form, { inputs: shapes }, given));

test.runIf(anyPython)("Python can read every text (needs a Python: SOFTMACHINE_PYTHON names one)", () => {
  const cases = forms.flatMap((form) => [...numberCases(form, 60), ...arrayCases(form)]);
  expect(cases.length).toBeGreaterThan(200);
  expect(runPython(anyPython ?? "", "compile", cases)).toEqual([]);
});

describe.each([
  ["torch", "PyTorch", 400],
  ["jax", "JAX", 40],
] as const)("%s", (form, name, random) => {
  const python = libraries[form];
  const needs = `(needs ${name}: SOFTMACHINE_PYTHON names a Python that has it)`;

  test.runIf(python)(`random programs and every operation have our values and slopes ${needs}`, () => {
    const cases = numberCases(form, random);
    expect(cases.length).toBeGreaterThan(random / 2 + 40);
    const apart = compareAll(cases, runPython<Result>(python ?? "", "run", cases));
    // A slope of 0 times one that is infinite.
    expect(apart).toBeLessThan(cases.length / 50);
  });

  test.runIf(python)(`programs on vectors and matrices do too ${needs}`, () => {
    const cases = arrayCases(form);
    expect(cases.length).toBe(arrayPrograms.length);
    expect(compareAll(cases, runPython<Result>(python ?? "", "run", cases))).toBe(0);
  });

  test.runIf(python)(`a batch has the rows' values and slopes ${needs}`, () => {
    const rows = [0, 1, 2, 3, 4];
    const batches = arrayPrograms.filter(({ source }) => isStraight(source));
    expect(batches.length).toBeGreaterThan(10);
    const cases = batches.flatMap(({ source, shapes, inputs: given }): Case[] => {
      const module = compile(source, { inputs: shapes });
      // The matrix is the same for all rows, which is what broadcasting is for.
      const inRow = (row: number, value: NestedNumbers, key: string): NestedNumbers =>
        key === "M" ? value : typeof value === "number" ? value + row / 8 : value.map((one) => inRow(row, one, key));
      const single = rows.map((row) =>
        Object.fromEntries(module.inputs.map((key) => [key, inRow(row, given[key], key)])),
      );
      const batch = Object.fromEntries(
        module.inputs.map((key) => [key, key === "M" ? given[key] : single.map((one) => one[key])]),
      );
      const value = single.map((one) => module.evaluate<NestedNumbers>(one));
      return [{ source, text: module.emit(form), inputs: batch, expected: { value }, tolerance: 1e-9 }];
    });
    const varying = cases.filter(({ inputs: batch }) => Object.keys(batch).some((key) => key !== "M"));
    compareAll(varying, runPython<Result>(python ?? "", "run", varying));
  });

  test.runIf(python)(`wrong inputs are clear errors ${needs}`, () => {
    const shapes = { inputs: { v: [3], i: [] } };
    const texts: readonly (readonly [
      source: string,
      options: CompileOptions,
      given: Case["inputs"],
      found: unknown,
    ])[] = [
      ["(* 2 x)", {}, {}, { error: `KeyError: "missing input 'x'"` }],
      ["(* 2 x)", {}, { x: 1, y: 2 }, { error: `KeyError: "unknown input 'y'"` }],
      [
        "(dot v v)",
        { inputs: { v: [3] } },
        { v: [1, 2] },
        { error: expect.stringContaining("must end in the shape [3]") },
      ],
      ["(ref v i)", shapes, { v: [1, 2, 3], i: 2 }, { value: 3, gradient: { v: [0, 0, 1], i: 0 } }],
      ...[3, -1, 0.5].map((i) => {
        const found = form === "torch" ? { error: expect.stringContaining("outside 0..2") } : { value: "NaN" };
        return ["(ref v i)", shapes, { v: [1, 2, 3], i }, found] as const;
      }),
    ];
    const cases = texts.map(([source, options, given]) => ({
      text: compile(source, options).emit(form),
      inputs: given,
    }));
    const answers = runPython(python ?? "", "run", cases);
    for (const [i, [, , , found]] of texts.entries()) expect(answers[i]).toMatchObject(found as object);
  });
});
