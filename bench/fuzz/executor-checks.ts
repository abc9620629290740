import { assemble, link } from "../../assembler/index.js";
import { compile, type DirectModule, type NestedNumbers } from "../../direct/index.js";
import { watchKernels } from "../../direct/testing.js";
import { withKernelFunctions } from "../../kernel/testing.js";
import { runExact, seededRandom } from "../../machine/index.js";
import { aNormalForm, BudgetError, evaluateReference } from "../../scheme/index.js";
import type { Row } from "./cases.js";
import { Disagreement, expectSame, expectSameKind, flat, type Outcome, outcome } from "./outcomes.js";
import { budget, type Check, isLimit, type Subject, usedBy } from "./subject.js";

/** Rows on which the reference runs, which is slow. */
const referenceRows = 12;
/** Of the register machine's numbers. */
const modulus = 251;

const inDomain =
  (domain: "ieee" | "strict"): Check =>
  ({ program, fuzzCase, double, rows, count, skip }) => {
    const module =
      domain === "ieee" ? double : compile(fuzzCase.source, { inputs: fuzzCase.inputs, domain, ...budget });
    for (const row of rows.slice(0, referenceRows)) {
      const wanted = outcome("reference", () =>
        evaluateReference(program, usedBy(program, row), { domain, ...budget }),
      );
      const found = outcome("evaluate", () => module.evaluate<NestedNumbers>(row));
      if ([wanted, found].some((one) => "error" in one && one.error instanceof BudgetError)) {
        skip("past a budget");
        continue;
      }
      // Which of several operations strict mode stops at may differ.
      expectSameKind(`evaluate and the reference, ${domain}`, row, found, wanted);
      if ("value" in found && "value" in wanted)
        expectSame(
          `evaluate and the reference, ${domain}`,
          row,
          flat(found.value),
          flat(wanted.value as NestedNumbers),
        );
      count(`evaluate and the reference, ${domain}`);
    }
  };

/** The rows with a value, repeated to fill a batch, and the values; no rows if none has one. */
function batchOf<T>(rows: readonly Row[], evaluate: (row: Row) => T): { rows: Row[]; wanted: T[]; failing: number } {
  const results = rows.map((row) => ({ row, result: outcome("evaluate", () => evaluate(row)) }));
  const good = results.flatMap(({ row, result }) => ("value" in result ? [{ row, value: result.value }] : []));
  const filled = good.length === 0 ? [] : rows.map((_, i) => good[i % good.length]);
  return {
    rows: filled.map(({ row }) => row),
    wanted: filled.map(({ value }) => value),
    failing: rows.length - good.length,
  };
}

function columns(module: DirectModule, rows: readonly Row[]): Record<string, Float32Array | Float64Array> {
  const column = (name: string) => rows.flatMap((row) => flat(row[name] as NestedNumbers));
  const make = (numbers: number[]) =>
    module.dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return Object.fromEntries(module.inputs.map((name) => [name, make(column(name))]));
}

const rowOf = (array: ArrayLike<number>, row: number, width: number) =>
  Array.from({ length: width }, (_, i) => array[row * width + i]);

/** What a batch gives of rows that have values one by one; a kernel gives up then only where calls go too deep for it. */
function onKernel<T>({ program, count, skip }: Subject, what: string, run: () => T): T {
  const { value: found, ended, gaveUp } = watchKernels(() => outcome("batch", run));
  if ("error" in found) throw new Disagreement(`${what}: the batch fails alone: ${found.error.message}`);
  if (gaveUp > 0 && program.functions.size === 0)
    throw new Disagreement(`${what}: the kernel gives up where slots do not`);
  if (ended > 0) count("of them by a kernel");
  else skip(gaveUp > 0 ? "calls too deep for a kernel" : "batches on slots");
  return found.value;
}

/** With `shared`, the first input has one value for every row, and is given so. */
const kernels =
  (which: "double" | "single", shared = false): Check =>
  (subject) => {
    const module = subject[which];
    const what = `batch and evaluate, ${module.dtype}${shared ? ", one value for every row" : ""}`;
    const [first] = module.inputs;
    const same = shared ? { [first]: subject.rows[0][first] } : {};
    const given = subject.rows.map((row) => ({ ...row, ...same }));
    const batch = (rows: readonly Row[]) => module.batch({ ...columns(module, rows), ...same });
    withKernelFunctions(module.dtype === "float32" ? "f32x4" : "f64x2", () => {
      const { rows, wanted, failing } = batchOf(given, (row) => flat(module.evaluate<NestedNumbers>(row)));
      if (failing > 0) {
        const found = outcome("batch", () => batch(given));
        if (!("error" in found)) throw new Disagreement(`${what}: ${failing} rows fail alone, none in the batch`);
      }
      if (rows.length === 0) {
        subject.skip("fails in every row");
        return;
      }
      const found = onKernel(subject, what, () => batch(rows));
      for (const [i, row] of rows.entries()) expectSame(what, row, rowOf(found, i, wanted[i].length), wanted[i]);
      subject.count(what);
    });
  };

const gradientKernels =
  (which: "double" | "single"): Check =>
  (subject) => {
    const module = subject[which];
    const what = `batchGradient and gradient, ${module.dtype}`;
    if (subject.fuzzCase.shape.length > 0) return;
    withKernelFunctions(module.dtype === "float32" ? "f32x4" : "f64x2", () => {
      const { rows, wanted } = batchOf(subject.rows, (row) => module.gradient<NestedNumbers>(row));
      if (rows.length === 0) {
        subject.skip("fails in every row");
        return;
      }
      const found = onKernel(subject, what, () => module.batchGradient(columns(module, rows)));
      for (const [i, row] of rows.entries()) {
        const { value, gradient } = wanted[i];
        expectSame(`${what}: value`, row, [found.value[i]], [value]);
        for (const [name, slopes] of Object.entries(gradient)) {
          const numbers = flat(slopes);
          expectSame(`${what}: d/d${name}`, row, rowOf(found.gradient[name], i, numbers.length), numbers);
        }
      }
      subject.count(what);
    });
  };

const registerMachine: Check = ({ fuzzCase, program, count, skip }) => {
  if (fuzzCase.kind !== "integers") return;
  const image = outcome("link", () =>
    link([assemble(aNormalForm(program), { registers: 64 })], { n: modulus, registers: 64 }),
  );
  if ("error" in image) {
    if (!isLimit(image.error)) throw new Disagreement(`assembly: ${image.error.message}`);
    skip(image.error.message);
    return;
  }
  const random = seededRandom(fuzzCase.seed);
  for (let k = 0; k < 4; k++) {
    const inputs = program.inputs.map(() => Math.floor(random() * modulus));
    const row = Object.fromEntries(program.inputs.map((name, i) => [name, inputs[i]]));
    const wanted = outcome("reference", () => evaluateReference(program, row, { modulus, ...budget }) as number);
    const found: Outcome<number> = outcome(
      "exact machine",
      () => runExact(image.value, "main", inputs, { steps: 1e6 }).result,
    );
    if ("error" in wanted || "error" in found) {
      skip("error" in wanted ? "past a budget" : "past the machine's memory or steps");
      continue;
    }
    expectSame("exact machine and reference", row, [found.value], [wanted.value]);
    count("exact machine and reference");
  }
};

/** The executors against one another. */
export const executorChecks: readonly Check[] = [
  inDomain("ieee"),
  inDomain("strict"),
  kernels("double"),
  kernels("single"),
  kernels("double", true),
  gradientKernels("double"),
  gradientKernels("single"),
  registerMachine,
];
