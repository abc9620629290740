import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateReference, opNames, readProgram, SourceError, specOf, type Value } from "../scheme/index.js";
import { arrayLowering } from "./array-lowering.js";
import { compile, type DirectModule, type NestedNumbers } from "./index.js";

type Given = Record<string, Value>;

const flat = (value: NestedNumbers): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
const shapeOf = (value: NestedNumbers): number[] =>
  typeof value === "number" ? [] : [value.length, ...shapeOf(value[0])];
const shapesOf = (inputs: Given) => Object.fromEntries(Object.entries(inputs).map(([name, v]) => [name, shapeOf(v)]));
const numberAt = (value: Value, place: number, change: number): Value => {
  let next = 0;
  const copy = (item: NestedNumbers): NestedNumbers =>
    typeof item === "number" ? item + (next++ === place ? change : 0) : item.map(copy);
  return copy(value) as Value;
};

/** For each input, the slope of each number of the value in each number of the input, by central differences. */
function differences(run: (inputs: Given) => NestedNumbers, inputs: Given, h = 1e-5): Record<string, number[]> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const columns = flat(value).map((_, place) => {
        const [high, low] = [h, -h].map((change) => flat(run({ ...inputs, [name]: numberAt(value, place, change) })));
        return high.map((x, i) => (x - low[i]) / (2 * h));
      });
      return [name, columns[0].flatMap((_, i) => columns.map((column) => column[i]))];
    }),
  );
}

function expectClose(found: readonly number[], wanted: readonly number[], tolerance = 1e-6): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, x] of found.entries())
    expect(Math.abs(x - wanted[i]), `element ${i}: ${x} and ${wanted[i]}`).toBeLessThan(
      tolerance * Math.max(1, Math.abs(wanted[i])),
    );
}

/** Value as the reference has it, to the last bit, with declared shapes and without; slopes as differences are. */
function expectRight(source: string, inputs: Given, tolerance = 1e-6): DirectModule {
  const wanted = evaluateReference(readProgram(source), inputs);
  const module = compile(source, { inputs: shapesOf(inputs) });
  expect(module.evaluate(inputs)).toEqual(wanted);
  expect(compile(source).evaluate(inputs)).toEqual(wanted);
  const slopes = differences((given) => module.evaluate<NestedNumbers>(given), inputs);
  const { value, jacobian } = module.jacobian(inputs);
  expect(value).toEqual(wanted);
  const shape = shapeOf(wanted);
  for (const [name, input] of Object.entries(inputs)) {
    expect(shapeOf(jacobian[name])).toEqual([...shape, ...shapeOf(input)]);
    expectClose(flat(jacobian[name]), slopes[name], tolerance);
    expect(module.derivative(name).evaluate(inputs)).toEqual(jacobian[name]);
  }
  if (shape.length === 0) expect(module.gradient<NestedNumbers>(inputs).gradient).toEqual(jacobian);
  return module;
}

const v = [1.5, -2, 0.7];
const w = [0.3, 4, -1.1];
const square = [
  [2, -1, 0.5],
  [4, 3, -2],
  [0.1, 1, 5],
];
const wide = [
  [1, 2, 3],
  [-4, 5, 0.6],
];

const programs: readonly [op: string, source: string, inputs: Given][] = [
  ["vec", "(vec a (* a b) b)", { a: 2, b: 3 }],
  ["ref", "(+ (ref v 0) (* 2 (ref v 2)))", { v }],
  ["ref", "(ref M 1)", { M: wide }],
  ["ref", "(ref v (floor i))", { v, i: 1.5 }],
  ["ref", "(ref M (floor i))", { M: square, i: 2.5 }],
  ["update", "(* v (update v 1 (* a a)))", { v, a: 1.2 }],
  ["update", "(* v (update v (floor i) (sin a)))", { v, i: 2.5, a: 1.2 }],
  ["update", "(matmul M (update M (floor i) (+ v w)))", { M: square, v, w, i: 1.5 }],
  ["dot", "(dot v w)", { v, w }],
  ["cross", "(cross v w)", { v, w }],
  ["norm", "(norm v)", { v }],
  ["normalize", "(normalize v)", { v }],
  ["vsum", "(vsum v)", { v }],
  ["vlen", "(* (vlen v) (vsum v))", { v }],
  ["scale", "(+ (scale a v) (scale v a))", { a: 1.7, v }],
  ["scale", "(scale M a)", { a: 1.7, M: wide }],
  ["mat", "(mat v w (+ v w))", { v, w }],
  ["matmul", "(matmul M N)", { M: wide, N: square }],
  ["matvec", "(matvec M v)", { M: wide, v }],
  ["transpose", "(transpose M)", { M: wide }],
  ["trace", "(trace M)", { M: square }],
  ["det", "(det M)", { M: square }],
  ["det", "(det (mat [a b] [b 3]))", { a: 0.2, b: -4 }],
  ["inv", "(inv M)", { M: square }],
  ["outer", "(outer v w)", { v, w }],
  ["eye", "(* a (eye 3))", { a: 2 }],
  ["zeros", "(+ v (zeros 3))", { v }],
  ["ones", "(* v (ones 3))", { v }],
  ["elementwise", "(- (/ v (square w)) (* 2 (sin v)))", { v, w }],
  ["elementwise", "(max (* 1.1 M) (expt (abs M) 1.5))", { M: square }],
  ["elementwise", "(- v)", { v }],
  ["elementwise", "(if (< (vsum (< v w)) 2) (+ v 1) (* w 3))", { v, w }],
];

describe("each operation", () => {
  test.each(programs)("%s: %s", (_, source, inputs) => {
    expectRight(source, inputs);
  });

  test("each operation on arrays has a row here and a lowering", () => {
    const arrays = opNames.filter((op) => specOf(op).group !== "scalar");
    expect(arrays.filter((op) => !arrayLowering(op))).toEqual([]);
    expect(arrays.filter((op) => !programs.some(([name]) => name === op))).toEqual([]);
    expect(opNames.filter((op) => specOf(op).group === "scalar" && arrayLowering(op))).toEqual([]);
  });

  const entry = fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(0, -0, 1, -1, 2) },
    { weight: 9, arbitrary: fc.double({ min: -4, max: 4, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e300) },
  );
  const matrices = fc
    .integer({ min: 1, max: 7 })
    .chain((n) => fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: n, maxLength: n }));
  test.each(["(det M)", "(inv M)", "(trace (matmul M M))", "(matvec M (ref M 0))"])(
    "%s of random matrices, singular ones too, is the reference's to the last bit",
    (source) => {
      const program = readProgram(source);
      const module = compile(source);
      fc.assert(
        fc.property(matrices, (M) => {
          expect(module.evaluate({ M })).toEqual(evaluateReference(program, { M }));
        }),
        { numRuns: 60 },
      );
    },
  );

  test("a column of zeros makes det 0, whatever stands beside it", () => {
    const module = compile("(det M)", { inputs: { M: [2, 2] } });
    for (const x of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const M = [
        [0, x],
        [0, x],
      ];
      expect(module.evaluate({ M })).toBe(evaluateReference(readProgram("(det M)"), { M }));
      expect(module.evaluate({ M })).toBe(0);
    }
  });

  test("the slopes of det are cofactors where the matrix is singular too", () => {
    const module = compile("(det M)", { inputs: { M: [2, 2] } });
    const slopes = (M: Value) => flat(module.gradient<NestedNumbers>({ M }).gradient.M);
    expectClose(
      slopes([
        [0, 3],
        [0, 5],
      ]),
      [5, 0, -3, 0],
      1e-15,
    );
    expectClose(
      slopes([
        [1, 2],
        [2, 4],
      ]),
      [4, -2, -2, 1],
      1e-15,
    );
    const { hessian } = module.hessian({
      M: [
        [0, 0],
        [0, 0],
      ],
    });
    expectClose(flat(hessian.M.M), [0, 0, 0, 1, 0, 0, -1, 0, 0, -1, 0, 0, 1, 0, 0, 0], 1e-15);
    // The first column depends on the others, past the size that is written out.
    const size = 7;
    const M = Array.from({ length: size }, (_, i) =>
      Array.from({ length: size }, (_item, j) => (j === 0 ? 0 : Math.cos(i * 3 + j * j))),
    );
    const large = compile("(det M)", { inputs: { M: [size, size] } });
    const { value, gradient } = large.gradient<NestedNumbers>({ M });
    expect(Math.abs(value)).toBe(0);
    const wanted = differences((given) => large.evaluate<NestedNumbers>(given), { M }, 1e-3);
    expectClose(flat(gradient.M), wanted.M);
  });
});

describe("an index that is computed", () => {
  const source = "(let ((k (floor i))) (* (ref v k) (ref v k)))";
  test("gives slopes to its element alone, whatever the others are", () => {
    const module = compile("(sqrt (ref v i))", { inputs: { v: [3], i: [] } });
    expect(module.gradient<NestedNumbers>({ v: [-1, 4, 0], i: 1 })).toEqual({
      value: 2,
      gradient: { v: [0, 0.25, 0], i: 0 },
    });
  });
  test.each([3, -1, 0.5, Number.NaN])("outside the array, as %d, is an error", (i) => {
    expect(() => compile("(+ 1 (ref v i))", { inputs: { v: [3] } }).evaluate({ v, i })).toThrow(
      `"ref" at 1:6: index ${i} is outside 0..2`,
    );
  });
  test("of an update, gives it the new element's slopes and keeps the others'", () => {
    const module = compile("(dot [1 10 100] (sqrt (update v i x)))", { inputs: { v: [3], i: [], x: [] } });
    expect(module.gradient<NestedNumbers>({ v: [4, -1, 25], i: 1, x: 0.25 })).toEqual({
      value: 507,
      gradient: { v: [0.25, 0, 10], i: 0, x: 10 },
    });
    expect(() => module.evaluate({ v: [1, 2, 3], i: 3, x: 0 })).toThrow('"update" at 1:23: index 3 is outside 0..2');
  });
  test("in a batch names the row", () => {
    const module = compile(source, { inputs: { v: [2] } });
    const i = Float64Array.of(0, 1, 2);
    expect(() => module.batch({ v: [5, 6], i })).toThrow("in row 2");
    expect([...module.batch({ v: [5, 6], i: i.subarray(0, 2) })]).toEqual([25, 36]);
  });
});

describe("control flow with arrays", () => {
  test.each<[string, string, Given]>([
    ["a loop", "(loop ((i 0) (s (zeros 3))) (if (< i 4) (recur (+ i 1) (+ (* 0.5 s) (sin v))) s))", { v }],
    ["a loop over elements", "(do ((i 0 (+ i 1)) (s 0 (+ s (square (ref v i))))) ((= i (vlen v)) s))", { v }],
    ["a loop that updates", "(do ((i 0 (+ i 1)) (s v (update s i (* (ref s 1) (ref w i))))) ((= i 3) s))", { v, w }],
    ["a branch", "(if (> (ref v 0) 0) (scale 2 v) (cross v v))", { v }],
    ["a function", "(define (f a b) (+ (* a b) (dot a b))) (+ (f v w) (f w w) (f [2 3 4] v))", { v, w }],
    ["recursion", "(define (f n x) (if (= n 0) x (+ 1 (matvec M (f (- n 1) (* x 0.5)))))) (f 3 v)", { M: square, v }],
    [
      "recursion on each other",
      "(define (f n x) (if (= n 0) (vsum x) (g (- n 1) x))) (define (g n x) (* 2 (f n (* 0.5 x)))) (f 3 v)",
      { v },
    ],
    [
      "a value whose recursive call stands first",
      "(define (f n x) (let ((rest (if (> n 0) (f (- n 1) x) (zeros 3)))) (+ rest x))) (f 4 v)",
      { v },
    ],
    [
      "loops within loops",
      `(let outer ((i 0) (x v))
        (if (= i 2) x (let inner ((j 0) (y x)) (if (= j 2) (outer (+ i 1) (+ y x)) (inner (+ j 1) (* y (cos v)))))))`,
      { v },
    ],
    [
      "Kalman filter, 2 states, 3 measurements",
      `(define F (mat [1 0.1] [0 1]))
       (loop ((k 0) (x [0 1]) (P (eye 2)))
         (if (= k 3) (+ (vsum x) (trace P))
           (let* ((x- (matvec F x)) (P- (+ (matmul F (matmul P (transpose F))) (scale q (eye 2))))
                  (H (mat [1 0])) (S (+ (matmul H (matmul P- (transpose H))) r))
                  (K (matmul P- (matmul (transpose H) (inv S))))
                  (y (- (ref z k) (ref x- 0))))
             (recur (+ k 1) (+ x- (* y (ref (transpose K) 0))) (matmul (- (eye 2) (matmul K H)) P-)))))`,
      { q: 0.01, r: 0.5, z: [0.1, 0.25, 0.31] },
    ],
    [
      "gravity of three bodies",
      `(define (pull a b m) (let ((d (- b a))) (scale (/ m (expt (dot d d) 1.5)) d)))
       (+ (pull x y 2) (pull x z m))`,
      { x: [0, 0.1, 0.2], y: [1, 2, -1], z: [-2, 0.5, 1], m: 3 },
    ],
  ])("%s", (_, source, inputs) => {
    expectRight(source, inputs, 1e-5);
  });

  test("a step of the heat equation on 16 points", () => {
    const n = 16;
    const L = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_item, j) => (i === j ? -2 : Math.abs(i - j) === 1 ? 1 : 0)),
    );
    const u = Array.from({ length: n }, (_, i) => Math.sin(i));
    const rows = L.map((row) => `[${row.join(" ")}]`).join(" ");
    const step = "(+ u (scale a (matvec L u)))";
    expectRight(
      `(define L (mat ${rows})) (let step ((k 0) (u u)) (if (= k 5) (dot u u) (step (+ k 1) ${step})))`,
      { u, a: 0.1 },
      1e-5,
    );
    // A matrix of inputs in a loop: the rounds are written out to differentiate it.
    const loop = `(let step ((k 0) (u u)) (if (= k 3) (dot u u) (step (+ k 1) ${step})))`;
    const module = compile(loop, { inputs: { L: [n, n], u: [n], a: [] } });
    const { value, gradient } = module.gradient<NestedNumbers>({ u, a: 0.1, L });
    expect(value).toBe(module.evaluate({ u, a: 0.1, L }));
    const wanted = differences((given) => module.evaluate<NestedNumbers>(given), { u, a: 0.1, L });
    for (const name of ["u", "a", "L"]) expectClose(flat(gradient[name]), wanted[name], 1e-6);
    expectClose(
      flat(module.vjp({ u, a: 0.1, L }, 2).gradient.L),
      wanted.L.map((x) => 2 * x),
      1e-6,
    );
  });

  test("a loop without end ends by its budget", () => {
    const module = compile("(+ v (let f ((x v)) (f (* x 1))))", { inputs: { v: [2] }, iterations: 100 });
    expect(() => module.evaluate({ v: [1, 2] })).toThrow("iterations");
  });
});

test.each<[string, string, Record<string, number[]>, number, number, string]>([
  ["lengths", "(+ 1\n (dot v w))", { v: [3], w: [2] }, 2, 2, '"dot": a vector of 3 and a vector of 2 do not match'],
  ["elementwise", "(* M v)", { M: [2, 2], v: [2] }, 1, 1, '"*": a 2x2 matrix and a vector of 2 do not match'],
  ["rank", "(norm x)", { x: [] }, 1, 1, '"norm": its argument must be a vector, not a number'],
  ["index", "(ref v 3)", { v: [3] }, 1, 1, '"ref": index 3 is outside 0..2'],
  ["square", "(det M)", { M: [2, 3] }, 1, 1, '"det": its argument must be square, not a 2x3 matrix'],
  ["size", "(zeros n)", { n: [] }, 1, 1, '"zeros": its size must be a constant number'],
  ["test", "(if v 1 2)", { v: [2] }, 1, 5, "a test must be a number, not a vector of 2"],
  ["branches", "(+ 1 (if x v 2))", { x: [], v: [2] }, 1, 6, "the branches differ in shape: a vector of 2 and a number"],
  [
    "loop",
    "(loop ((i 0) (s 0)) (if (< i 3) (recur (+ i 1) (+ s v)) s))",
    { v: [2] },
    1,
    48,
    "a loop's variable is a number at first and a vector of 2 here",
  ],
  ["function", "(define (f a) (dot a v))\n(f 2)", { v: [2] }, 1, 15, '"dot": its first argument must be a vector'],
  [
    "recursion",
    "(define (f n) (if (= n 0) v (vsum (f (- n 1)))))\n(f 2)",
    { v: [2] },
    1,
    15,
    "the branches differ in shape: a vector of 2 and a number",
  ],
])("shapes that don't fit, %s: a fault with its position", (_, source, inputs, line, column, what) => {
  let fault: unknown;
  try {
    compile(source, { inputs });
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(SourceError);
  const { line: foundLine, column: foundColumn, what: found } = fault as SourceError;
  expect(found).toContain(what);
  expect([foundLine, foundColumn]).toEqual([line, column]);
});

test.each<[string, Record<string, number[]>, string]>([
  ["(+ x (norm 3))", {}, '1:6: "norm": its argument must be a vector, not a number'],
  ["(+ (vsum x) (dot v [1 2]))", { v: [3] }, '1:13: "dot": a vector of 3 and a vector of 2 do not match'],
  ["(if (vsum x) (det [1 2]) 0)", {}, '1:14: "det"'],
  ["(define (f a) (if (> a 0) (f (- a 1)) (trace 1))) (* (f 1) (vsum x))", {}, '1:39: "trace"'],
])("what is wrong whatever the inputs are is a fault at once: %s", (source, inputs, message) => {
  expect(() => compile(source, { inputs })).toThrow(message);
});

describe("inputs", () => {
  test("without a declared shape take what is given, and shapes that don't fit are faults then", () => {
    const module = compile("(+ (* 2 x) y)");
    expect(module.evaluate({ x: 1, y: 2 })).toBe(4);
    expect(module.evaluate({ x: [1, 2], y: 2 })).toEqual([4, 6]);
    expect(module.evaluate({ x: Float64Array.of(1, 2), y: 1 })).toEqual([3, 5]);
    expect(() => module.evaluate({ x: [1, 2], y: [1, 2, 3] })).toThrow('1:1: "+": a vector of 2 and a vector of 3');
    const dot = compile("(dot v w)");
    expect(dot.gradient<NestedNumbers>({ v: [1, 2], w: [3, 4] })).toEqual({
      value: 11,
      gradient: { v: [3, 4], w: [1, 2] },
    });
    expect(() => dot.evaluate({ v: 1, w: 2 })).toThrow('"dot"');
    expect(() => dot.evaluate({ v: [1, 2] })).toThrow('missing input "w"');
    expect(() => dot.emit("slots")).toThrow('the shapes of inputs "v", "w"');
  });

  const declared = compile("(matvec M v)", { inputs: { M: [2, 2], v: [2] } });
  test.each<[string, () => unknown, string]>([
    ["rank", () => declared.evaluate({ M: 1, v: [1, 2] }), 'input "M" must be a 2x2 matrix, not a number'],
    [
      "length",
      () =>
        declared.evaluate({
          M: [
            [1, 2],
            [3, 4],
          ],
          v: [1, 2, 3],
        }),
      'input "v" must be a vector of 2',
    ],
    ["ragged", () => declared.evaluate({ M: [[1, 2], [3]], v: [1, 2] }), 'input "M" must be a number, a vector or'],
    ["text", () => declared.evaluate({ M: [["1"]], v: [1, 2] } as never), 'not the string "1"'],
    ["deep", () => declared.evaluate({ M: [[[1]]], v: [1, 2] }), 'input "M" nests deeper than a matrix'],
    [
      "gradient",
      () =>
        declared.gradient({
          M: [
            [1, 2],
            [3, 4],
          ],
          v: [1, 2],
        }),
      "this one's is a vector of 2",
    ],
    ["shape", () => compile("v", { inputs: { v: [0] } }), "must be declared by its shape"],
    ["parameter", () => compile("v", { inputs: { v: [2] }, params: { v: 1 } }), "declared as a vector of 2"],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });

  test("typed arrays are vectors, or declared matrices by rows", () => {
    expect(declared.evaluate({ M: Float64Array.of(1, 2, 3, 4), v: Float32Array.of(1, 10) })).toEqual([21, 43]);
  });
});

describe("batches", () => {
  test("the batch axis is no vector axis where sizes coincide", () => {
    const rows = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
    const module = compile("(dot v w)", { inputs: { v: [3], w: [3] } });
    expect([...module.batch({ v: rows, w: [1, 10, 100] })]).toEqual([321, 654, 987]);
    const { value, gradient } = module.batchGradient({ v: rows, w: rows });
    expect([...value]).toEqual([14, 77, 194]);
    expect([...gradient.v]).toEqual([...rows]);
    const scaled = compile("(* x v)", { inputs: { x: [], v: [3] } });
    expect([...scaled.batch({ x: Float64Array.of(1, 2, 3), v: rows })]).toEqual([1, 2, 3, 8, 10, 12, 21, 24, 27]);
    expect([...scaled.batch({ x: 2, v: rows.subarray(0, 3) })]).toEqual([2, 4, 6]);
    expect([...scaled.batch({ x: Float64Array.of(1, 2, 3), v: [1, 1, 1] })]).toEqual([1, 1, 1, 2, 2, 2, 3, 3, 3]);
    // Undeclared, an array is a number for each row.
    expect([...compile("(+ x y)").batch({ x: rows.subarray(0, 3), y: rows.subarray(3, 6) })]).toEqual([5, 7, 9]);
  });

  test.each([1, 3, 100])("%d rows give what single runs give", (count) => {
    const source = "(matvec (inv (+ M (* 9 (eye 2)))) v)";
    const module = compile(source, { inputs: { M: [2, 2], v: [2] } });
    const M = Float64Array.from({ length: 4 * count }, (_, i) => Math.sin(i));
    const single = Array.from({ length: count }, (_, i) =>
      module.evaluate<NestedNumbers>({ M: M.subarray(4 * i, 4 * i + 4), v: [1, i] }),
    );
    const v = Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? 1 : (i - 1) / 2));
    expect([...module.batch({ M, v })]).toEqual(single.flatMap(flat));
    const prepared = module.prepare(count);
    prepared.inputs.M.set(M);
    prepared.inputs.v.set(v);
    prepared.run();
    expect([...prepared.output]).toEqual(single.flatMap(flat));
    expect(() => prepared.runGradient()).toThrow("jacobian");
    const norm = compile(`(norm ${source})`, { inputs: { M: [2, 2], v: [2] } });
    const again = norm.prepare(count);
    again.inputs.M.set(M);
    again.inputs.v.set(v);
    again.runGradient();
    const wanted = norm.batchGradient({ M, v });
    expect([...again.gradient.M]).toEqual([...wanted.gradient.M]);
    const last = norm.gradient<NestedNumbers>({ M: M.subarray(4 * count - 4), v: [1, count - 1] });
    expect([...wanted.gradient.M].slice(-4)).toEqual(flat(last.gradient.M));
  });

  test.each<[string, () => unknown, string]>([
    ["shapes not declared", () => compile("(vsum v)").batch({ v: new Float64Array(6) }), 'shapes of inputs "v"'],
    [
      "no whole rows",
      () => compile("(vsum v)", { inputs: { v: [3] } }).batch({ v: new Float64Array(7) }),
      'input "v" has 7 numbers, which are no whole number of rows of a vector of 3',
    ],
    [
      "rows differ",
      () => compile("(* x v)", { inputs: { x: [], v: [3] } }).batch({ x: new Float64Array(3), v: new Float64Array(3) }),
      '"x" has 3 rows and "v" has 1',
    ],
    [
      "a number for a vector",
      () => compile("(* 1 v)", { inputs: { v: [3] } }).batch({ v: 1 }),
      "must be a vector of 3",
    ],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

describe("derivatives", () => {
  const source = `(loop ((k 0) (u (* x v)) (s 1)) (if (< k 3) (recur (+ k 1) (sin (+ u (* x w))) (* s (norm u)))
                    (if (> x 0) (* s (dot u w)) (vsum u))))`;
  const inputs = { x: 0.7, v, w };
  const module = compile(source, { inputs: shapesOf(inputs) });

  test("the Hessian is the gradient's differences, and symmetric", () => {
    const { value, gradient, hessian } = module.hessian(inputs);
    expect(value).toBe(module.evaluate(inputs));
    for (const name of module.inputs) {
      expectClose(flat(gradient[name]), flat(module.gradient<NestedNumbers>(inputs).gradient[name]), 1e-12);
      const wanted = differences((given) => module.gradient<NestedNumbers>(given).gradient[name], inputs);
      for (const other of module.inputs) expectClose(flat(hessian[name][other]), wanted[other], 1e-5);
    }
    expect(hessian.v.w).toHaveLength(3);
    expectClose(flat(hessian.v.x), flat(hessian.x.v), 1e-9);
  });

  test("products with the Jacobian are what the Jacobian says", () => {
    const map = compile("(+ (matvec M v) (* x (cross v [1 2 3])))", { inputs: { M: [3, 3], v: [3], x: [] } });
    const at = { M: square, v, x: 2 };
    const { jacobian } = map.jacobian(at);
    const { value, tangent } = map.jvp(at, { v: w, x: 0.5 });
    expect(value).toEqual(map.evaluate(at));
    const byV = jacobian.v as number[][];
    const byX = jacobian.x as number[];
    expectClose(
      flat(tangent),
      byV.map((row, i) => row.reduce((sum, slope, j) => sum + slope * w[j], 0.5 * byX[i])),
      1e-12,
    );
    const { gradient } = map.vjp(at, [1, -2, 3]);
    expectClose(
      flat(gradient.v),
      v.map((_, j) => byV[0][j] - 2 * byV[1][j] + 3 * byV[2][j]),
      1e-12,
    );
    expect(shapeOf(gradient.M)).toEqual([3, 3]);
    expect(() => map.vjp(at, 1)).toThrow('"cotangent" must be a vector of 3');
    expect(() => map.jvp(at, { y: 1 })).toThrow('unknown input "y"');
  });

  test("forward and reverse mode agree, more outputs than inputs or fewer", () => {
    const curve = compile("(vec (sin t) (* t t) (if (> t 0) (exp t) 0) 5)");
    expect(curve.jacobian({ t: 0.5 }).jacobian.t).toEqual([Math.cos(0.5), 1, Math.exp(0.5), 0]);
    expect(curve.derivative("t").derivative("t").evaluate({ t: 0.5 })).toEqual([-Math.sin(0.5), 2, Math.exp(0.5), 0]);
    expect(curve.vjp({ t: 0.5 }, [0, 1, 0, 7]).gradient.t).toBe(1);
  });

  test("third order, and through recursion", () => {
    const cube = compile("(define (p n) (if (= n 0) 1 (* x (p (- n 1))))) (p 4)");
    expect(cube.derivative("x").derivative("x").derivative("x").evaluate({ x: 2 })).toBe(48);
    expect(cube.hessian({ x: 2 }).hessian.x.x).toBe(48);
    expect(cube.jvp({ x: 2 }, { x: 0.5 })).toEqual({ value: 16, tangent: 16 });
  });

  test("of a module whose shapes come with the call", () => {
    const undeclared = compile("(dot v v)");
    expect(undeclared.hessian({ v: [1, 2] }).hessian.v.v).toEqual([
      [2, 0],
      [0, 2],
    ]);
    expect(undeclared.jvp({ v: [1, 2] }, { v: [1, 0] }).tangent).toBe(2);
    expect(() => undeclared.derivative("v")).toThrow("declare them");
  });

  test("of a constant", () => {
    expect(compile("3").jvp({}, {})).toEqual({ value: 3, tangent: 0 });
    expect(compile("[1 2]").jacobian({})).toEqual({ value: [1, 2], jacobian: {} });
    expect(compile("3").hessian({})).toEqual({ value: 3, gradient: {}, hessian: {} });
  });
});

test("float32 rounds each element", () => {
  const module = compile("(* v w)", { inputs: { v: [2], w: [2] }, dtype: "float32" });
  const [a, b] = [Math.fround(0.1), Math.fround(0.7)];
  expect(module.evaluate({ v: [0.1, 0.7], w: [0.7, 0.1] })).toEqual([Math.fround(a * b), Math.fround(b * a)]);
});

test("strict mode checks each element, and names it", () => {
  const module = compile("(+ 1 (sqrt v))", { inputs: { v: [3] }, domain: "strict" });
  expect(module.evaluate({ v: [1, 4, 9] })).toEqual([2, 3, 4]);
  expect(() => module.evaluate({ v: [1, -4, 9] })).toThrow('"sqrt" at 1:6');
});

test("tensors are for programs on numbers", () => {
  expect(() => compile("(vsum v)", { inputs: { v: [2] } }).apply({})).toThrow('missing input "v"');
});

describe("larger matrices", () => {
  const square = (size: number, item: (i: number, j: number) => number) =>
    Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_item, j) => item(i, j)));
  // Rows must be exchanged at each step.
  const some = (size: number) => square(size, (i, j) => Math.sin(1 + i * 7.3 + j * j * 1.7) + (i + j === size ? 2 : 0));

  test("24 rows: values to the last bit", () => {
    const regular = some(24);
    // Columns 3 and 10 are 0: elimination ends at the first.
    const singular = regular.map((row) => row.map((x, j) => (j === 3 || j === 10 ? 0 : x)));
    for (const m of [regular, singular])
      for (const source of ["(det m)", "(inv m)"])
        expect(compile(source, { inputs: { m: [24, 24] } }).evaluate({ m })).toEqual(
          evaluateReference(readProgram(source), { m }),
        );
  });

  test("16 rows: slopes are cofactors, by the inverse", () => {
    const m = some(16);
    const { value, gradient } = compile("(det m)", { inputs: { m: [16, 16] } }).gradient<NestedNumbers>({ m });
    const cofactors = compile("(scale (transpose (inv m)) (det m))", { inputs: { m: [16, 16] } });
    expect(value).toBe(evaluateReference(readProgram("(det m)"), { m }));
    expectClose(flat(gradient.m), flat(cofactors.evaluate<NestedNumbers>({ m })), 1e-9);
  });

  test("7 rows, of which a column depends on those before: slopes are cofactors still", () => {
    for (let column = 0; column < 7; column++) {
      const m = square(7, (i, j) => (j === column ? 0 : Math.round(4 * Math.sin(i * 3 + j * j)) + (i === j ? 5 : 0)));
      const { value, gradient } = compile("(det m)", { inputs: { m: [7, 7] } }).gradient<NestedNumbers>({ m });
      expect(Math.abs(Number(value))).toBe(0);
      const minors = square(7, (i, j) => {
        const minor = m.filter((_, other) => other !== i).map((row) => row.filter((_, other) => other !== j));
        return (-1) ** (i + j) * Number(evaluateReference(readProgram("(det m)"), { m: minor }));
      });
      expectClose(flat(gradient.m), flat(minors), 1e-9);
      expectClose(flat(evaluateReference(readProgram("(derivative (det m) m)"), { m })), flat(minors), 1e-9);
    }
  });

  test("16 rows: a linear system's solution has slopes, the adjoint system's", () => {
    const m = some(16);
    const module = compile("(vsum (matvec (inv m) b))", { inputs: { m: [16, 16], b: [16] } });
    const b = Array.from({ length: 16 }, (_, i) => i - 5);
    const adjoint = compile("(matvec (transpose (inv m)) (ones 16))", { inputs: { m: [16, 16] } });
    expectClose(
      flat(module.gradient<NestedNumbers>({ m, b }).gradient.b),
      flat(adjoint.evaluate<NestedNumbers>({ m })),
      1e-9,
    );
  });
});
