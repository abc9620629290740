import { accuracy } from "../kernel/elementary/accuracy.js";
import { elementaryNames } from "../kernel/index.js";

/**
 * The ulp table: for each elementary function and lane type, the worst distance from the correctly rounded result among
 * arguments whose exponents are drawn evenly over the whole range, and near the function's hard points. One JSON line
 * each. Arguments: how many to try (100,000), a seed (1), names of functions (all).
 */
export async function main(args: string[]): Promise<void> {
  const [count = 100_000, seed = 1] = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const asked = args.filter((arg) => !/^\d+$/.test(arg));
  for (const name of elementaryNames.filter((known) => asked.length === 0 || asked.includes(known))) {
    for (const type of ["f64x2", "f32x4"] as const) {
      const { ulp, at, result, unrounded } = accuracy(name, type, count, seed);
      const share = Number((unrounded / count).toPrecision(3));
      console.log(
        JSON.stringify({ function: name, type, worst_ulp: ulp, at, result, count, not_correctly_rounded: share }),
      );
    }
  }
}
