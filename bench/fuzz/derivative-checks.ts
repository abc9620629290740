import { compile, type DirectModule, type NestedNumbers } from "../../direct/index.js";
import { trace } from "../../direct/testing.js";
import { seededRandom } from "../../machine/index.js";
import { type CoreProgram, specOf, type Value } from "../../scheme/index.js";
import type { Row } from "./cases.js";
import { differences } from "./differences.js";
import { Disagreement, expectClose, expectSame, expectSameKind, flat, given, outcome, show } from "./outcomes.js";
import { type Check, plainRows, type Subject, usedBy } from "./subject.js";

/** A direction for each input's elements, and a factor for each of the value's. */
function directions({ fuzzCase, double }: Subject): { tangents: Row; cotangent: Value } {
  const random = seededRandom(fuzzCase.seed + 1);
  const fill = ([size, ...inner]: readonly number[]): Value =>
    size === undefined ? 2 * random() - 1 : (Array.from({ length: size }, () => fill(inner)) as unknown as Value);
  const tangents = Object.fromEntries(Object.entries(fuzzCase.inputs).map(([name, shape]) => [name, fill(shape)]));
  return { tangents, cotangent: double.shape.length === 0 ? 1 : fill(double.shape) };
}

const product = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
const magnitudes = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + Math.abs(x * b[i]), 0);

interface Slopes {
  /** By inputs and elements. */
  readonly slopes: readonly number[];
  readonly value: number;
}

function reverse(module: DirectModule, row: Row, cotangent: Value): Slopes {
  const names = Object.keys(row);
  const { value, gradient } = module.vjp(row, cotangent);
  return {
    value: product(flat(value), flat(cotangent as NestedNumbers)),
    slopes: names.flatMap((name) => flat(gradient[name])),
  };
}

/**
 * How far apart two results may be that would be equal but for rounding: what rounding to float32 does to one of them,
 * scaled to float64, with a margin. It tells how much a program magnifies errors; infinite if float32 has no digit right, as
 * for the inverse of a matrix that is all but singular.
 */
function allowance(scale: number, inDouble: number, inSingle = Number.NaN): number {
  const apart = Math.abs(inDouble - inSingle);
  return apart <= 0.03 * scale ? 1e-9 * scale + 2 ** -29 * 2 ** 10 * apart : Number.POSITIVE_INFINITY;
}

/** Whether float32 has a value's first digits right. */
const isSteady = (inDouble: number, inSingle: number | undefined) =>
  inSingle !== undefined && Math.abs(inDouble - inSingle) <= 0.03 * Math.abs(inDouble) + 1e-3;

/** A size below which slopes of a value are 0 but for rounding. */
const floor = (value: number) => 1e-3 * (1 + (Number.isFinite(value) ? Math.abs(value) : 0));

const forwardAndReverse: Check = (subject) => {
  const { fuzzCase, double, single, rows, count, skip } = subject;
  const { tangents, cotangent } = directions(subject);
  const speeds = Object.keys(fuzzCase.inputs).flatMap((name) => flat(tangents[name] as NestedNumbers));
  for (const row of rows.slice(0, plainRows)) {
    const backward = outcome("vjp", () => reverse(double, row, cotangent));
    const forward = outcome("jvp", () => double.jvp<NestedNumbers>(row, tangents));
    if ("error" in backward || "error" in forward) {
      expectSameKind("forward and reverse", row, forward, backward);
      skip("fails at the point");
      continue;
    }
    const { slopes } = backward.value;
    expectSame(
      "forward and reverse: value",
      row,
      [product(flat(forward.value.value), flat(cotangent as NestedNumbers))],
      [backward.value.value],
    );
    const along = product(slopes, speeds);
    const tangent = product(flat(forward.value.tangent), flat(cotangent as NestedNumbers));
    const rough = given(outcome("vjp", () => reverse(single, row, cotangent)));
    const tolerance = allowance(
      magnitudes(slopes, speeds) + floor(backward.value.value),
      along,
      rough && product(rough.slopes, speeds),
    );
    if (!Number.isFinite(along) || !Number.isFinite(tangent)) {
      skip("slopes that are not finite");
      continue;
    }
    if (!Number.isFinite(tolerance) || !isSteady(backward.value.value, rough?.value)) {
      skip("slopes that rounding decides");
      continue;
    }
    expectClose("forward and reverse", row, tangent, along, tolerance);
    count("forward and reverse");
  }
};

const moved = (value: Value, by: Value, h: number): Value =>
  typeof value === "number"
    ? value + h * (by as number)
    : (value.map((item: Value, i) => moved(item, (by as readonly Value[])[i], h)) as Value);

/** Whether a run takes steps or kinks of large numbers, or with a large slope: they may be closer together than differences see. */
function hasFineSteps(program: CoreProgram, row: Row, slope: number): boolean {
  let found = false;
  trace(program, usedBy(program, row), (op, args) => {
    const sizes = args.map((arg) => Math.max(...flat(arg as NestedNumbers).map(Math.abs)));
    const least = Math.min(...flat(args[args.length - 1] as NestedNumbers).map(Math.abs));
    // Remainders and quotients have a kink or step wherever the ratio is whole.
    const size = Math.max(Math.abs(slope), ...sizes, args.length === 2 ? sizes[0] / least : 0);
    if (specOf(op).derivative !== "smooth" && !(size < 2 ** 12)) found = true;
  });
  return found;
}

const reverseAndDifferences: Check = (subject) => {
  const { fuzzCase, program, double, rows, count, skip } = subject;
  const { tangents, cotangent } = directions(subject);
  const factors = flat(cotangent as NestedNumbers);
  const speeds = Object.keys(fuzzCase.inputs).flatMap((name) => flat(tangents[name] as NestedNumbers));
  for (const row of rows.slice(0, plainRows)) {
    const found = given(outcome("vjp", () => reverse(double, row, cotangent)));
    const along = found && product(found.slopes, speeds);
    if (along === undefined || !Number.isFinite(along)) {
      skip(found ? "slopes that are not finite" : "fails at the point");
      continue;
    }
    const at = (h: number) => {
      const inputs = Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, moved(value, tangents[name], h)]),
      );
      const value = given(outcome("evaluate", () => double.evaluate<NestedNumbers>(inputs)));
      return value === undefined ? Number.NaN : product(flat(value), factors);
    };
    const estimate = differences(at);
    if (!estimate) {
      skip("differences that tell nothing");
      continue;
    }
    if (Math.abs(along - estimate.slope) > estimate.error && hasFineSteps(program, row, along)) {
      skip("steps finer than differences see");
      continue;
    }
    expectClose("reverse and central differences", row, along, estimate.slope, estimate.error);
    count("reverse and central differences");
  }
};

/** A run's own operations, without control flow: what a branch not taken must not change. */
const traced: Check = (subject) => {
  const { fuzzCase, program, double, single, rows, count, skip } = subject;
  const { cotangent } = directions(subject);
  for (const row of [rows[0], rows[plainRows]]) {
    const found = given(outcome("vjp", () => reverse(double, row, cotangent)));
    if (!found) {
      skip("fails at the point");
      continue;
    }
    const source = trace(program, usedBy(program, row));
    if (source.length > 20_000) {
      skip("a long trace");
      continue;
    }
    const straight = outcome("trace", () => reverse(compile(source, { inputs: fuzzCase.inputs }), row, cotangent));
    const rough = given(outcome("vjp", () => reverse(single, row, cotangent)));
    if ("error" in straight) throw new Disagreement(`trace: ${straight.error.message}\n  at ${show(row)}\n  ${source}`);
    expectSame("trace: value", row, [found.value], [straight.value.value]);
    for (const [i, slope] of straight.value.slopes.entries()) {
      const mine = found.slopes[i];
      const scale = Math.abs(mine) + floor(straight.value.value);
      // NaN where the run's own operations have a number is a fault, however much they magnify rounding.
      const known = isSteady(found.value, rough?.value) ? rough?.slopes[i] : undefined;
      const tolerance = Number.isFinite(mine) ? allowance(scale, mine, known) : 0;
      // Infinity less infinity is NaN or not by the order of sums.
      if (!Number.isFinite(slope)) skip("slopes that are not finite");
      else if (tolerance === Number.POSITIVE_INFINITY) skip("slopes that rounding decides");
      else {
        expectClose(`trace: slope ${i}`, row, mine, slope, tolerance);
        count("slopes and those of the operations of a run");
      }
    }
  }
};

const hessian: Check = ({ fuzzCase, double, single, rows, count, skip }) => {
  if (fuzzCase.shape.length > 0 || fuzzCase.seed % 4 > 0) return;
  const second = (module: DirectModule, row: Row) => {
    const { value, hessian: table } = module.hessian(row);
    const widths = module.inputs.map((name) => flat(row[name] as NestedNumbers).length);
    // Of two inputs the block has the first's elements by the second's.
    const lines = module.inputs.flatMap((a, i) => {
      const blocks = module.inputs.map((b) => flat(table[a][b]));
      return Array.from({ length: widths[i] }, (_, k) =>
        module.inputs.flatMap((_, j) => blocks[j].slice(k * widths[j], (k + 1) * widths[j])),
      );
    });
    return { value, lines };
  };
  for (const row of rows.slice(0, 2)) {
    const found = given(outcome("hessian", () => second(double, row)));
    const rough = given(outcome("hessian", () => second(single, row)));
    if (!found || !rough) {
      skip("fails at the point");
      continue;
    }
    if (!isSteady(found.value, rough.value)) {
      skip("slopes that rounding decides");
      continue;
    }
    const least = floor(Math.max(Math.abs(found.value), ...found.lines.flat().filter(Number.isFinite).map(Math.abs)));
    for (let i = 0; i < found.lines.length; i++) {
      for (let j = 0; j < i; j++) {
        const [a, b] = [found.lines[i][j], found.lines[j][i]];
        const scale = Math.max(Math.abs(a), Math.abs(b)) + least;
        const tolerance = allowance(scale, a, rough.lines[i][j]) + allowance(scale, b, rough.lines[j][i]);
        if (!Number.isFinite(a) || !Number.isFinite(b)) skip("slopes that are not finite");
        else if (!Number.isFinite(tolerance)) skip("slopes that rounding decides");
        else {
          expectClose(`hessian ${i},${j} and ${j},${i}`, row, a, b, tolerance);
          count("hessian and its transpose");
        }
      }
    }
  }
};

/** Derivatives against one another, against differences, and against those of what a run does. */
export const derivativeChecks: readonly Check[] = [forwardAndReverse, reverseAndDifferences, traced, hessian];
