import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compileToFixedPoint,
  type Grid,
  gridOf,
  gridPoint,
  instructionCount,
  nearestOnGrid,
  parseAssembly,
  printAssembly,
} from "../assembler/index.js";
import { type Expression, evaluateReference, readProgram, SoftmachineError, scalarMeaning } from "../scheme/index.js";
import { flashParameters } from "./adaptive/parameters.js";
import {
  certainBits,
  decompile,
  flash,
  flashBinary,
  flashLogits,
  initialBinaryState,
  initialState,
  oneHot,
  programFromLogits,
  randomDistributions,
  runExact,
  seededRandom,
  softBackward,
  softForward,
  softRun,
  tabulate,
  tracePair,
} from "./index.js";
import { cotangentsFor, expectClose, lossOf } from "./testing.js";

/** The value of a program without functions, each operation's result rounded to the grid. */
function onGrid(grid: Grid, text: string, inputs: Readonly<Record<string, number>>): number {
  const rounded = (x: number) => gridPoint(grid, nearestOnGrid(grid, x));
  const zero = rounded(0);
  const evaluate = (node: Expression, scope: ReadonlyMap<string, number>): number => {
    switch (node.kind) {
      case "constant":
        return rounded(node.value);
      case "variable":
        return scope.get(node.name) ?? Number.NaN;
      case "primitive": {
        const args = node.args.map((arg) => evaluate(arg, scope));
        const step = (...numbers: number[]) => rounded(scalarMeaning(node.op)(...numbers));
        return args.length <= 2 ? step(...args) : args.slice(1).reduce((total, arg) => step(total, arg), args[0]);
      }
      case "if":
        return evaluate(evaluate(node.test, scope) === zero ? node.alternative : node.consequent, scope);
      case "let":
        return evaluate(node.body, new Map([...scope, [node.name, evaluate(node.value, scope)]]));
      default:
        throw new Error(`no ${node.kind} here`);
    }
  };
  const { body } = readProgram(text);
  return evaluate(body, new Map(Object.entries(inputs).map(([name, value]) => [name, rounded(value)])));
}

const unary = ["sin", "cos", "exp", "sqrt", "log", "tanh", "abs", "floor", "not", "negative?", "square"];
const binary = ["+", "-", "*", "/", "max", "<", "=", "modulo", "expt", "atan"];
const real = fc.double({ min: -3, max: 3, noNaN: true }).map((x) => x.toFixed(2));

function expression(depth: number, scope: readonly string[]): fc.Arbitrary<string> {
  const leaf = fc.oneof(fc.constantFrom(...scope), real);
  if (depth === 0) return leaf;
  const sub = expression(depth - 1, scope);
  const name = `z${depth}`;
  return fc.oneof(
    leaf,
    fc.tuple(fc.constantFrom(...unary), sub).map(([op, a]) => `(${op} ${a})`),
    fc.tuple(fc.constantFrom(...binary), sub, sub).map(([op, a, b]) => `(${op} ${a} ${b})`),
    fc.tuple(sub, sub, sub).map(([test, a, b]) => `(if ${test} ${a} ${b})`),
    fc.tuple(sub, expression(depth - 1, [...scope, name])).map(([a, body]) => `(let ((${name} ${a})) ${body})`),
  );
}

/** A run's result from real operands, which are rounded to the grid. */
function run({ grid, image }: ReturnType<typeof compileToFixedPoint>, operands: readonly number[]): number {
  const values = operands.map((number) => nearestOnGrid(grid, number));
  return Number(runExact(image, "main", values).value);
}

describe("programs on a grid", () => {
  it("round the result of each operation to the nearest point", () => {
    const inputs = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(expression(3, ["x", "y"]), inputs, inputs, fc.constantFrom(4, 8), (body, x, y, registers) => {
        const text = `(+ x (* 0 y) ${body})`;
        const program = compileToFixedPoint(text, { n: 101, lo: -4, hi: 4, registers });
        expect(run(program, [x, y])).toBe(onGrid(program.grid, text, { x, y }));
        expect(parseAssembly(printAssembly(program.assembly))).toEqual(program.assembly);
      }),
      { numRuns: 60 },
    );
  });

  it("come nearer to the program's value the finer the grid is", () => {
    const pendulum = "(* 2 pi (sqrt (/ l g)))".replace("pi", "3.141592653589793");
    const exact = Number(evaluateReference(readProgram(pendulum), { l: 2, g: 9.81 }));
    const errors = [64, 256, 1024].map((n) =>
      Math.abs(run(compileToFixedPoint(pendulum, { n, lo: 0, hi: 10 }), [2, 9.81]) - exact),
    );
    expect(errors[2]).toBeLessThan(0.1);
    expect(errors[2]).toBeLessThan(errors[0]);
  });

  it("run loops, functions and recursion", () => {
    const euler = "(let go ((t 0) (y 1)) (if (< t 1) (go (+ t 0.125) (- y (* 0.125 y))) y))";
    expect(run(compileToFixedPoint(euler, { n: 1024, lo: -0.5, step: 1 / 512 }), [])).toBeCloseTo(0.875 ** 8, 2);
    const power = "(define (f x k) (if (= k 0) 1 (* x (f x (- k 1))))) (+ (f x 3) (f x 2))";
    expect(run(compileToFixedPoint(power, { n: 1601, lo: -8, hi: 8 }), [1.5])).toBeCloseTo(1.5 ** 3 + 1.5 ** 2, 1);
    expect(run(compileToFixedPoint("(dot [x 2] [x 1])", { n: 65, lo: -8, hi: 8 }), [1.5])).toBe(4.25);
  });

  it("stay at the grid's ends, and take what is no number for 0", () => {
    const grid = { n: 17, lo: -2, hi: 2 };
    expect(run(compileToFixedPoint("(exp x)", grid), [2])).toBe(2);
    expect(run(compileToFixedPoint("(* x -2)", grid), [2])).toBe(-2);
    expect(run(compileToFixedPoint("(sqrt x)", grid), [-1])).toBe(0);
    expect(nearestOnGrid(gridOf(grid), Number.NEGATIVE_INFINITY)).toBe(0);
  });

  it("tell true from false where 0 is no point, or the first", () => {
    const choice = "(if (- x 1) x (* 2 x))";
    expect(run(compileToFixedPoint(choice, { n: 5, lo: 0, hi: 4 }), [1])).toBe(2);
    expect(run(compileToFixedPoint(choice, { n: 8, lo: 0.9, hi: 4.4 }), [1.4])).toBeCloseTo(1.4);
  });

  it("take indices and sizes for the whole numbers that they are", () => {
    const grid = { n: 65, lo: -8, hi: 8 };
    const inputs = { v: [3] };
    for (const [i, value] of [
      [0, 1.5],
      [1, -2],
      [2, 4],
      [1.9, 4],
    ])
      expect(run(compileToFixedPoint("(ref v i)", { ...grid, inputs }), [i, 1.5, -2, 4])).toBe(value);
    const updated = compileToFixedPoint("(+ (ref v 0) (vsum (update v i 2.5)))", { ...grid, inputs });
    expect(run(updated, [1, 1.5, -2, 1])).toBe(1.5 + 1.5 + 2.5 + 1);
    expect(run(compileToFixedPoint("(ref [x 2] 1)", grid), [1])).toBe(2);
    expect(run(compileToFixedPoint("(let ((i 1)) (ref [x 2.5] i))", grid), [1])).toBe(2.5);
    expect(run(compileToFixedPoint("(+ x (vsum (ones 3)))", grid), [1])).toBe(4);
    expect(run(compileToFixedPoint("(+ x (vsum (scale 0.25 (ones 20))))", grid), [1])).toBe(6);
    const matrix = compileToFixedPoint("(vsum (ref M (+ i 1)))", { ...grid, inputs: { M: [2, 2] } });
    expect(run(matrix, [0, 1, 2, 3, 0.25])).toBe(3.25);
    expect(parseAssembly(printAssembly(matrix.assembly))).toEqual(matrix.assembly);
  });

  it("have tables of their answers too", () => {
    const { image, grid } = compileToFixedPoint("(sin x)", { n: 33, lo: -4, hi: 4 });
    const { values } = tabulate(image, "main");
    expect(Array.from(values, (value) => gridPoint(grid, value))).toEqual(
      Array.from({ length: 33 }, (_, i) => gridPoint(grid, nearestOnGrid(grid, Math.sin(gridPoint(grid, i))))),
    );
  });

  it.each<[text: string, n: number, lo: number, hi: number, message: string]>([
    ["(+ x 9)", 16, 0, 4, "<program>:1:6: 9 is outside the grid, which goes from 0 to 4"],
    ["(ref [x 1] 2)", 16, 0, 4, '<program>:1:1: "ref": index 2 is outside 0..1'],
    ["x", 8192, 0, 4, "n of a grid must be a whole number from 2 to 4096; got 8192"],
    ["x", 16, 4, 4, "a grid goes from one number to a larger one, not from 4 to 4"],
  ])("refuse %s on %i points from %d to %d", (text, n, lo, hi, message) => {
    expect(() => compileToFixedPoint(text, { n, lo, hi })).toThrow(SoftmachineError);
    expect(() => compileToFixedPoint(text, { n, lo, hi })).toThrow(message);
  });

  it("run on bits where the points are a power of two", () => {
    const { image } = compileToFixedPoint("(let go ((x x)) (if (< x 1) (go (+ x 0.5)) (exp (- 0 x))))", {
      ...{ n: 32, lo: -4, hi: 3.75 },
    });
    for (const x of [0, 13, 20, 31]) {
      const { registers, steps } = runExact(image, "main", [x]);
      const state = initialBinaryState(image, "main", certainBits([x], 5), 1);
      const soft = softForward(flashBinary(image), state, { steps }).result;
      expect(soft.registers).toEqual(certainBits(registers, 5));
      expect(soft.halted[0]).toBe(1);
    }
    const odd = compileToFixedPoint("(sin x)", { n: 33, lo: 0, hi: 4 }).image;
    expect(() => flashBinary(odd)).toThrow(SoftmachineError);
  });
});

describe("programs on a grid, run softly", () => {
  it("equal the exact machine bit for bit at each step", () => {
    fc.assert(
      fc.property(expression(2, ["x", "y"]), fc.nat(20), fc.nat(20), (body, x, y) => {
        const { image } = compileToFixedPoint(`(+ x (* 0 y) ${body})`, { n: 21, lo: -4, hi: 4 });
        const { soft, exact } = tracePair(image, "main", [x, y]);
        exact.forEach(({ registers, next, halted }, i) => {
          expect(soft[i + 1].registers).toEqual(oneHot([...registers], 21));
          expect(soft[i + 1].counter[next]).toBe(1);
          expect(soft[i + 1].halted).toBe(halted ? 1 : 0);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("give on an uncertain operand what the exact machine gives on each of its values", () => {
    const { image } = compileToFixedPoint("(exp (* -0.5 (sin x)))", { n: 33, lo: -2, hi: 2 });
    const p = randomDistributions(1, 33, seededRandom(1));
    const { registers } = softRun(flash(image), initialState(image, "main", p, 1), { steps: 20 });
    const expected = new Float64Array(33);
    p.forEach((weight, x) => {
      expected[runExact(image, "main", [x]).result] += weight;
    });
    expectClose(registers.subarray(0, 33), expected, 1e-12);
  });

  it("have gradients that are central differences", () => {
    const steps = 12;
    const text = "(let go ((y x) (i 2)) (if (< 0 i) (go (+ y (* dt (sin y))) (- i dt)) y))";
    const { image } = compileToFixedPoint(text, { n: 17, lo: -4, hi: 4 });
    const random = seededRandom(steps);
    const state = initialState(image, "main", randomDistributions(4, 17, random), 2);
    const program = programFromLogits(image, flashLogits(image, 4));
    const run = { steps, stopWhenHalted: false };
    const cotangents = cotangentsFor({ state }, random);
    const loss = () => lossOf(cotangents, softRun(program, state, run));
    const tape = softForward(program, state, run).tape;
    const { program: fields, registers } = softBackward(tape, cotangents);
    if (fields === undefined) throw new Error("no gradient of the program");
    const width = program.op.length / program.lines;
    const own = Array.from({ length: program.lines }, (_, line) => line * width + instructionCount + (line % 3));
    for (const [part, gradient, places] of [
      [program.op, fields.op, own],
      [program.op, fields.op, [0, width + 5]],
      [program.k, fields.k, [2, 40]],
      [state.registers, registers, [0, 5, 20, 30, 100]],
    ] as const)
      for (const i of places) {
        const value = part[i];
        part[i] = value + 1e-5;
        const above = loss();
        part[i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        part[i] = value;
        expect(Math.abs(gradient[i] - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
      }
  });

  it("are parameters that decompile to the program they were", () => {
    const { image, assembly, grid } = compileToFixedPoint("(sin (* 2 x))", { n: 17, lo: -2, hi: 2 });
    const example = () => ({ operands: [8], memory: [], cells: [], result: 8 });
    const task = { image, program: "main", constants: [], steps: 8, example };
    const found = decompile(task, flashParameters(task, 9)).assembly;
    expect(found.instructions.map(({ op }) => op)).toEqual(assembly.instructions.map(({ op }) => op));
    expect(found.grid).toEqual(grid);
  });

  it("refuse tables of another size, and values outside it", () => {
    const { image } = compileToFixedPoint("(sin x)", { n: 16, lo: 0, hi: 4 });
    const program = flash(image);
    const state = initialState(image, "main", oneHot([3], 16), 1);
    const withTable = (values: Uint16Array) => ({
      ...program,
      tables: [{ name: "grid.sin" as const, operands: 1 as const, values }],
    });
    expect(() => softRun(withTable(new Uint16Array(4)), state, { steps: 2 })).toThrow(
      "the table of grid.sin must be [16]; got 4 numbers",
    );
    expect(() => softRun(withTable(new Uint16Array(16).fill(16)), state, { steps: 2 })).toThrow(
      "the table of grid.sin holds 16; n = 16",
    );
  });
});
