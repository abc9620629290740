import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { compile, type FitData, type FitOptions, fitMethods } from "./index.js";

const xs = Float64Array.from({ length: 40 }, (_, i) => 0.1 + i / 10);
/** Fixed residuals that look like noise. */
const wiggle = (i: number) => Math.sin(12.9898 * (i + 1)) * 0.05;

describe.each(fitMethods)("%s", (method) => {
  test("recovers the parameters of exact data", () => {
    const module = compile("(* a (exp (* (- 0 k) x)))");
    const y = module.batch({ a: 2.5, k: 0.7, x: xs });
    const fit = module.fit({ x: xs, y }, { target: "y", params: { a: 1, k: 1 }, method });
    expect(fit.params.a).toBeCloseTo(2.5, 6);
    expect(fit.params.k).toBeCloseTo(0.7, 6);
    expect(fit).toMatchObject({ converged: true, warnings: [], rows: 40, method });
    expect(fit.rSquared).toBeCloseTo(1, 9);
  });

  test("gives a line's closed-form parameters, errors and residuals", () => {
    const module = compile("(+ b (* m x))");
    const y = xs.map((x, i) => 1 + 2 * x + wiggle(i));
    const n = xs.length;
    const mean = (values: Float64Array) => values.reduce((sum, v) => sum + v, 0) / n;
    const [mx, my] = [mean(xs), mean(y)];
    const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
    const m = xs.reduce((sum, x, i) => sum + (x - mx) * (y[i] - my), 0) / sxx;
    const b = my - m * mx;
    const squares = xs.reduce((sum, x, i) => sum + (y[i] - b - m * x) ** 2, 0);
    const s = Math.sqrt(squares / (n - 2));
    const fit = module.fit({ x: xs, y }, { target: "y", params: { m: 1, b: 0 }, method });
    expect(fit.params.m).toBeCloseTo(m, 6);
    expect(fit.params.b).toBeCloseTo(b, 6);
    expect(fit.residualStandardError).toBeCloseTo(s, 8);
    expect(fit.errors.m).toBeCloseTo(s / Math.sqrt(sxx), 8);
    expect(fit.errors.b).toBeCloseTo(s * Math.sqrt(1 / n + mx ** 2 / sxx), 8);
    const total = y.reduce((sum, v) => sum + (v - my) ** 2, 0);
    expect(fit.rSquared).toBeCloseTo(1 - squares / total, 8);
  });

  test("stays within bounds, and says when it ends at one", () => {
    const module = compile("(* k x)");
    const y = xs.map((x) => 3 * x);
    const fit = module.fit({ x: xs, y }, { target: "y", params: { k: 1 }, bounds: { k: [0, 2] }, method });
    expect(fit.params.k).toBe(2);
    expect(fit.converged).toBe(true);
    expect(fit.warnings).toEqual(['"k" ended at its bound 2']);
  });

  test("takes parameters of very different sizes", () => {
    const module = compile("(+ (* G x) (/ c x))");
    const y = module.batch({ G: 6.674e-11, c: 3e-9, x: xs });
    const fit = module.fit({ x: xs, y }, { target: "y", params: { G: 1e-11, c: 1e-9 }, method });
    // Adam comes near in its iterations, along the valley that G and c share.
    const digits = method === "adam" ? 2 : 6;
    expect(fit.params.G / 6.674e-11).toBeCloseTo(1, digits);
    expect(fit.params.c / 3e-9).toBeCloseTo(1, digits);
  });
});

/** Certified results of the Statistical Reference Datasets (National Institute of Standards and Technology, 1998). */
const certified = [
  {
    name: "Misra1a",
    law: "(* b1 (- 1 (exp (- 0 (* b2 x)))))",
    start: { b1: 500, b2: 0.0001 },
    x: [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760],
    y: [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.4, 75.47, 81.78],
    params: { b1: 238.94212918, b2: 5.5015643181e-4 },
    errors: { b1: 2.7070075241, b2: 7.2668688436e-6 },
    residualStandardError: 0.1018787633,
  },
  {
    name: "Eckerle4",
    law: "(* (/ b1 b2) (exp (* -0.5 (square (/ (- x b3) b2)))))",
    start: { b1: 1, b2: 10, b3: 500 },
    x: [
      400, 405, 410, 415, 420, 425, 430, 435, 436.5, 438, 439.5, 441, 442.5, 444, 445.5, 447, 448.5, 450, 451.5, 453,
      454.5, 456, 457.5, 459, 460.5, 462, 463.5, 465, 470, 475, 480, 485, 490, 495, 500,
    ],
    y: [
      0.0001575, 0.0001699, 0.000235, 0.0003102, 0.0004917, 0.000871, 0.0017418, 0.00464, 0.0065895, 0.0097302,
      0.0149002, 0.023731, 0.0401683, 0.0712559, 0.1264458, 0.2073413, 0.2902366, 0.3445623, 0.3698049, 0.3668534,
      0.3106727, 0.2078154, 0.1164354, 0.0616764, 0.03372, 0.0194023, 0.0117831, 0.0074357, 0.0022732, 0.00088,
      0.0004579, 0.0002345, 0.0001586, 0.0001143, 0.000071,
    ],
    params: { b1: 1.5543827178, b2: 4.0888321754, b3: 451.54121844 },
    errors: { b1: 0.015408051163, b2: 0.046803020753, b3: 0.046800518816 },
    residualStandardError: 0.0067629245447,
  },
] as const;

test.each(certified)(
  "$name has its certified parameters, errors and residuals",
  ({ law, start, x, y, ...expected }) => {
    for (const method of ["levenberg-marquardt", "l-bfgs"] as const) {
      const fit = compile(law).fit({ x, y }, { target: "y", params: start, method });
      expect(fit.residualStandardError / expected.residualStandardError).toBeCloseTo(1, 7);
      for (const key of ["params", "errors"] as const)
        for (const [name, value] of Object.entries(expected[key])) expect(fit[key][name] / value).toBeCloseTo(1, 6);
    }
  },
);

test("leaves a branch's domain and finds its way back, in strict mode too", () => {
  for (const domain of ["ieee", "strict"] as const) {
    const module = compile("(log (- x c))", { domain });
    const y = module.batch({ x: xs, c: -0.5 });
    const fit = module.fit({ x: xs, y }, { target: "y", params: { c: 0 } });
    expect(fit.params.c).toBeCloseTo(-0.5, 8);
  }
});

test("a row of large sigma counts little", () => {
  const module = compile("(* k x)");
  const y = xs.map((x, i) => 2 * x + (i === 39 ? 50 : 0));
  const sigma = xs.map((_, i) => (i === 39 ? 1e6 : 1));
  const options = { target: "y", params: { k: 1 } };
  expect(module.fit({ x: xs, y }, options).params.k).toBeGreaterThan(2.2);
  expect(module.fit({ x: xs, y, s: sigma }, { ...options, sigma: "s" }).params.k).toBeCloseTo(2, 6);
  expect(module.fit({ x: xs, y }, { ...options, sigma }).params.k).toBeCloseTo(2, 6);
});

test("parameters of the module are fitted where none are named, and are constants where others are", () => {
  const module = compile("(+ b (* m x))", { params: { b: 1, m: 1 } });
  const y = xs.map((x) => 1 + 3 * x);
  expect(module.fit({ x: xs, y }, { target: "y" }).params).toEqual({ b: expect.closeTo(1), m: expect.closeTo(3) });
  const { params } = module.fit({ x: xs, y }, { target: "y", params: { m: 0 } });
  expect(params).toEqual({ m: expect.closeTo(3) });
});

test("float32 modules are fitted to their precision", () => {
  const module = compile("(* a (sin (* w x)))", { dtype: "float32" });
  const y = xs.map((x) => 2 * Math.sin(1.5 * x));
  const { params, converged } = module.fit({ x: xs, y }, { target: "y", params: { a: 1, w: 1.2 } });
  expect(params.a).toBeCloseTo(2, 4);
  expect(params.w).toBeCloseTo(1.5, 4);
  expect(converged).toBe(true);
});

test("loops and branches are fitted", () => {
  const module = compile("(do ((i 0 (+ i 1)) (y x (if (> y 1) (* r y) (+ y r)))) ((= i 3) y))");
  const y = module.batch({ r: 0.8, x: xs });
  expect(module.fit({ x: xs, y }, { target: "y", params: { r: 0.5 } }).params.r).toBeCloseTo(0.8, 8);
});

test("more starts find what one does not", () => {
  const module = compile("(sin (* w x))");
  const y = module.batch({ w: 6, x: xs });
  const options = { target: "y", params: { w: 1 } };
  expect(module.fit({ x: xs, y }, { ...options, starts: 1 }).rSquared).toBeLessThan(0.5);
  expect(Math.abs(module.fit({ x: xs, y }, options).params.w)).toBeCloseTo(6, 6);
});

describe("identifiability", () => {
  const warningsOf = (source: string, y: (x: number, i: number) => number, options: Omit<FitOptions, "target">) =>
    compile(source).fit({ x: xs, y: xs.map(y) }, { target: "y", ...options });

  test("a flat parameter", () => {
    const fit = warningsOf("(+ (* a x) (floor b))", (x, i) => 2 * x + wiggle(i), { params: { a: 1, b: 0.5 } });
    expect(fit.warnings).toEqual(['"b" is not identifiable: "y" does not depend on it there (flat)']);
    expect(fit.errors.b).toBe(Number.POSITIVE_INFINITY);
    expect(fit.errors.a).toBeLessThan(0.01);
  });

  test("collinear parameters, and not the one beside them", () => {
    const fit = warningsOf("(+ (* a b x) c)", (x, i) => 2 * x + 1 + wiggle(i), { params: { a: 1, b: 1, c: 0 } });
    expect(fit.warnings.join()).toContain('"a", "b" are not identifiable separately');
    expect(fit.errors).toMatchObject({ a: Number.POSITIVE_INFINITY, b: Number.POSITIVE_INFINITY });
    expect(fit.errors.c).toBeLessThan(0.1);
    expect(fit.params.a * fit.params.b).toBeCloseTo(2, 1);
  });

  test("a periodic parameter, with another value that fits", () => {
    const fit = warningsOf("(sin (+ x phi))", (x, i) => Math.sin(x + 0.5) + wiggle(i), {
      params: { phi: 0 },
      bounds: { phi: [-20, 20] },
    });
    expect(fit.params.phi).toBeCloseTo(0.5, 1);
    expect(fit.warnings).toHaveLength(1);
    const other = /^"phi" is not identifiable uniquely: phi = (\S+) fits as well/.exec(fit.warnings[0]);
    const turns = (Number(other?.[1]) - fit.params.phi) / (2 * Math.PI);
    expect(Math.abs(turns)).toBeGreaterThan(0.5);
    expect(turns).toBeCloseTo(Math.round(turns), 3);
  });

  test("no warning for parameters that are determined", () => {
    const fit = warningsOf("(+ a (* b x) (* c x x))", (x, i) => 1 + x - x * x + wiggle(i), {
      params: { a: 0, b: 0, c: 0 },
    });
    expect(fit.warnings).toEqual([]);
  });
});

test("a fit that is stopped early says so", () => {
  const module = compile("(* a (exp (* k x)))");
  const y = module.batch({ a: 2, k: -3, x: xs });
  const fit = module.fit({ x: xs, y }, { target: "y", params: { a: 1, k: 0.5 }, starts: 1, iterations: 2 });
  expect(fit.converged).toBe(false);
  expect(fit.warnings[0]).toMatch(/^no minimum was reached in 2 iterations/);
});

const good = { x: [1, 2, 3], y: [2, 4, 6] };
const faults: readonly (readonly [what: string, data: unknown, options: unknown, message: RegExp])[] = [
  ["a misspelt column", { ...good, xx: [1], x: undefined, X: [1] }, {}, /column "x" must be an array/],
  ["a missing column", { y: [1, 2], z: [1, 2] }, {}, /no column "x"; it has "y", "z"/],
  ["a missing target", { x: [1, 2], Y: [1, 2] }, {}, /no column "y" \(did you mean "Y"\?\)/],
  ["NaN", { x: [1, Number.NaN], y: [1, 2] }, {}, /column "x", row 1: NaN is not a finite number/],
  ["an infinite target", { x: [1, 2], y: [1, Number.POSITIVE_INFINITY] }, {}, /column "y", row 1: Infinity/],
  ["text", { x: [1, "2"], y: [1, 2] }, {}, /column "x", row 1: "2" is not a finite number/],
  ["columns of two lengths", { x: [1, 2, 3], y: [1, 2] }, {}, /columns differ in length: "y" has 2 rows and "x" has 3/],
  ["no rows", { x: [], y: [] }, {}, /no rows/],
  ["fewer rows than parameters", { x: [1], y: [1] }, { params: { k: 1, b: 1 } }, /2 parameters .* 1 rows/],
  ["no data", undefined, {}, /by column name/],
  ["an unknown method", good, { method: "lbfgs" }, /option method must be .* not "lbfgs" \(did you mean "l-bfgs"\?\)/],
  ["an unknown option", good, { start: 3 }, /unknown option "start" \(did you mean "starts"\?\)/],
  ["no parameters", good, { params: {} }, /params must name a parameter/],
  ["an unknown parameter", good, { params: { kk: 1, b: 0 } }, /unknown input "kk"/],
  ["a start that is no number", good, { params: { k: Number.NaN, b: 0 } }, /start of parameter "k"/],
  ["a start outside its bounds", good, { bounds: { k: [2, 3] } }, /"k" starts at 1, outside its bounds 2 to 3/],
  ["bounds the wrong way", good, { bounds: { k: [3, 2] } }, /bounds of "k" must be \[low, high\]/],
  ["bounds of another name", good, { bounds: { m: [0, 1] } }, /bounds are given for "m"/],
  ["a parameter that is a column", { ...good, k: [1, 2, 3] }, {}, /"k" is a parameter to fit and a column/],
  ["a target that is an input", good, { target: "x" }, /target "x" is an input/],
  ["sigma of 0", good, { sigma: [1, 0, 1] }, /sigma must be above 0, not 0, in row 1/],
  ["sigma of another length", good, { sigma: [1] }, /"sigma" has 1 rows and the data has 3/],
  ["no starts", good, { starts: 0 }, /option starts must be a whole number from 1, not 0/],
  ["a tolerance of 2", good, { tolerance: 2 }, /option tolerance/],
  ["a learning rate for another method", good, { learningRate: 0.1 }, /learningRate is for method adam/],
];

test.each(faults)("%s is a clear error", (_what, data, options, message) => {
  const module = compile("(+ b (* k x))");
  const call = () =>
    module.fit(data as FitData, { target: "y", params: { k: 1, b: 0 }, ...(options as Partial<FitOptions>) });
  expect(call).toThrow(SoftmachineError);
  expect(call).toThrow(message);
});

test("programs of arrays are a clear error", () => {
  const vector = compile("(* k (vsum v))", { inputs: { v: [2] } });
  const call = () => vector.fit({ v: [1, 2], y: [1, 2] }, { target: "y", params: { k: 1 } });
  expect(call).toThrow(/input "v" .* is an array/);
  const value = () => compile("(vec k x)").fit(good, { target: "y", params: { k: 1 } });
  expect(value).toThrow(SoftmachineError);
});

test("large tables are fitted as small ones are", () => {
  const module = compile("(* A (sin (+ (* omega t) phi)))");
  const t = Float64Array.from({ length: 5000 }, (_, i) => i / 500);
  const x = module.batch({ A: 2, omega: 3, phi: 0.5, t });
  const bounds = { omega: [0, 10], phi: [-1.5, 1.5] } as const;
  const { params } = module.fit({ t, x }, { target: "x", params: { A: 1, omega: 1, phi: 0 }, bounds });
  expect(params).toEqual({ A: expect.closeTo(2, 9), omega: expect.closeTo(3, 9), phi: expect.closeTo(0.5, 9) });
});

test("a program without a finite value at any start is a clear error", () => {
  const module = compile("(* k (sqrt (- 0 x)))");
  expect(() => module.fit(good, { target: "y", params: { k: 1 } })).toThrow(/not a finite number .* at k = 1/);
});
