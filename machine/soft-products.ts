import { alu } from "../assembler/index.js";
import { addScaled, dot } from "./mixtures.js";

/** Multiplication modulo n of two distributions, by a table of n^2 small integers that is built when first needed. */
export class SoftProducts {
  private table: Uint16Array | undefined;

  constructor(private readonly n: number) {}

  /** (a * b) mod n at a * n + b. */
  private products(): Uint16Array {
    if (this.table === undefined) {
      const { n } = this;
      this.table = new Uint16Array(n * n);
      for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) this.table[a * n + b] = alu.mul(a, b, n);
    }
    return this.table;
  }

  /** o[(a * b) mod n] <- that + weight * u[a] * v[b], over the pairs of the two supports. */
  forward(weight: number, u: Float64Array, us: Int32Array, v: Float64Array, vs: Int32Array, o: Float64Array): void {
    const { n } = this;
    const products = this.products();
    if (us.length < n || vs.length < n) {
      for (let x = 0; x < us.length; x++) {
        const row = us[x] * n;
        const w = weight * u[us[x]];
        for (let y = 0; y < vs.length; y++) o[products[row + vs[y]]] += w * v[vs[y]];
      }
      return;
    }
    for (let a = 0; a < n; a++) {
      // a * b is b * a: each pair is looked up once.
      const row = a * n;
      const [ua, va] = [weight * u[a], weight * v[a]];
      for (let b = 0; b < a; b++) o[products[row + b]] += ua * v[b] + va * u[b];
      o[products[row + a]] += ua * v[a];
    }
  }

  /**
   * The transpose of `forward`: adds to `gu` and `gv`, and returns the gradient with respect to the weight.
   *
   * @param scratch [n]
   */
  backward(
    weight: number,
    u: Float64Array,
    us: Int32Array,
    v: Float64Array,
    vs: Int32Array,
    g: Float64Array,
    gu: Float64Array,
    gv: Float64Array,
    scratch: Float64Array,
  ): number {
    const { n } = this;
    const products = this.products();
    if (weight === 0) return expected(products, u, us, v, vs, g);
    // The expected cotangent given a goes to scratch.
    if ((us.length + vs.length) * 2 < n) {
      for (let a = 0; a < n; a++) {
        const row = a * n;
        let [byV, byU] = [0, 0];
        for (let y = 0; y < vs.length; y++) byV += v[vs[y]] * g[products[row + vs[y]]];
        for (let x = 0; x < us.length; x++) byU += u[us[x]] * g[products[row + us[x]]];
        scratch[a] = byV;
        gv[a] += weight * byU;
      }
    } else {
      for (let a = 0; a < n; a++) {
        const row = a * n;
        const [ua, va] = [weight * u[a], v[a]];
        const own = g[products[row + a]];
        let [byV, byU] = [va * own, u[a] * own];
        for (let b = 0; b < a; b++) {
          const t = g[products[row + b]];
          byV += v[b] * t;
          byU += u[b] * t;
          scratch[b] += va * t;
          gv[b] += ua * t;
        }
        scratch[a] = byV;
        gv[a] += weight * byU;
      }
    }
    addScaled(weight, scratch, gu);
    return dot(u, 0, scratch, n);
  }
}

function expected(
  products: Uint16Array,
  u: Float64Array,
  us: Int32Array,
  v: Float64Array,
  vs: Int32Array,
  g: Float64Array,
): number {
  const n = u.length;
  let sum = 0;
  for (let x = 0; x < us.length; x++) {
    const row = us[x] * n;
    let byV = 0;
    for (let y = 0; y < vs.length; y++) byV += v[vs[y]] * g[products[row + vs[y]]];
    sum += u[us[x]] * byV;
  }
  return sum;
}
