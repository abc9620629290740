import { type Limits, withinBounds } from "./optimizers/optimizer.js";

/** The lowest and highest value of parameters by name. */
export type Bounds = Readonly<Record<string, readonly [number, number]>>;

/**
 * Points to descend from beside the given one: spread evenly between finite bounds, on a logarithmic scale where these are
 * positive and far apart; without bounds, over a decade either way of the given value. They are a low-discrepancy
 * sequence (Roberts, "The Unreasonable Effectiveness of Quasirandom Sequences", 2018), which fills space better than
 * random points; the seed shifts it.
 */
export function startingPoints(first: Float64Array, limits: Limits, count: number, seed: number): Float64Array[] {
  const ratio = generalizedGoldenRatio(first.length);
  const points: Float64Array[] = [];
  for (let k = 1; k <= count; k++)
    points.push(
      withinBounds(
        first.map((x, j) => {
          const share = (0.5 + (seed * count + k) * ratio ** -(j + 1)) % 1;
          return spread(share, x, limits.low[j], limits.high[j]);
        }),
        limits,
      ),
    );
  return points;
}

/** The positive root of x^(d+1) = x + 1. */
function generalizedGoldenRatio(dimensions: number): number {
  let root = 2;
  for (let i = 0; i < 60; i++) root = (1 + root) ** (1 / (dimensions + 1));
  return root;
}

/** A value at a share from 0 to 1 of what a parameter may plausibly be. */
function spread(share: number, start: number, low: number, high: number): number {
  if (Number.isFinite(low) && Number.isFinite(high))
    return low > 0 && high / low >= 100 ? low * (high / low) ** share : low + share * (high - low);
  if (start !== 0) return start * 10 ** (2 * share - 1);
  return Math.tan(0.9 * Math.PI * (share - 0.5));
}
