/** A slope, and how far from the true one it may be. */
export interface Estimate {
  readonly slope: number;
  readonly error: number;
}

const wide = [2 ** -9, 1.1 * 2 ** -10, 1.23 * 2 ** -11] as const;
const narrow = 2 ** -18;
/** Slopes of numbers near 1 are 0 below it, but for rounding. */
const negligible = 2 ** -40;

/**
 * The slope at 0 by central differences with three wide steps, extrapolated (Richardson, "The Approximate Arithmetical
 * Solution by Finite Differences", 1911), and a narrow one: a smooth function's agree to many digits. Where they do not,
 * or the sides of 0 have different slopes, a kink, a jump or rounding is near. Nothing if so.
 */
export function differences(f: (h: number) => number): Estimate | undefined {
  const middle = f(0);
  const measured = [...wide, narrow].map((h) => {
    const [low, high] = [f(-h), f(h)];
    return {
      h,
      central: (high - low) / (2 * h),
      bend: (high - 2 * middle + low) / h,
      size: Math.abs(low) + Math.abs(high),
    };
  });
  const [first, second, third, last] = measured;
  const extrapolated = (a: typeof first, b: typeof first) =>
    (a.h ** 2 * b.central - b.h ** 2 * a.central) / (a.h ** 2 - b.h ** 2);
  const coarse = extrapolated(first, second);
  const slope = extrapolated(second, third);
  const size = Math.max(...measured.map((one) => one.size));
  const rounding = (h: number) => (2 ** -49 * size) / h;
  const error = 30 * Math.abs(slope - coarse) + 1e-6 * Math.abs(slope) + rounding(third.h) + negligible;
  // Of a smooth function the sides' slopes differ in proportion to the step.
  const isKinked = !(Math.abs(third.bend - (third.h / second.h) * second.bend) <= error);
  const agrees = Math.abs(last.central - slope) <= error + rounding(narrow);
  if (isKinked || !agrees || error > 0.1 * Math.abs(slope) + 1e-3) return undefined;
  return { slope, error };
}
