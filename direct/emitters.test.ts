import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import { opNames, specOf } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { type CompileOptions, compile, type DirectModule, type Inputs } from "./index.js";
import { arrayPrograms } from "./testing.js";

interface Standalone {
  readonly inputs: readonly string[];
  evaluate(inputs: Inputs): unknown;
  gradient?(inputs: Inputs): unknown;
}

/** The emitted text imported as a module, as whoever saves it to a file would. */
const imported = async (module: DirectModule): Promise<Standalone> =>
  import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(module.emit("js"))}`);

const message = (error: unknown) => (error instanceof Error ? error.message : String(error));
const outcome = <T>(run: () => T): T | string => {
  try {
    return run();
  } catch (error) {
    return message(error);
  }
};

const programs: readonly [source: string, inputs: Inputs, options?: CompileOptions][] = [
  ["(+ (* a a) (sin b))", { a: 1.5, b: -2 }],
  ["3", {}],
  ["(expt x (gcd 12 18))", { x: 1.1 }],
  ["(+ (lcm a b) (modulo a b) (remainder a b) (quotient a b) (round c))", { a: -14, b: 4, c: 2.5 }],
  ["(if (odd? n) (log x) (if (even? n) (sqrt x) 0))", { n: 2, x: 3 }],
  ["(loop ((i 0) (acc 0)) (if (< i n) (recur (+ i 1) (+ acc (* x i))) acc))", { n: 10, x: 0.3 }, { dtype: "float32" }],
  ["(define (sum n) (if (= n 0) x (+ n (sum (- n 1))))) (sum depth)", { x: 0.25, depth: 20_000 }],
  ["(define (ev n) (if (= n 0) 1 (od (- n 1)))) (define (od n) (if (= n 0) 0 (ev (- n 1)))) (ev n)", { n: 50_000 }],
  ["(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1))))) (sum n)", { n: 1e9 }, { frames: 1000 }],
  ["(loop ((i 0)) (if (< i n) (recur i) i))", { n: 1 }, { iterations: 1000 }],
  ["(+ 1 (sqrt (- x 1)))", { x: 0.5 }, { domain: "strict" }],
  ["(+ (dot v v) (ref v i))", { v: [1, 2, 3], i: 1 }, { inputs: { v: [3], i: [] } }],
  ["(+ (dot v v) (ref v i))", { v: [1, 2, 3], i: 3 }, { inputs: { v: [3], i: [] } }],
  [
    "(det (* 2 m))",
    {
      m: [
        [1, 2],
        [3, 5],
      ],
    },
    { inputs: { m: [2, 2] } },
  ],
  ["(/ a (modulo b 2))", { a: 1, b: 4 }, { domain: "strict" }],
];

test.each(programs)("js: %s", async (source, inputs, options) => {
  const module = compile(source, options);
  const alone = await imported(module);
  expect(alone.inputs).toEqual(module.inputs);
  expect(outcome(() => alone.evaluate(inputs))).toEqual(outcome(() => module.evaluate(inputs)));
  expect(outcome(() => alone.gradient?.(inputs))).toEqual(outcome(() => module.gradient(inputs)));
});

test("js: arrays in and out", async () => {
  const module = compile("(matvec m (scale 2 v))", { inputs: { m: [2, 2], v: [2] } });
  const alone = await imported(module);
  const inputs = {
    m: [
      [1, 2],
      [3, 4],
    ],
    v: [0.5, 1],
  };
  expect(alone.evaluate(inputs)).toEqual(module.evaluate(inputs));
  expect(alone.gradient).toBeUndefined();
  expect(() => alone.evaluate({ m: [[1, 2]], v: [1, 2] })).toThrow('input "m" must have shape [2, 2]');
});

test.each(arrayPrograms)("js: $source", async ({ source, shapes, inputs }) => {
  for (const dtype of ["float64", "float32"] as const) {
    const module = compile(source, { inputs: shapes, dtype });
    const alone = await imported(module);
    expect(alone.evaluate(inputs)).toEqual(module.evaluate(inputs));
    expect(alone.gradient?.(inputs)).toEqual(module.shape.length === 0 ? module.gradient(inputs) : undefined);
  }
});

test("js: a file that node runs, and TypeScript has types for", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "softmachine-js-"));
  const options = { params: { g: 9.81 }, inputs: { v: [3], M: [3, 3] } };
  const tail = "(define (tail n a) (if (= n 0) a (tail (- n 1) (+ a (sin (ref v 0))))))";
  const source = `${tail} (+ (tail 50000 0) (* g (dot v (matvec M v))) (* 0 */y))`;
  writeFileSync(path.join(folder, "law.mjs"), compile(source, options).emit("js"));
  const call = "law.gradient({ v: [0.1, 0.2, 0.3], M: [[1, 2, 3], [4, 5, 6], [7, 8, 9]], '*/y': 1 })";
  writeFileSync(
    path.join(folder, "run.mjs"),
    `import * as law from "./law.mjs";\nconsole.log(JSON.stringify(${call}));\n`,
  );
  const ran = spawnSync(process.execPath, [path.join(folder, "run.mjs")], { encoding: "utf8" });
  expect(ran.stderr).toBe("");
  const given = { v: [0.1, 0.2, 0.3], M: [1, 4, 7].map((first) => [first, first + 1, first + 2]), "*/y": 1 };
  expect(JSON.parse(ran.stdout)).toEqual(compile(source, options).gradient(given));
  writeFileSync(
    path.join(folder, "use.mts"),
    `import * as law from "./law.mjs";
const { value, gradient } = ${call};
export const right: [number, number, number[], number[][]] = [value, gradient.g, gradient.v, gradient.M];
// @ts-expect-error an input is missing
law.evaluate({ v: [0.1, 0.2, 0.3] });
// @ts-expect-error an array is no number
law.evaluate({ v: 1, M: [[1]], "*/y": 1 });
`,
  );
  const tsc = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  const flags = ["--noEmit", "--strict", "--allowJs", "--module", "nodenext", "--target", "es2022", "--types", ""];
  const checked = spawnSync(process.execPath, [tsc, ...flags, "use.mts"], { cwd: folder, encoding: "utf8" });
  expect(checked.stdout).toBe("");
  expect(checked.status).toBe(0);
  rmSync(folder, { recursive: true });
});

test("js: inputs by name, parameters, and what is wrong with them", async () => {
  const { evaluate } = await imported(compile("(* g h)", { params: { g: 9.81 } }));
  expect(evaluate({ h: 2 })).toBe(19.62);
  expect(evaluate({ h: 2, g: 1 })).toBe(2);
  expect(() => evaluate({})).toThrow('missing input "h"');
  expect(() => evaluate({ h: 1, hh: 1 })).toThrow('unknown input "hh"');
});

test("js: each operation has its meaning and its domain", async () => {
  const special = [0, -0, 1, -1, 0.5, -1.5, 2, 2.5, 3, -4, 12, 1e300, Infinity, -Infinity, Number.NaN];
  for (const op of opNames.filter((name) => specOf(name).group === "scalar"))
    for (const domain of ["ieee", "strict"] as const) {
      const unary = specOf(op).arity[1] === 1 || op === "log";
      const module = compile(unary ? `(${op} a)` : `(${op} a b)`, { domain });
      const alone = await imported(module);
      for (const a of special)
        for (const b of unary ? [0] : special) {
          const inputs: Inputs = unary ? { a } : { a, b };
          expect(
            outcome(() => alone.evaluate(inputs)),
            `${op} ${a} ${b}`,
          ).toEqual(outcome(() => module.evaluate(inputs)));
        }
    }
});

test("js: random programs are bit-equal to the module", async () => {
  const names = ["x", "y", "z"];
  const cases = fc.record({
    source: randomProgram({ inputs: names, derivatives: true }),
    row: fc.tuple(...names.map(() => fc.integer({ min: -40, max: 40 }).map((k) => k / 10))),
    dtype: fc.constantFrom("float64" as const, "float32" as const),
    domain: fc.constantFrom("ieee" as const, "strict" as const),
  });
  await fc.assert(
    fc.asyncProperty(cases, async ({ source, row, dtype, domain }) => {
      const module = compile(source, { dtype, domain, iterations: 20_000, frames: 2000 });
      const alone = await imported(module);
      const inputs = Object.fromEntries(module.inputs.map((name) => [name, row[names.indexOf(name)]]));
      expect(outcome(() => alone.evaluate(inputs))).toEqual(outcome(() => module.evaluate(inputs)));
      expect(outcome(() => alone.gradient?.(inputs))).toEqual(outcome(() => module.gradient(inputs)));
    }),
    { numRuns: 100 },
  );
});

/** Programs of each form, random ones, and some on arrays, drawn with their gradients where they have any. */
function drawings(): string[] {
  const written = [
    "(* (+ a b) (+ a b))",
    "3",
    "(if (> x 0) (log x) (loop ((i 0) (s 1)) (if (< i 3) (recur (+ i 1) (* s x)) s)))",
    "(loop ((i 0)) (recur (+ i x)))",
    "(loop ((i 0)) (if (< i x) i (if (> i x) (recur (+ i 1)) (recur (+ i 2)))))",
    "(define (f n) (if (= n 0) 1 (* n (f (- n 1))))) (f k)",
  ];
  const random = fc.sample(randomProgram({ inputs: ["x", "y", "z"] }), { numRuns: 80, seed: 11 });
  const onNumbers = [...written, ...random].flatMap((source) => {
    const module = compile(source);
    return [module.emit("graph"), module.emit("graph", { gradient: true })];
  });
  return [
    ...onNumbers,
    ...arrayPrograms.map(({ source, shapes }) => compile(source, { inputs: shapes }).emit("graph")),
  ];
}

test("graph: every edge joins two nodes, and every box is closed", () => {
  for (const text of drawings()) {
    const nodes = new Set([...text.matchAll(/^ *(n\d+) \[/gm)].map((match) => match[1]));
    const ends = [...text.matchAll(/^ *(n\d+) -> (n\d+)/gm)].flatMap((match) => [match[1], match[2]]);
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) expect(nodes.has(end)).toBe(true);
    const bare = text.replace(/"(?:[^"\\]|\\.)*"/g, '""');
    expect([...bare.matchAll(/\{/g)].length).toBe([...bare.matchAll(/\}/g)].length);
  }
});

const graphviz = spawnSync("dot", ["-V"]).status === 0;

test.runIf(graphviz)("graph: Graphviz draws it (needs dot)", () => {
  const { status, stderr, stdout } = spawnSync("dot", ["-Tsvg"], {
    input: drawings().join("\n"),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout.match(/<svg/g)).toHaveLength(drawings().length);
});

test("graph: inputs, parameters, results, operations and regions have their names", () => {
  const labels = (text: string) => [...text.matchAll(/\[label="([^"]*)"/g)].map((match) => match[1]);
  const product = compile("(* g (+ a b) (+ a b))", { params: { g: 2 } });
  expect(labels(product.emit("graph")).sort()).toEqual(["*", "*", "+", "a", "b", "g = 2", "value"]);
  expect(labels(product.emit("graph", { gradient: true }))).toEqual(
    expect.arrayContaining(["value", "d/dg", "d/da", "d/db"]),
  );
  expect(compile("(sin x)").emit("graph")).toContain('tooltip="1:1 (sin x)"');
  const loop = compile("(loop ((i 0) (s 1)) (if (< i 3) (recur (+ i 1) (* s x)) (tanh s)))").emit("graph");
  for (const label of ["loop", "again", "at the end", " at first", " next 1", " next 2", " yes", " no"])
    expect(loop).toContain(`label="${label}"`);
  // The test alone decides whether it goes on.
  expect(labels(loop)).not.toContain("if");
  const recursion = compile("(define (f n) (if (= n 0) 1 (* n (f (- n 1))))) (f k)").emit("graph");
  expect(recursion).toContain('label="function f"');
  expect(labels(recursion).filter((label) => label === "call f")).toHaveLength(2);
});
