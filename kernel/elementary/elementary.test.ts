import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SoftmachineError, scalarMeaning } from "../../scheme/index.js";
import {
  compileModule,
  type ElementaryName,
  elementary,
  elementaryInline,
  elementaryNames,
  elementaryUsual,
  instantiate,
  isMemory,
  type LaneType,
  ModuleBuilder,
} from "../index.js";
import { accuracy, vectorized } from "./accuracy.js";
import { operandCount } from "./elementary.js";
import { exactOf, oracle, ordinal, roundedOrdinal } from "./oracle.js";

const types = ["f64x2", "f32x4"] as const;
const bounds = { f64x2: 2, f32x4: 1 } as const;
const each = elementaryNames.flatMap((name) => types.map((type) => [name, type] as const));
const unaryEach = each.filter(([name]) => operandCount(name) === 1);

const functions = new Map<string, ReturnType<typeof vectorized>>();
function run(name: ElementaryName, type: LaneType, x: readonly number[], y: readonly number[] = x): number[] {
  const key = `${name} ${type}`;
  const known = functions.get(key) ?? vectorized(name, type);
  functions.set(key, known);
  const array = (numbers: readonly number[]) =>
    type === "f64x2" ? Float64Array.from(numbers) : Float32Array.from(numbers);
  return Array.from(known(array(x), array(y)));
}
const rounded = (x: number, type: LaneType): number => (type === "f64x2" ? x : Math.fround(x));

test.each(each)("%s in %s is as near the correctly rounded result as promised", (name, type) => {
  const worst = accuracy(name, type, 12_000);
  expect(worst.ulp, `at ${worst.at.join(", ")}: ${worst.result}`).toBeLessThanOrEqual(bounds[type]);
});

test.each(unaryEach)("%s in %s beside the points where its code changes ways", (name, type) => {
  const edges = [2 ** -1074, 2 ** -1022, 2 ** -149, 2 ** -126, 2 ** -30, 2 ** -28, 2 ** -27, 0.5, 1, 2, 10, 20, 22];
  const more = [
    Math.SQRT1_2,
    Math.SQRT2,
    Math.SQRT2 - 1,
    Math.SQRT2 + 1,
    Math.PI / 4,
    Math.PI / 2,
    Math.PI,
    1e5,
    2e5,
    1e6,
  ];
  const spacing = type === "f64x2" ? 2 ** -52 : 2 ** -23;
  const arguments_ = [...edges, ...more]
    .flatMap((edge) => Array.from({ length: 17 }, (_, i) => rounded(edge * (1 + (i - 8) * spacing), type)))
    .flatMap((x) => (name === "log" ? [x] : [x, -x]))
    .filter((x) => x !== 0 && !(name === "log" && x === 1))
    .filter((x) => !(name === "asin" || name === "acos") || Math.abs(x) < 1)
    .filter((x) => !(name === "sinh" || name === "cosh" || name === "exp") || Math.abs(x) < 2000);
  const exact = oracle[name];
  run(name, type, arguments_).forEach((result, i) => {
    const x = exactOf(arguments_[i]);
    const distance = Number(roundedOrdinal(exact(x, x), type) - ordinal(result, type));
    expect(Math.abs(distance), `${name}(${arguments_[i]}) = ${result}`).toBeLessThanOrEqual(bounds[type]);
  });
});

const { NaN: nan, POSITIVE_INFINITY: infinity, MAX_VALUE: greatest } = Number;
const halfPi = Math.PI / 2;
const specials: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  exp: [
    [0, 1],
    [-0, 1],
    [infinity, infinity],
    [-infinity, 0],
    [greatest, infinity],
    [-greatest, 0],
    [710, infinity],
    [-746, 0],
  ],
  log: [
    [0, -infinity],
    [-0, -infinity],
    [1, 0],
    [infinity, infinity],
    [-1, nan],
    [-infinity, nan],
    [-(2 ** -149), nan],
  ],
  sin: [
    [0, 0],
    [-0, -0],
    [infinity, nan],
    [-infinity, nan],
    [2 ** -140, 2 ** -140],
    [-(2 ** -149), -(2 ** -149)],
  ],
  cos: [
    [0, 1],
    [-0, 1],
    [infinity, nan],
    [-infinity, nan],
    [2 ** -140, 1],
  ],
  tan: [
    [0, 0],
    [-0, -0],
    [infinity, nan],
    [-infinity, nan],
    [2 ** -140, 2 ** -140],
  ],
  sinh: [
    [0, 0],
    [-0, -0],
    [infinity, infinity],
    [-infinity, -infinity],
    [2 ** -149, 2 ** -149],
    [-711, -infinity],
  ],
  cosh: [
    [0, 1],
    [-0, 1],
    [infinity, infinity],
    [-infinity, infinity],
    [711, infinity],
  ],
  tanh: [
    [0, 0],
    [-0, -0],
    [infinity, 1],
    [-infinity, -1],
    [-(2 ** -149), -(2 ** -149)],
    [30, 1],
    [-greatest, -1],
  ],
  asin: [
    [0, 0],
    [-0, -0],
    [1, halfPi],
    [-1, -halfPi],
    [1.5, nan],
    [-infinity, nan],
    [2 ** -149, 2 ** -149],
  ],
  acos: [
    [0, halfPi],
    [-0, halfPi],
    [1, 0],
    [-1, Math.PI],
    [-1.5, nan],
    [infinity, nan],
  ],
  atan: [
    [0, 0],
    [-0, -0],
    [infinity, halfPi],
    [-infinity, -halfPi],
    [greatest, halfPi],
    [-(2 ** -149), -(2 ** -149)],
  ],
};

test.each(unaryEach)("%s in %s at zeros, infinities, NaN and limits", (name, type) => {
  const rows = [...specials[name], [nan, nan] as const];
  const expected = rows.map(([, result]) => rounded(result, type));
  expect(
    run(
      name,
      type,
      rows.map(([x]) => x),
    ),
  ).toEqual(expected);
});

const grid = [0, 2 ** -149, 0.3125, 0.5, 1, 1.5, 2, 3, 5, 1e6 + 1, 2 ** 24, 2 ** 90, infinity]
  .flatMap((x) => [x, -x])
  .concat(nan);
const wideGrid = [...grid, 2 ** -1074, -(2 ** -1074), 2 ** 53 - 1, 1 - 2 ** 53, greatest, -greatest];

describe.each([
  ["expt", scalarMeaning("expt")],
  ["atan2", Math.atan2],
] as const)("%s", (name, reference) => {
  test.each(types)(
    "has the sign, zero, infinity or NaN of the reference at every pair of special operands, in %s",
    (type) => {
      const values = type === "f64x2" ? wideGrid : grid;
      const pairs = values.flatMap((x) => values.map((y) => [x, y] as const));
      const results = run(
        name,
        type,
        pairs.map(([x]) => x),
        pairs.map(([, y]) => y),
      );
      pairs.forEach(([x, y], i) => {
        const expected = rounded(reference(x, y), type);
        const isPlain = Number.isFinite(expected) && expected !== 0;
        const within =
          isPlain &&
          Math.abs(results[i] - expected) <= Math.abs(expected) * (type === "f64x2" ? 1e-15 : 2e-7) + 2 ** -1073;
        expect(within || Object.is(results[i], expected), `${name}(${x}, ${y}) = ${results[i]}, not ${expected}`).toBe(
          true,
        );
      });
    },
  );
});

test.each(each)("%s in %s computes each lane by itself", (name, type) => {
  const lanes = type === "f64x2" ? 2 : 4;
  const number = fc.oneof(
    fc.double(),
    fc.float(),
    fc.double({ min: -10, max: 10 }),
    fc.constantFrom(0, -0, 1e9, infinity),
  );
  const operands = fc.array(fc.tuple(number, number), { minLength: lanes, maxLength: lanes });
  fc.assert(
    fc.property(operands, (pairs) => {
      const [x, y] = [pairs.map(([first]) => first), pairs.map(([, second]) => second)];
      const together = run(name, type, x, y);
      const alone = pairs.map(([first, second]) => run(name, type, [first], [second])[0]);
      expect(together).toEqual(alone);
    }),
    { numRuns: 200 },
  );
});

test.each(["sin", "tan", "sinh", "tanh", "asin", "atan"] as const)("%s of -x is -%s of x, to the bit", (name) => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (x) => {
      for (const type of types) {
        const [up, down] = run(name, type, [x, -x]);
        expect(down).toEqual(-up);
      }
    }),
    { numRuns: 300 },
  );
});

describe("the functions in a module", () => {
  test("are defined once, and need no memory", () => {
    const module = new ModuleBuilder();
    for (const [name, type] of each) expect(elementary(module, name, type)).toBe(elementary(module, name, type));
    expect(() => compileModule(module.build())).not.toThrow();
  });

  test("are the same in line as called", () => {
    for (const [name, type] of each) {
      const module = new ModuleBuilder().defineMemory({ minimum: 1 }).exportMemory("memory");
      const callee = elementary(module, name, type);
      module.function("run", [], [], (code) => {
        const operands = Array.from({ length: operandCount(name) }, () => code.local("v128"));
        operands.forEach((operand, i) => {
          code
            .emit("i32.const", 16 * i)
            .emit("v128.load")
            .set(operand);
        });
        code.emit("i32.const", 32);
        for (const operand of operands) code.get(operand);
        code.call(callee).emit("v128.store").emit("i32.const", 48);
        elementaryInline(module, code, name, type, operands);
        code.emit("v128.store");
      });
      const { memory, run: runBoth } = instantiate(compileModule(module.build()));
      if (!isMemory(memory) || typeof runBoth !== "function") throw new Error("no exports");
      for (const numbers of [
        [0.3, 0.9, 2.5, 0.25, 0.5, 0.75, 2, 3],
        [1e30, 0.5, -1, 40, 7, 0.1, 8, 2],
      ]) {
        const view = type === "f64x2" ? new Float64Array(memory.buffer, 0, 8) : new Float32Array(memory.buffer, 0, 16);
        view.set(numbers.slice(0, view.length / 2));
        runBoth();
        const quarter = view.length / 4;
        expect(view.slice(3 * quarter)).toEqual(view.slice(2 * quarter, 3 * quarter));
      }
    }
  });

  test.each(each)(
    "%s in %s has the same bits from the code for usual operands, and says which these are",
    (name, type) => {
      const module = new ModuleBuilder().defineMemory({ minimum: 1 }).exportMemory("memory");
      const callee = elementary(module, name, type);
      module.function("run", [], [], (code) => {
        const operands = Array.from({ length: operandCount(name) }, () => code.local("v128"));
        for (const [i, operand] of operands.entries())
          code
            .emit("i32.const", 16 * i)
            .emit("v128.load")
            .set(operand);
        code.emit("i32.const", 32);
        for (const operand of operands) code.get(operand);
        code.call(callee).emit("v128.store").emit("i32.const", 48);
        const isUsual = elementaryUsual(module, code, name, type, operands);
        code.emit("v128.store").emit("i32.const", 64);
        if (isUsual) isUsual();
        else code.get(operands[0]).get(operands[0]).emit("i32x4.eq");
        code.emit("v128.store");
      });
      const { memory, run: runBoth } = instantiate(compileModule(module.build()));
      if (!isMemory(memory) || typeof runBoth !== "function") throw new Error("no exports");
      const lanes = type === "f64x2" ? 2 : 4;
      const view = type === "f64x2" ? new Float64Array(memory.buffer, 0, 8) : new Float32Array(memory.buffer, 0, 16);
      const masks = new Int32Array(memory.buffer, 64, 4);
      const number = fc.oneof(
        fc.double({ min: -10, max: 10 }),
        fc.double(),
        fc.constantFrom(0, -0, 1e9, 1e-310, infinity, -infinity, nan),
      );
      let usual = 0;
      fc.assert(
        fc.property(fc.array(number, { minLength: 2 * lanes, maxLength: 2 * lanes }), (numbers) => {
          view.set(numbers);
          runBoth();
          for (let lane = 0; lane < lanes; lane++) {
            if (masks[(lane * 4) / lanes] === 0) continue;
            usual++;
            expect(view[3 * lanes + lane]).toEqual(view[2 * lanes + lane]);
          }
        }),
        { numRuns: 200 },
      );
      expect(usual).toBeGreaterThan(20);
    },
  );

  test("take as many operands in line as they have", () => {
    const module = new ModuleBuilder();
    const define = () =>
      module.function("f", ["v128"], ["v128"], (code) => {
        elementaryInline(module, code, "expt", "f64x2", code.parameters);
      });
    expect(define).toThrow(new SoftmachineError('"expt" takes 2 operands, not 1'));
  });

  test("are refused by name where there is none", () => {
    const module = new ModuleBuilder();
    const ask = (name: string, type: string) => () => Reflect.apply(elementary, undefined, [module, name, type]);
    expect(ask("tanhh", "f64x2")).toThrow(
      new SoftmachineError('there is no elementary function "tanhh" (did you mean "tanh"?)'),
    );
    expect(ask("sin", "f64x4")).toThrow(new SoftmachineError("elementary functions are of f64x2 or f32x4, not f64x4"));
  });
});

describe("the oracle", () => {
  Decimal.set({ precision: 60 });
  const asDecimal = ({ mantissa, exponent }: { mantissa: bigint; exponent: number }) =>
    new Decimal(mantissa.toString()).times(new Decimal(2).pow(exponent));
  const references: Readonly<Record<ElementaryName, (x: Decimal, y: Decimal) => Decimal>> = {
    exp: (x) => x.exp(),
    log: (x) => x.ln(),
    sin: (x) => x.sin(),
    cos: (x) => x.cos(),
    tan: (x) => x.tan(),
    sinh: (x) => x.sinh(),
    cosh: (x) => x.cosh(),
    tanh: (x) => x.tanh(),
    asin: (x) => x.asin(),
    acos: (x) => x.acos(),
    atan: (x) => x.atan(),
    atan2: (x, y) => Decimal.atan2(x, y),
    expt: (x, y) => x.pow(y),
  };

  test.each(elementaryNames)("agrees with another to 45 digits: %s", (name) => {
    for (const [x, y] of [
      [0.7, 0.3],
      [1e-3, 5.5],
      [0.99, -2.25],
      [2 ** -70, 0.1],
      [0.123456789, -1e-3],
    ]) {
      const ours = asDecimal(oracle[name](exactOf(x), exactOf(y)));
      const theirs = references[name](asDecimal(exactOf(x)), asDecimal(exactOf(y)));
      expect(ours.minus(theirs).div(theirs).abs().lessThan("1e-45"), `${name}(${x}, ${y})`).toBe(true);
    }
  });

  test.each([
    ["f64x2", [1, 2 ** -1074, 2 ** -1022, 0.1, greatest, 1 + 2 ** -52, -3.5]],
    ["f32x4", [1, 2 ** -149, 2 ** -126, Math.fround(0.1), 2 ** 128 - 2 ** 104, 1 + 2 ** -23, -3.5]],
  ] as const)("rounds to %s as the processor does", (type, numbers) => {
    for (const x of numbers) expect(roundedOrdinal(exactOf(x), type)).toBe(ordinal(x, type));
    expect(roundedOrdinal({ mantissa: 1n, exponent: 5000 }, type)).toBe(ordinal(infinity, type));
    expect(roundedOrdinal({ mantissa: -1n, exponent: -5000 }, type)).toBe(0n);
  });

  test("rounds f64 numbers to f32 as Math.fround does", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, min: -3e38, max: 3e38 }), (x) => {
        expect(roundedOrdinal(exactOf(x), "f32x4")).toBe(ordinal(Math.fround(x), "f32x4"));
      }),
    );
  });
});
