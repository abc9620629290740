/** A slope as central differences show it. */
export interface MeasuredSlope {
  readonly slope: number;
  /** By how much the differences with the two widths differ: how far the slope may be off. */
  readonly uncertainty: number;
}

/**
 * The slope of a function at 0 by central differences with a width and half of it, extrapolated to none (Richardson 1911).
 * @param f the function, of a number that is 0 where the slope is wanted.
 */
export function centralDifference(f: (change: number) => number, width: number): MeasuredSlope {
  const difference = (h: number) => (f(h) - f(-h)) / (2 * h);
  const [wide, narrow] = [difference(width), difference(width / 2)];
  return { slope: (4 * narrow - wide) / 3, uncertainty: Math.abs(wide - narrow) };
}
