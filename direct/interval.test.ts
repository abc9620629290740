import fc from "fast-check";
import { expect, test } from "vitest";
import { isScalarOp, opNames, specOf } from "../scheme/index.js";
import { type GraphOp, meaningOf } from "./graph-ops.js";
import { contains, type Interval, interval, nextDown, nextUp } from "./interval.js";
import { intervalOf, rounded } from "./interval-ops.js";

const scalars: readonly GraphOp[] = ["chain*", ...opNames.filter(isScalarOp)];
const arity = (op: GraphOp) => (op === "chain*" || specOf(op).spread ? 2 : specOf(op).arity[0]);
const special = [0, 1, -1, 0.5, 2, 3, -2, Math.PI / 2, Math.PI, -Math.PI, 1e300, 5e-324, Infinity, -Infinity];
const number = fc.oneof(
  fc.constantFrom(...special),
  fc.integer({ min: -20, max: 20 }),
  fc.integer({ min: -4000, max: 4000 }).map((k) => k / 400),
  fc.double({ noNaN: true }),
);
/** An interval and a number of it. */
const member = fc
  .tuple(fc.array(number, { minLength: 1, maxLength: 2 }), fc.nat(8), fc.boolean())
  .map(([ends, part, withNaN]): { within: Interval; value: number } => {
    const [low, high] = [Math.min(...ends), Math.max(...ends)];
    const between = low + (high - low) * (part / 8);
    const value =
      Number.isNaN(between) || part === 0 ? low : part === 8 ? high : Math.min(high, Math.max(low, between));
    const whole = ends.length === 1 && Number.isInteger(low);
    return { within: interval(low, high, withNaN, whole), value: withNaN && part === 7 ? Number.NaN : value };
  });

for (const dtype of ["float64", "float32"] as const)
  test.each(scalars)(`%s of numbers in intervals is in its interval, ${dtype}`, (op) => {
    const round = (x: number) => (dtype === "float32" ? Math.fround(x) : x);
    const count = arity(op);
    fc.assert(
      fc.property(fc.array(member, { minLength: count, maxLength: count }), fc.boolean(), (members, same) => {
        const used = same && count === 2 ? [members[0], members[0]] : members;
        const args = used.map(({ within }) => rounded(within, dtype));
        const value = round(meaningOf(op)(...used.map((one) => round(one.value))));
        const found = intervalOf(op, args, same, dtype);
        expect(contains(found, value), `${value} of ${JSON.stringify(found)}`).toBe(true);
        if (found.whole && Number.isFinite(value)) expect(Number.isInteger(value)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

test("intervals are as narrow as the functions allow", () => {
  const of = (op: (typeof scalars)[number], ...args: Interval[]) => intervalOf(op, args, false, "float64");
  expect(of("square", interval(-2, 1))).toMatchObject({ low: 0, high: 4, nan: false });
  expect(of("sqrt", interval(0, 4))).toMatchObject({ low: 0, high: 2, nan: false });
  expect(of("sqrt", interval(-1, 4)).nan).toBe(true);
  expect(of("/", interval(1, 2), interval(4, 8))).toMatchObject({ low: 0.125, high: 0.5, nan: false });
  expect(of("/", interval(1, 2), interval(0, 8))).toMatchObject({ low: -Infinity, high: Infinity });
  expect(of("sin", interval(0, 1)).high).toBeCloseTo(Math.sin(1), 14);
  expect(of("sin", interval(0, 3)).high).toBe(1);
  expect(of("tan", interval(-1, 1)).high).toBeCloseTo(Math.tan(1), 14);
  expect(of("acos", interval(-1, 1)).high).toBeCloseTo(Math.PI, 14);
  expect(of("expt", interval(-2, 1), interval(3, 3)).low).toBeCloseTo(-8, 12);
  expect(of("<", interval(0, 1), interval(2, 3))).toMatchObject({ low: 1, high: 1 });
  expect(of("modulo", interval(-50, 50), interval(3, 3, false, true))).toMatchObject({ low: 0, high: 3 });
});

test("a number's neighbours", () => {
  expect(nextUp(1, "float64")).toBe(1 + Number.EPSILON);
  expect(nextDown(0, "float64")).toBe(-Number.MIN_VALUE);
  expect(nextUp(-Number.MIN_VALUE, "float64")).toBe(-0);
  expect(nextUp(1, "float32")).toBe(1 + 2 ** -23);
  expect(nextUp(Number.MAX_VALUE, "float64")).toBe(Infinity);
});
