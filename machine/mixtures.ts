/**
 * The inner loops of the soft machine: sums of products over rows of flat matrices and circular arrays. They keep several
 * sums going at once, which is what a processor without vector instructions in reach is fastest at.
 */

/** out <- out + scale * sum over rows of weights[row] * matrix[row]; rows without weight cost next to nothing. */
export function addMixture(scale: number, weights: Float64Array, matrix: Float64Array, out: Float64Array): void {
  const width = out.length;
  const rows = weights.length;
  let row = 0;
  for (; row + 4 <= rows; row += 4) {
    const w0 = scale * weights[row];
    const w1 = scale * weights[row + 1];
    const w2 = scale * weights[row + 2];
    const w3 = scale * weights[row + 3];
    if (w0 === 0 && w1 === 0 && w2 === 0 && w3 === 0) continue;
    const s0 = row * width;
    const s1 = s0 + width;
    const s2 = s1 + width;
    const s3 = s2 + width;
    for (let i = 0; i < width; i++) {
      out[i] += w0 * matrix[s0 + i] + w1 * matrix[s1 + i] + (w2 * matrix[s2 + i] + w3 * matrix[s3 + i]);
    }
  }
  for (; row < rows; row++) {
    const weight = scale * weights[row];
    const start = row * width;
    if (weight !== 0) for (let i = 0; i < width; i++) out[i] += weight * matrix[start + i];
  }
}

/** The inner product of `width` numbers of x from `start` and the first of y. */
export function dot(x: Float64Array, start: number, y: Float64Array, width: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  let i = 0;
  for (; i + 4 <= width; i += 4) {
    s0 += x[start + i] * y[i];
    s1 += x[start + i + 1] * y[i + 1];
    s2 += x[start + i + 2] * y[i + 2];
    s3 += x[start + i + 3] * y[i + 3];
  }
  for (; i < width; i++) s0 += x[start + i] * y[i];
  return s0 + s1 + (s2 + s3);
}

/** to <- to + weight * from */
export function addScaled(weight: number, from: Float64Array, to: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += weight * from[i];
}

/** The length of a circular array of n numbers that `unroll` writes and `correlate` reads. */
export function unrolledLength(n: number): number {
  return 2 * n + 4;
}

/** Writes a circular array twice, one after the other; with `direction` -1 backwards from its first number. */
export function unroll(circle: Float64Array, n: number, direction: 1 | -1, out: Float64Array): void {
  for (let i = 0; i < n; i++) {
    const value = circle[direction === 1 || i === 0 ? i : n - i];
    out[i] = value;
    out[n + i] = value;
  }
}

/** Writes an array backwards from its last number. */
export function reverse(from: Float64Array, n: number, out: Float64Array): void {
  for (let i = 0; i < n; i++) out[i] = from[n - 1 - i];
}

/** out[k] <- out[k] + scale * sum over i of x[i] * circle[offset + k + i], for k and i in 0..n-1, offset 0 or 1. */
export function correlate(
  scale: number,
  x: Float64Array,
  circle: Float64Array,
  offset: 0 | 1,
  n: number,
  out: Float64Array,
): void {
  for (let k = 0; k < n; k += 4) {
    const start = offset + k;
    let c0 = circle[start];
    let c1 = circle[start + 1];
    let c2 = circle[start + 2];
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = 0; i < n; i++) {
      const xi = x[i];
      const c3 = circle[start + 3 + i];
      s0 += xi * c0;
      s1 += xi * c1;
      s2 += xi * c2;
      s3 += xi * c3;
      c0 = c1;
      c1 = c2;
      c2 = c3;
    }
    out[k] += scale * s0;
    if (k + 1 < n) out[k + 1] += scale * s1;
    if (k + 2 < n) out[k + 2] += scale * s2;
    if (k + 3 < n) out[k + 3] += scale * s3;
  }
}
