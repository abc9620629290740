import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compileModule,
  exportedFunction,
  type FunctionBuilder,
  instantiate,
  instructions,
  type Mnemonic,
  ModuleBuilder,
  mnemonics,
  newMemory,
  type ValueType,
} from "./index.js";

/** Emits any instruction of the table with some valid immediate. */
function emitAny(code: FunctionBuilder, mnemonic: Mnemonic): void {
  const { immediate } = instructions[mnemonic];
  const value = { i32: -5, i64: -5n, f32: 0.5, f64: 0.5, lane: 1, memory: { offset: 300 }, none: undefined };
  const bytes = new Uint8Array(16).fill(7);
  const argument = immediate === "v128" || immediate === "shuffle" ? bytes : value[immediate];
  Reflect.apply(code.emit, code, argument === undefined ? [mnemonic] : [mnemonic, argument]);
}

test("the engine agrees with the table on every instruction's encoding and types", () => {
  for (const mnemonic of mnemonics) {
    const { operands, results } = instructions[mnemonic];
    const module = new ModuleBuilder().defineMemory({ minimum: 1 });
    const one = module.declare("one", operands, results);
    module.define(one, (code) => {
      for (const parameter of code.parameters) code.get(parameter);
      emitAny(code, mnemonic);
    });
    expect(() => compileModule(module.build()), mnemonic).not.toThrow();
  }
});

test("no two instructions share their bytes", () => {
  const codes = mnemonics.map((mnemonic) => instructions[mnemonic].code.join(" "));
  expect(new Set(codes).size).toBe(mnemonics.length);
});

/** A function of numbers that applies one instruction. */
function scalar(mnemonic: Mnemonic): (...operands: number[]) => number {
  const module = new ModuleBuilder();
  const { operands, results } = instructions[mnemonic];
  module.function("run", operands, results, (code) => {
    for (const parameter of code.parameters) code.get(parameter);
    emitAny(code, mnemonic);
  });
  const run = exportedFunction(instantiate(compileModule(module.build())), "run");
  return (...numbers) => Number(run(...numbers));
}

/** Half to even, as the language's `round`. */
function nearest(x: number): number {
  const floor = Math.floor(x);
  const rounded = x - floor === 0.5 ? 2 * Math.round(floor / 2) : Math.round(x);
  return rounded === 0 && (x < 0 || Object.is(x, -0)) ? -0 : rounded;
}
function copySign(x: number, y: number): number {
  const negative = y < 0 || Object.is(y, -0);
  return negative ? -Math.abs(x) : Math.abs(x);
}
const unary: Record<string, (x: number) => number> = {
  abs: Math.abs,
  neg: (x) => -x,
  ceil: Math.ceil,
  floor: Math.floor,
  trunc: Math.trunc,
  nearest,
  sqrt: Math.sqrt,
};
const binary: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  min: Math.min,
  max: Math.max,
};
const comparison: Record<string, (x: number, y: number) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt: (x, y) => x < y,
  gt: (x, y) => x > y,
  le: (x, y) => x <= y,
  ge: (x, y) => x >= y,
};
const whole: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => (x + y) | 0,
  sub: (x, y) => (x - y) | 0,
  mul: Math.imul,
  div_s: (x, y) => (x / y) | 0,
  div_u: (x, y) => ((x >>> 0) / (y >>> 0)) | 0,
  rem_s: (x, y) => (x % y) | 0,
  rem_u: (x, y) => ((x >>> 0) % (y >>> 0)) | 0,
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
  shl: (x, y) => x << y,
  shr_s: (x, y) => x >> y,
  shr_u: (x, y) => (x >>> y) | 0,
};
const wholeUnary: Record<string, (x: number) => number> = {
  clz: Math.clz32,
  ctz: (x) => (x === 0 ? 32 : 31 - Math.clz32(x & -x)),
  popcnt: (x) => (x >>> 0).toString(2).replaceAll("0", "").length,
  eqz: (x) => Number(x === 0),
};
const wholeComparison: Record<string, (x: number, y: number) => boolean> = {
  eq: (x, y) => x === y,
  ne: (x, y) => x !== y,
  lt_s: (x, y) => x < y,
  lt_u: (x, y) => x >>> 0 < y >>> 0,
  gt_s: (x, y) => x > y,
  gt_u: (x, y) => x >>> 0 > y >>> 0,
  le_s: (x, y) => x <= y,
  le_u: (x, y) => x >>> 0 <= y >>> 0,
  ge_s: (x, y) => x >= y,
  ge_u: (x, y) => x >>> 0 >= y >>> 0,
};

const named = (name: string): Mnemonic => {
  const found = mnemonics.find((mnemonic) => mnemonic === name);
  if (found === undefined) throw new Error(`no instruction ${name}`);
  return found;
};
const halves = fc.integer({ min: -9, max: 9 }).map((twice) => twice / 2);
const doubles = fc.oneof(fc.double(), halves);
const floats = fc.oneof(fc.float(), halves);
const integers = fc.oneof(fc.integer(), fc.integer({ min: -3, max: 3 }));

describe.each([
  ["f32", floats, Math.fround],
  ["f64", doubles, (x: number) => x],
] as const)("%s means what JavaScript means", (type, values, round) => {
  test.each(Object.entries(unary))("%s", (name, meaning) => {
    const run = scalar(named(`${type}.${name}`));
    fc.assert(
      fc.property(values, (x) => {
        expect(run(x)).toBe(round(meaning(x)));
      }),
    );
  });
  test.each(Object.entries({ ...binary, copysign: copySign }))("%s", (name, meaning) => {
    const run = scalar(named(`${type}.${name}`));
    // NaN's sign is not seen from JavaScript.
    const sign = name === "copysign" ? values.filter((x) => !Number.isNaN(x)) : values;
    fc.assert(
      fc.property(values, sign, (x, y) => {
        expect(run(x, y)).toBe(round(meaning(x, y)));
      }),
    );
  });
  test.each(Object.entries(comparison))("%s", (name, meaning) => {
    const run = scalar(named(`${type}.${name}`));
    fc.assert(
      fc.property(values, values, (x, y) => {
        expect(run(x, y)).toBe(Number(meaning(x, y)));
      }),
    );
  });
});

describe("i32 means what JavaScript means", () => {
  test.each(Object.entries(whole))("%s", (name, meaning) => {
    const run = scalar(named(`i32.${name}`));
    const divides = /div|rem/.test(name);
    fc.assert(
      fc.property(integers, integers, (x, y) => {
        fc.pre(!divides || (y !== 0 && !(x === -(2 ** 31) && y === -1)));
        expect(run(x, y)).toBe(meaning(x, y));
      }),
    );
  });
  test.each(Object.entries(wholeUnary))("%s", (name, meaning) => {
    const run = scalar(named(`i32.${name}`));
    fc.assert(
      fc.property(integers, (x) => {
        expect(run(x)).toBe(meaning(x));
      }),
    );
  });
  test.each(Object.entries(wholeComparison))("%s", (name, meaning) => {
    const run = scalar(named(`i32.${name}`));
    fc.assert(
      fc.property(integers, integers, (x, y) => {
        expect(run(x, y)).toBe(Number(meaning(x, y)));
      }),
    );
  });
});

/** What a lane-wise instruction makes of two vectors, as bytes: operands at 0 and 16, the result at 32. */
function lanewise(mnemonic: Mnemonic, first: ArrayBufferView, second: ArrayBufferView): ArrayBuffer {
  const memory = newMemory(1);
  const module = new ModuleBuilder().importMemory("env", "memory");
  module.function("run", [], [], (code) => {
    code.emit("i32.const", 32);
    instructions[mnemonic].operands.forEach((_, i) => {
      code.emit("i32.const", 16 * i).emit("v128.load");
    });
    emitAny(code, mnemonic);
    code.emit("v128.store");
  });
  const bytes = new Uint8Array(memory.buffer);
  for (const [at, view] of [
    [0, first],
    [16, second],
  ] as const) {
    bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), at);
  }
  exportedFunction(instantiate(compileModule(module.build()), { env: { memory } }), "run")();
  return bytes.slice(32, 48).buffer;
}

describe.each([
  ["f32x4", 4, Float32Array, Int32Array, floats],
  ["f64x2", 2, Float64Array, BigInt64Array, doubles],
] as const)("%s is its scalar in each lane", (type, lanes, Values, Masks, values) => {
  const vectors = fc.array(values, { minLength: lanes, maxLength: lanes });
  test.each(Object.entries({ ...unary, ...binary }))("%s", (name, meaning) => {
    fc.assert(
      fc.property(vectors, vectors, (x, y) => {
        const found = new Values(lanewise(named(`${type}.${name}`), Values.from(x), Values.from(y)));
        expect(found).toEqual(Values.from(x.map((value, lane) => meaning(value, y[lane]))));
      }),
      { numRuns: 30 },
    );
  });
  test.each(Object.entries(comparison))("%s", (name, meaning) => {
    fc.assert(
      fc.property(vectors, vectors, (x, y) => {
        const found = new Masks(lanewise(named(`${type}.${name}`), Values.from(x), Values.from(y)));
        expect(Array.from(found, Number)).toEqual(x.map((value, lane) => (meaning(value, y[lane]) ? -1 : 0)));
      }),
      { numRuns: 30 },
    );
  });
});

test("i32x4 and bitwise vectors are their scalars in each lane", () => {
  const vectors = fc.array(integers, { minLength: 4, maxLength: 4 });
  const lanes: Record<string, (x: number, y: number) => number> = {
    "i32x4.add": (x, y) => (x + y) | 0,
    "i32x4.sub": (x, y) => (x - y) | 0,
    "i32x4.mul": Math.imul,
    "i32x4.eq": (x, y) => -Number(x === y),
    "i32x4.ne": (x, y) => -Number(x !== y),
    "i32x4.lt_s": (x, y) => -Number(x < y),
    "i32x4.gt_s": (x, y) => -Number(x > y),
    "i32x4.le_s": (x, y) => -Number(x <= y),
    "i32x4.ge_s": (x, y) => -Number(x >= y),
    "v128.and": (x, y) => x & y,
    "v128.andnot": (x, y) => x & ~y,
    "v128.or": (x, y) => x | y,
    "v128.xor": (x, y) => x ^ y,
    "v128.not": (x) => ~x,
  };
  for (const [name, meaning] of Object.entries(lanes)) {
    fc.assert(
      fc.property(vectors, vectors, (x, y) => {
        const found = new Int32Array(lanewise(named(name), Int32Array.from(x), Int32Array.from(y)));
        // -0 is 0 in an integer lane.
        expect(Array.from(found), name).toEqual(x.map((value, lane) => meaning(value, y[lane]) | 0));
      }),
      { numRuns: 20 },
    );
  }
});

test("conversions", () => {
  const cases: [Mnemonic, number, number][] = [
    ["f32.convert_i32_s", -7, -7],
    ["f64.convert_i32_s", -7, -7],
    ["f32.demote_f64", 0.1, Math.fround(0.1)],
    ["f64.promote_f32", 0.5, 0.5],
    ["i32.trunc_sat_f32_s", -2.9, -2],
    ["i32.trunc_sat_f64_s", 1e300, 2 ** 31 - 1],
    ["i32.trunc_sat_f64_s", Number.NaN, 0],
    ["i32.reinterpret_f32", 1, 0x3f800000],
    ["f32.reinterpret_i32", 0x3f800000, 1],
  ];
  for (const [mnemonic, from, to] of cases) expect(scalar(mnemonic)(from), mnemonic).toBe(to);
});

test("constants come through whole", () => {
  const constant = (type: "i32" | "i64" | "f32" | "f64", write: (code: FunctionBuilder) => void) => {
    const results: ValueType[] = [type];
    const module = new ModuleBuilder();
    module.function("run", [], results, write);
    return exportedFunction(instantiate(compileModule(module.build())), "run")();
  };
  fc.assert(
    fc.property(integers, (x) => {
      expect(constant("i32", (code) => code.emit("i32.const", x))).toBe(x);
    }),
  );
  const big = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
  fc.assert(
    fc.property(big, (x) => {
      expect(constant("i64", (code) => code.emit("i64.const", x))).toBe(x);
    }),
  );
  fc.assert(
    fc.property(doubles, (x) => {
      expect(constant("f64", (code) => code.emit("f64.const", x))).toBe(x);
    }),
  );
  fc.assert(
    fc.property(floats, (x) => {
      expect(constant("f32", (code) => code.emit("f32.const", x))).toBe(x);
    }),
  );
  expect(constant("i32", (code) => code.emit("i32.const", 2 ** 32 - 1))).toBe(-1);
});
