import type { Floats } from "../slots.js";

export interface AdamSettings {
  /** Decay of the gradient's mean, and of its square's, from step to step. */
  readonly beta1: number;
  readonly beta2: number;
  /** Added to the square's root, in units of the gradient. */
  readonly epsilon: number;
}

/** The paper's. */
const usual: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** A parameter with Adam's two moments of its gradient, as long as it is. */
export interface Moments<A extends Floats = Floats> {
  readonly value: A;
  readonly first: A;
  readonly second: A;
}

/** A parameter at `value`, which steps change in place, with moments of zero. */
export function withMoments(value: Float32Array): Moments<Float32Array>;
export function withMoments(value: Float64Array): Moments<Float64Array>;
export function withMoments(value: Floats): Moments {
  return { value, first: value.slice().fill(0), second: value.slice().fill(0) };
}

/**
 * One step of Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, algorithm 1), in place. What has
 * always had a gradient of 0 stays as it is.
 *
 * @param t steps taken, with this one: it counts from 1.
 * @param scale what the gradient is multiplied by.
 */
export function adamStep(
  { value, first, second }: Moments,
  gradient: Floats,
  rate: number,
  t: number,
  { beta1, beta2, epsilon }: AdamSettings = usual,
  scale = 1,
): void {
  const [unbias, unbiasSquare] = [1 - beta1 ** t, 1 - beta2 ** t];
  for (let i = 0; i < value.length; i++) {
    const g = gradient[i] * scale;
    const mean = first[i] + (1 - beta1) * (g - first[i]);
    const square = second[i] + (1 - beta2) * (g * g - second[i]);
    first[i] = mean;
    second[i] = square;
    value[i] -= (rate * (mean / unbias)) / (Math.sqrt(square / unbiasSquare) + epsilon);
  }
}
