/** The softmax of each row of `width` logits, written to `out`, which may be the logits themselves. */
export function softmaxRows(logits: Float64Array, out: Float64Array, width: number): void {
  for (let row = 0; row < logits.length; row += width) {
    let most = Number.NEGATIVE_INFINITY;
    for (let i = row; i < row + width; i++) most = Math.max(most, logits[i]);
    let sum = 0;
    for (let i = row; i < row + width; i++) {
      out[i] = Math.exp(logits[i] - most);
      sum += out[i];
    }
    for (let i = row; i < row + width; i++) out[i] /= sum;
  }
}

/**
 * The gradient with respect to rows of logits from that with respect to `p`, their softmax; written to `out`, which may be
 * the gradient itself.
 */
export function softmaxGradient(p: Float64Array, gradient: Float64Array, out: Float64Array, width: number): void {
  for (let row = 0; row < p.length; row += width) {
    let mean = 0;
    for (let i = row; i < row + width; i++) mean += p[i] * gradient[i];
    for (let i = row; i < row + width; i++) out[i] = p[i] * (gradient[i] - mean);
  }
}
