import fc from "fast-check";
import { seededRandom } from "../../machine/index.js";
import type { Shape, Value } from "../../scheme/index.js";
import { randomProgram } from "../../scheme/testing.js";

/** A random program, its inputs' shapes and its value's, and the seed of the numbers that it runs on. */
export interface FuzzCase {
  readonly kind: "numbers" | "arrays" | "integers";
  readonly source: string;
  readonly inputs: Readonly<Record<string, Shape>>;
  readonly shape: Shape;
  readonly seed: number;
}

const numbers = { x: [], y: [], z: [] };
const arrays: readonly Readonly<Record<string, Shape>>[] = [
  { v: [3], M: [3, 3] },
  { v: [2], N: [2, 3] },
  { u: [1], w: [2] },
  { M: [4, 4], w: [4] },
];

const program = (
  kind: FuzzCase["kind"],
  given: Readonly<Record<string, Shape>>,
  shape: Shape,
): fc.Arbitrary<FuzzCase> => {
  const names = kind === "arrays" ? ["x", "y"] : Object.keys(numbers);
  const source = randomProgram({ inputs: names, integer: kind === "integers", arrays: given, shape });
  const inputs = { ...Object.fromEntries(names.map((name) => [name, []])), ...given };
  return fc.record({
    kind: fc.constant(kind),
    source,
    inputs: fc.constant(inputs),
    shape: fc.constant(shape),
    seed: fc.nat(),
  });
};

/** Programs on whole numbers, for the register machine. */
export const integerCases: fc.Arbitrary<FuzzCase> = program("integers", {}, []);

/** Half on numbers, four in ten on arrays too, one in ten on whole numbers for the register machine. */
export const fuzzCases: fc.Arbitrary<FuzzCase> = fc.oneof(
  { weight: 10, arbitrary: program("numbers", {}, []) },
  ...arrays.flatMap((given) =>
    [[], Object.values(given)[0]].map((shape) => ({ weight: 1, arbitrary: program("arrays", given, shape) })),
  ),
  { weight: 2, arbitrary: integerCases },
);

const special = [0, -0, 1, -1, 0.5, 2, 1e-310, 1e10, -1e20, 1e300, Number.POSITIVE_INFINITY, Number.NaN];

/** One value for each input. */
export type Row = Readonly<Record<string, Value>>;

/**
 * Rows of inputs. The first `plain` are of numbers that are seldom where a kink is; as many then have whole numbers and
 * tenths too, where branches meet ties and infinite slopes; the others infinities, NaN and numbers of any size as well.
 */
export function rowsOf({ inputs, seed }: FuzzCase, count: number, plain: number): Row[] {
  const random = seededRandom(seed);
  const draw = (row: number): number => {
    const any = random();
    const rule = row < plain ? 0 : random() * (row < 2 * plain ? 0.9 : 1);
    if (rule < 0.5) return (any - 0.5) * 8;
    if (rule < 0.7) return Math.floor(any * 9) - 4;
    if (rule < 0.9) return Math.floor(any * 80) / 10 - 4;
    return special[Math.floor(any * special.length)];
  };
  const value = (row: number, [size, ...inner]: Shape): Value =>
    size === undefined ? draw(row) : (Array.from({ length: size }, () => value(row, inner)) as unknown as Value);
  return Array.from({ length: count }, (_, row) =>
    Object.fromEntries(Object.entries(inputs).map(([name, shape]) => [name, value(row, shape)])),
  );
}
