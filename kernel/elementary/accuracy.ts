/** How far the elementary functions are from the correctly rounded results: arguments, evaluation and the worst found. */
import type { LaneType } from "../lanes.js";
import { ModuleBuilder } from "../module-builder.js";
import { compileModule, exportedFunction, instantiate, newMemory, pageBytes } from "../web-assembly.js";
import { type ElementaryName, elementary, operandCount } from "./elementary.js";
import { type Exact, exactOf, oracle, ordinal, roundedOrdinal } from "./oracle.js";

type Numbers = Float64Array | Float32Array;

/** A loop over arrays in a memory of its own: element i of the result is f(x[i], y[i]). */
export function vectorized(name: ElementaryName, type: LaneType): (x: Numbers, y?: Numbers) => Numbers {
  const module = new ModuleBuilder().importMemory("env", "memory");
  const callee = elementary(module, name, type);
  module.function("run", ["i32", "i32", "i32", "i32"], [], (code) => {
    const [x, y, out, end] = code.parameters;
    code.loop((again) => {
      code.get(out).get(x).emit("v128.load");
      if (operandCount(name) === 2) code.get(y).emit("v128.load");
      code.call(callee).emit("v128.store");
      for (const pointer of [x, y, out]) code.get(pointer).emit("i32.const", 16).emit("i32.add").set(pointer);
      code.get(x).get(end).emit("i32.lt_u").branchIf(again);
    });
  });
  const memory = newMemory(1);
  const run = exportedFunction(instantiate(compileModule(module.build()), { env: { memory } }), "run");
  return (x, y = x) => {
    const bytes = Math.ceil((x.length * x.BYTES_PER_ELEMENT) / 16) * 16;
    const missing = 3 * bytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
    const view = (at: number): Numbers =>
      type === "f64x2" ? new Float64Array(memory.buffer, at, x.length) : new Float32Array(memory.buffer, at, x.length);
    view(0).set(x);
    view(bytes).set(y);
    if (x.length > 0) run(0, bytes, 2 * bytes, bytes);
    return view(2 * bytes).slice();
  };
}

/** 0 to 1, the same for the same seed (a multiplicative congruential generator; Park and Miller, 1988). */
export function uniform(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

interface Range {
  /** Arguments have binary exponents from the format's least up to this, evenly. */
  greatest?: number;
  /** Arguments are within this much of 0, evenly: where most arguments are in use. */
  usual: number;
  positive?: boolean;
  /** Points near which the function is hard. */
  near: readonly number[];
}

const whole = (count: number, by: number): number[] => Array.from({ length: count }, (_, i) => (i - (count >> 1)) * by);
const angles: Range = { usual: 10, near: [...whole(2000, Math.PI / 2), 1e5, 2e5, 1e6, 1e9, 1e22, 1e300] };
const powers = whole(400, Math.LN2 / 2);
const ranges: Readonly<Record<Exclude<ElementaryName, "expt" | "atan2">, Range>> = {
  sin: angles,
  cos: angles,
  tan: angles,
  exp: { greatest: 10, usual: 20, near: [...powers, 709.78, -745.13, -708.39, 88.72, -87.33, -103.97] },
  sinh: { greatest: 10, usual: 20, near: [...powers, 710.47, 89.41] },
  cosh: { greatest: 10, usual: 20, near: [...powers, 710.47, 89.41] },
  tanh: { usual: 5, near: [...powers, 19.06, 9.01] },
  log: { usual: 10, positive: true, near: [1, Math.SQRT1_2, Math.SQRT2, 2 ** -1022, 2 ** -126, ...powers] },
  asin: { greatest: 0, usual: 1, near: [0.5, -0.5, 1, -1] },
  acos: { greatest: 0, usual: 1, near: [0.5, -0.5, 1, -1] },
  atan: { usual: 5, near: [0.5, Math.SQRT2 + 1, 1, -1] },
};

const leastExponent = { f64x2: -1074, f32x4: -149 } as const;
const greatestExponent = { f64x2: 1024, f32x4: 128 } as const;
const relativeUnit = { f64x2: 2 ** -52, f32x4: 2 ** -23 } as const;

function anyExponent(type: LaneType, random: () => number, greatest: number = greatestExponent[type]): number {
  const least = leastExponent[type];
  const exponent = least + Math.floor(random() * (greatest - least));
  // In two factors: 2^-1074 is a number, but half a step below it is not.
  return (1 + random() + random() * 2 ** -31) * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2);
}

/** One argument, drawn by one of three rules in turn. */
function draw(range: Range, type: LaneType, turn: number, random: () => number): number {
  const sign = range.positive || random() < 0.5 ? 1 : -1;
  if (turn % 4 === 3) {
    const base = range.near[Math.floor(random() * range.near.length)];
    const fuzzy = random() < 0.5 ? Math.round(random() * 8 - 4) : random() * 2 ** (random() * 40);
    return base * (1 + fuzzy * relativeUnit[type] * sign);
  }
  if (turn % 4 === 2) return sign * range.usual * (random() + random() * 2 ** -31);
  return sign * anyExponent(type, random, range.greatest);
}

/** Operands of a power whose result is a finite number, or just not. */
function drawPower(type: LaneType, turn: number, random: () => number): [number, number] {
  const round = type === "f64x2" ? (x: number) => x : Math.fround;
  const span = greatestExponent[type];
  for (;;) {
    const exponentOfResult = (random() * 2.2 - 1.15) * span;
    let x = round(turn % 3 === 0 ? 1 + (random() - 0.5) * 2 ** (-30 * random()) : anyExponent(type, random));
    let y = round(turn % 3 === 2 ? random() * 6 - 3 : exponentOfResult / Math.log2(x));
    if (turn % 5 === 0) {
      y = Math.round(y);
      x = random() < 0.5 ? x : -x;
    }
    const size = Math.abs(y * Math.log2(Math.abs(x)));
    if (Math.abs(x) > 0 && y !== 0 && Number.isFinite(x) && Number.isFinite(y) && size < span * 1.3) return [x, y];
  }
}

function drawOperands(name: ElementaryName, type: LaneType, turn: number, random: () => number): [number, number] {
  if (name === "expt") return drawPower(type, turn, random);
  if (name !== "atan2") return [draw(ranges[name], type, turn, random), 1];
  const y = draw({ usual: 5, near: [1] }, type, turn, random);
  const ratio = draw(
    { usual: 5, near: [1, 2, Math.SQRT2 - 1, Math.SQRT2 + 1], greatest: 20 },
    type,
    2 + (turn % 2),
    random,
  );
  return [y, turn % 8 === 0 ? anyExponent(type, random) * Math.sign(ratio) : y * ratio];
}

export interface Accuracy {
  /** Units in the last place between the worst result and the correctly rounded one: numbers of the format passed. */
  ulp: number;
  /** The operands of the worst. */
  at: number[];
  result: number;
  count: number;
  /** How many were not correctly rounded. */
  unrounded: number;
}

/** The worst of `count` results, at operands that `seed` settles. */
export function accuracy(name: ElementaryName, type: LaneType, count: number, seed = 1): Accuracy {
  const random = uniform(seed);
  const make = (): Numbers => (type === "f64x2" ? new Float64Array(count) : new Float32Array(count));
  const [xs, ys] = [make(), make()];
  for (let i = 0; i < count; ) {
    [xs[i], ys[i]] = drawOperands(name, type, i, random);
    const usable = Number.isFinite(xs[i]) && Number.isFinite(ys[i]) && xs[i] !== 0 && ys[i] !== 0;
    const inside = (name !== "asin" && name !== "acos") || Math.abs(xs[i]) < 1;
    if (usable && inside && !(name === "log" && !(xs[i] > 0 && xs[i] !== 1))) i++;
  }
  const results = vectorized(name, type)(xs, ys);
  const exact: (x: Exact, y: Exact) => Exact = oracle[name];
  const worst: Accuracy = { ulp: -1, at: [], result: 0, count, unrounded: 0 };
  for (let i = 0; i < count; i++) {
    const right = roundedOrdinal(exact(exactOf(xs[i]), exactOf(ys[i])), type);
    const distance = Number(right - ordinal(results[i], type));
    const ulp = Number.isNaN(results[i]) ? Number.POSITIVE_INFINITY : Math.abs(distance);
    if (ulp > 0) worst.unrounded++;
    if (ulp > worst.ulp) {
      Object.assign(worst, { ulp, at: operandCount(name) === 2 ? [xs[i], ys[i]] : [xs[i]], result: results[i] });
    }
  }
  return worst;
}
