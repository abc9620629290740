/** The sums before each index of an operand: `below[i]` is the sum of the first i; n + 1 long. */
type Sums = Float64Array;

/** o[floor(a / b)] <- that + weight * u[a] * v[b]: each quotient collects a range of u. 0 where b is 0. */
export function divide(weight: number, uBelow: Sums, v: Float64Array, vs: Int32Array, o: Float64Array): void {
  const n = v.length;
  for (let y = 0; y < vs.length; y++) {
    const b = vs[y];
    const w = weight * v[b];
    if (b === 0) o[0] += w * uBelow[n];
    else for (let q = 0, a = 0; a < n; q++, a += b) o[q] += w * (uBelow[Math.min(n, a + b)] - uBelow[a]);
  }
}

/**
 * The transpose of `divide`: adds to `gu` and `gv`, and returns the gradient with respect to the weight.
 *
 * @param scratch [n]
 */
export function divideBackward(
  weight: number,
  uBelow: Sums,
  v: Float64Array,
  vBelow: Sums,
  g: Float64Array,
  gu: Float64Array,
  gv: Float64Array,
  scratch: Float64Array,
): number {
  const n = v.length;
  // As a function of a, the expected cotangent is a sum of steps: floor(a / b) grows by one at each multiple of b.
  scratch.fill(0);
  scratch[0] = g[0] * vBelow[n];
  const byZero = g[0] * uBelow[n];
  gv[0] += weight * byZero;
  let total = v[0] * byZero;
  for (let b = 1; b < n; b++) {
    let expected = 0;
    for (let q = 0, a = 0; a < n; q++, a += b) {
      expected += g[q] * (uBelow[Math.min(n, a + b)] - uBelow[a]);
      if (q > 0) scratch[a] += v[b] * (g[q] - g[q - 1]);
    }
    gv[b] += weight * expected;
    total += v[b] * expected;
  }
  for (let a = 0, sum = 0; a < n; a++) {
    sum += scratch[a];
    gu[a] += weight * sum;
  }
  return total;
}

/**
 * o[a mod b] <- that + weight * u[a] * v[b]: a divisor above a leaves it as it is, smaller ones wrap it around. 0 where b
 * is 0.
 *
 * @param vAbove the sums of v from each index on; n + 1 long.
 */
export function remainder(
  weight: number,
  u: Float64Array,
  uBelow: Sums,
  v: Float64Array,
  vs: Int32Array,
  vAbove: Sums,
  o: Float64Array,
): void {
  const n = v.length;
  for (let a = 0; a < n; a++) o[a] += weight * (u[a] * vAbove[a + 1]);
  for (let y = 0; y < vs.length; y++) {
    const b = vs[y];
    const w = weight * v[b];
    if (b === 0) o[0] += w * uBelow[n];
    else {
      for (let start = b; start < n; start += b) {
        const length = Math.min(b, n - start);
        for (let r = 0; r < length; r++) o[r] += w * u[start + r];
      }
    }
  }
}

/**
 * The transpose of `remainder`: adds to `gu` and `gv`, and returns the gradient with respect to the weight.
 *
 * @param scratch [n]
 */
export function remainderBackward(
  weight: number,
  u: Float64Array,
  uBelow: Sums,
  v: Float64Array,
  vAbove: Sums,
  g: Float64Array,
  gu: Float64Array,
  gv: Float64Array,
  scratch: Float64Array,
): number {
  const n = v.length;
  for (let a = 0; a < n; a++) scratch[a] = g[0] * v[0] + g[a] * vAbove[a + 1];
  gv[0] += weight * (g[0] * uBelow[n]);
  for (let b = 1, below = 0; b < n; b++) {
    below += u[b - 1] * g[b - 1];
    let expected = below;
    const w = v[b];
    for (let start = b; start < n; start += b) {
      const length = Math.min(b, n - start);
      for (let r = 0; r < length; r++) {
        expected += u[start + r] * g[r];
        scratch[start + r] += w * g[r];
      }
    }
    gv[b] += weight * expected;
  }
  let total = 0;
  for (let a = 0; a < n; a++) {
    total += u[a] * scratch[a];
    gu[a] += weight * scratch[a];
  }
  return total;
}
