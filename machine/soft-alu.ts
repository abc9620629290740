import { type AluMnemonic, alu, instructions, type Mnemonic } from "../assembler/index.js";
import { correlate, dot, reverse, unroll, unrolledLength } from "./mixtures.js";
import { divide, divideBackward, remainder, remainderBackward } from "./soft-division.js";
import { SoftProducts } from "./soft-products.js";

/**
 * The lookup-table ALU on distributions: o = sum over f of p(f) [f(u, v)] (equation 7 of "Algorithmic Language Models
 * with Neurally Compiled Libraries", 2024), without the n^3 table. Addition and subtraction are circular convolutions,
 * comparisons and extrema work on partial sums, quotients on ranges of a partial sum, and products on a table of n^2
 * small integers. Sums are ordered so that one-hot operands give exact zeros and ones.
 */
export class SoftAlu {
  private readonly n: number;
  private readonly products: SoftProducts;
  /** Circular arrays written twice. */
  private readonly circle: Float64Array;
  /** Operands backwards, and results on their way. */
  private readonly backwards: Float64Array;
  private readonly scratch: Float64Array;
  /** `uBelow[i]` is the sum of u before i, `uAbove[i]` that from i on; n + 1 long. */
  private readonly uBelow: Float64Array;
  private readonly vBelow: Float64Array;
  private readonly uAbove: Float64Array;
  private readonly vAbove: Float64Array;
  /** Indices of the entries that are not zero. */
  private us: Int32Array;
  private vs: Int32Array;
  private readonly indices: readonly [Int32Array, Int32Array];

  constructor(n: number) {
    this.n = n;
    this.products = new SoftProducts(n);
    this.circle = new Float64Array(unrolledLength(n));
    this.backwards = new Float64Array(n);
    this.scratch = new Float64Array(n);
    this.uBelow = new Float64Array(n + 1);
    this.vBelow = new Float64Array(n + 1);
    this.uAbove = new Float64Array(n + 1);
    this.vAbove = new Float64Array(n + 1);
    this.indices = [new Int32Array(n), new Int32Array(n)];
    [this.us, this.vs] = this.indices;
  }

  /**
   * Adds the mixture of the ALU's results to `o`.
   *
   * @param f [|A|]: the weight of each instruction; those outside the ALU are ignored.
   */
  forward(f: Float64Array, u: Float64Array, v: Float64Array, o: Float64Array): void {
    const { n } = this;
    this.prepare(u, v);
    const { us, vs, uBelow, vAbove } = this;
    this.convolve(f[add], f[sub], u, v, o);
    if (f[mul] !== 0) this.products.forward(f[mul], u, us, v, vs, o);
    if (f[div] !== 0) divide(f[div], uBelow, v, vs, o);
    if (f[mod] !== 0) remainder(f[mod], u, uBelow, v, vs, vAbove, o);
    this.order(f, u, v, o);
    for (const [op, truth] of logic) {
      if (f[op] === 0) continue;
      const w = f[op];
      o[truth[0]] += w * (u[0] * v[0]);
      o[truth[1]] += w * (u[0] * this.vAbove[1]);
      o[truth[2]] += w * (this.uAbove[1] * v[0]);
      o[truth[3]] += w * (this.uAbove[1] * this.vAbove[1]);
    }
    if (f[not] !== 0) {
      o[1] += f[not] * u[0];
      o[0] += f[not] * this.uAbove[1];
    }
    o[0] += f[zero];
    if (f[inc] !== 0) for (let i = 0; i < n; i++) o[i + 1 === n ? 0 : i + 1] += f[inc] * u[i];
    if (f[dec] !== 0) for (let i = 0; i < n; i++) o[i === 0 ? n - 1 : i - 1] += f[dec] * u[i];
    if (f[move] !== 0) for (let i = 0; i < n; i++) o[i] += f[move] * u[i];
  }

  /**
   * Adds the gradients of a loss to `gu`, `gv` and `gf`.
   *
   * @param g [n]: the gradient with respect to the mixture that `forward` adds.
   * @param wanted [|A|]: 1 for the instructions whose `gf` is asked for.
   */
  backward(
    f: Float64Array,
    u: Float64Array,
    v: Float64Array,
    g: Float64Array,
    wanted: Uint8Array,
    gf: Float64Array,
    gu: Float64Array,
    gv: Float64Array,
  ): void {
    const { n } = this;
    this.prepare(u, v);
    const { us, vs, uBelow, vBelow, vAbove, scratch, products } = this;
    if (f[add] !== 0 || wanted[add]) this.convolveBackward(add, f[add], u, v, g, gf, gu, gv);
    if (f[sub] !== 0 || wanted[sub]) this.convolveBackward(sub, f[sub], u, v, g, gf, gu, gv);
    if (f[mul] !== 0 || wanted[mul]) gf[mul] += products.backward(f[mul], u, us, v, vs, g, gu, gv, scratch);
    if (f[div] !== 0 || wanted[div]) gf[div] += divideBackward(f[div], uBelow, v, vBelow, g, gu, gv, scratch);
    if (f[mod] !== 0 || wanted[mod]) gf[mod] += remainderBackward(f[mod], u, uBelow, v, vAbove, g, gu, gv, scratch);
    this.orderBackward(f, u, v, g, wanted, gf, gu, gv);
    for (const [op, truth] of logic) {
      if (f[op] === 0 && !wanted[op]) continue;
      const w = f[op];
      const [g00, g01, g10, g11] = [g[truth[0]], g[truth[1]], g[truth[2]], g[truth[3]]];
      const [u1, v1] = [this.uAbove[1], this.vAbove[1]];
      const u0 = g00 * v[0] + g01 * v1;
      const uOther = g10 * v[0] + g11 * v1;
      gf[op] += u[0] * u0 + u1 * uOther;
      gu[0] += w * u0;
      gv[0] += w * (g00 * u[0] + g10 * u1);
      const vOther = g01 * u[0] + g11 * u1;
      for (let i = 1; i < n; i++) {
        gu[i] += w * uOther;
        gv[i] += w * vOther;
      }
    }
    gf[not] += g[1] * u[0] + g[0] * this.uAbove[1];
    gf[zero] += g[0];
    gu[0] += f[not] * g[1];
    for (let i = 1; i < n; i++) gu[i] += f[not] * g[0];
    for (let i = 0; i < n; i++) {
      const next = g[i + 1 === n ? 0 : i + 1];
      const previous = g[i === 0 ? n - 1 : i - 1];
      gf[inc] += u[i] * next;
      gf[dec] += u[i] * previous;
      gf[move] += u[i] * g[i];
      gu[i] += f[inc] * next + f[dec] * previous + f[move] * g[i];
    }
  }

  /** Partial sums and supports of the operands. */
  private prepare(u: Float64Array, v: Float64Array): void {
    const { n } = this;
    this.us = support(u, this.indices[0], n);
    this.vs = support(v, this.indices[1], n);
    partialSums(u, this.uBelow, this.uAbove, n);
    partialSums(v, this.vBelow, this.vAbove, n);
  }

  private convolve(sum: number, difference: number, u: Float64Array, v: Float64Array, o: Float64Array): void {
    if (sum === 0 && difference === 0) return;
    const { n, circle, backwards, us, vs } = this;
    if (us.length * vs.length * 4 > n * n) {
      reverse(u, n, backwards);
      unroll(v, n, 1, circle);
      if (sum !== 0) correlate(sum, backwards, circle, 1, n, o);
      unroll(u, n, 1, circle);
      if (difference !== 0) correlate(difference, v, circle, 0, n, o);
      return;
    }
    circle.fill(0);
    for (let x = 0; x < us.length; x++) {
      const a = us[x];
      const [w1, w2] = [sum * u[a], difference * u[a]];
      if (sum !== 0) for (let y = 0; y < vs.length; y++) circle[a + vs[y]] += w1 * v[vs[y]];
      if (difference !== 0) for (let y = 0; y < vs.length; y++) circle[n + a - vs[y]] += w2 * v[vs[y]];
    }
    for (let i = 0; i < n; i++) o[i] += circle[i] + circle[n + i];
  }

  /** The gradient of `convolve` for `op`, add or sub, of weight `w`. */
  private convolveBackward(
    op: number,
    w: number,
    u: Float64Array,
    v: Float64Array,
    g: Float64Array,
    gf: Float64Array,
    gu: Float64Array,
    gv: Float64Array,
  ): void {
    const { n, circle, backwards, scratch, us, vs } = this;
    const sign = op === add ? 1 : -1;
    unroll(g, n, 1, circle);
    if ((us.length + vs.length) * 4 < n) {
      const base = op === add ? 0 : n;
      for (let a = 0; a < n; a++) {
        let expected = 0;
        for (let y = 0; y < vs.length; y++) expected += v[vs[y]] * circle[base + a + sign * vs[y]];
        gf[op] += u[a] * expected;
        gu[a] += w * expected;
        let other = 0;
        for (let x = 0; x < us.length; x++) other += u[us[x]] * circle[base + us[x] + sign * a];
        gv[a] += w * other;
      }
      return;
    }
    scratch.fill(0);
    if (op === add) correlate(1, v, circle, 0, n, scratch);
    else {
      reverse(v, n, backwards);
      correlate(1, backwards, circle, 1, n, scratch);
    }
    gf[op] += dot(u, 0, scratch, n);
    if (w === 0) return;
    for (let a = 0; a < n; a++) gu[a] += w * scratch[a];
    if (op === add) correlate(w, u, circle, 0, n, gv);
    else {
      unroll(g, n, -1, circle);
      reverse(u, n, backwards);
      correlate(w, backwards, circle, 1, n, gv);
    }
  }

  /** min, max, eq and lt. */
  private order(f: Float64Array, u: Float64Array, v: Float64Array, o: Float64Array): void {
    const { n, uBelow, uAbove, vBelow, vAbove } = this;
    if (f[min] !== 0) for (let i = 0; i < n; i++) o[i] += f[min] * (u[i] * vAbove[i + 1] + v[i] * uAbove[i]);
    if (f[max] !== 0) for (let i = 0; i < n; i++) o[i] += f[max] * (u[i] * vBelow[i] + v[i] * uBelow[i + 1]);
    if (f[eq] !== 0) {
      let [same, other] = [0, 0];
      for (let i = 0; i < n; i++) {
        same += u[i] * v[i];
        other += u[i] * (vBelow[i] + vAbove[i + 1]);
      }
      o[1] += f[eq] * same;
      o[0] += f[eq] * other;
    }
    if (f[lt] !== 0) {
      let [less, other] = [0, 0];
      for (let i = 0; i < n; i++) {
        less += u[i] * vAbove[i + 1];
        other += u[i] * vBelow[i + 1];
      }
      o[1] += f[lt] * less;
      o[0] += f[lt] * other;
    }
  }

  private orderBackward(
    f: Float64Array,
    u: Float64Array,
    v: Float64Array,
    g: Float64Array,
    wanted: Uint8Array,
    gf: Float64Array,
    gu: Float64Array,
    gv: Float64Array,
  ): void {
    const { n, uBelow, uAbove, vBelow, vAbove } = this;
    if (f[min] !== 0 || wanted[min]) {
      // Up to i: the expected cotangent where the other operand is the smaller one.
      for (let i = 0, byV = 0, byU = 0; i < n; i++) {
        byV += g[i] * v[i];
        const du = g[i] * vAbove[i + 1] + byV;
        gf[min] += u[i] * du;
        gu[i] += f[min] * du;
        gv[i] += f[min] * (g[i] * uAbove[i] + byU);
        byU += g[i] * u[i];
      }
    }
    if (f[max] !== 0 || wanted[max]) {
      for (let i = n - 1, byV = 0, byU = 0; i >= 0; i--) {
        byV += g[i] * v[i];
        const du = g[i] * vBelow[i] + byV;
        gf[max] += u[i] * du;
        gu[i] += f[max] * du;
        gv[i] += f[max] * (g[i] * uBelow[i + 1] + byU);
        byU += g[i] * u[i];
      }
    }
    if (f[eq] !== 0 || wanted[eq]) {
      for (let i = 0; i < n; i++) {
        const du = g[1] * v[i] + g[0] * (vBelow[i] + vAbove[i + 1]);
        gf[eq] += u[i] * du;
        gu[i] += f[eq] * du;
        gv[i] += f[eq] * (g[1] * u[i] + g[0] * (uBelow[i] + uAbove[i + 1]));
      }
    }
    if (f[lt] !== 0 || wanted[lt]) {
      for (let i = 0; i < n; i++) {
        const du = g[1] * vAbove[i + 1] + g[0] * vBelow[i + 1];
        gf[lt] += u[i] * du;
        gu[i] += f[lt] * du;
        gv[i] += f[lt] * (g[1] * uBelow[i] + g[0] * uAbove[i]);
      }
    }
  }
}

const numberOf = (op: Mnemonic): number => instructions[op].number;
const zero = numberOf("zero");
const inc = numberOf("inc");
const dec = numberOf("dec");
const add = numberOf("add");
const sub = numberOf("sub");
const mul = numberOf("mul");
const div = numberOf("div");
const mod = numberOf("mod");
const min = numberOf("min");
const max = numberOf("max");
const eq = numberOf("eq");
const lt = numberOf("lt");
const not = numberOf("not");
const move = numberOf("move");

/** Logical operations by number, with their results for (0, 0), (0, 1), (1, 0) and (1, 1). */
const logic = (["and", "or", "xor"] as const satisfies readonly AluMnemonic[]).map((op) => {
  const result = (a: number, b: number): number => alu[op](a, b, 2);
  return [numberOf(op), [result(0, 0), result(0, 1), result(1, 0), result(1, 1)]] as const;
});

function support(p: Float64Array, indices: Int32Array, n: number): Int32Array {
  let count = 0;
  for (let i = 0; i < n; i++) if (p[i] !== 0) indices[count++] = i;
  return count === n ? indices : indices.subarray(0, count);
}

function partialSums(p: Float64Array, below: Float64Array, above: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) below[i + 1] = below[i] + p[i];
  above[n] = 0;
  for (let i = n - 1; i >= 0; i--) above[i] = above[i + 1] + p[i];
}
