import { compile } from "../../direct/index.js";
import { readProgram } from "../../scheme/index.js";
import { type FuzzCase, rowsOf } from "./cases.js";
import { derivativeChecks } from "./derivative-checks.js";
import { executorChecks } from "./executor-checks.js";
import { Disagreement, outcome } from "./outcomes.js";
import { budget, isLimit, kernelRows, plainRows, type Tally } from "./subject.js";

/**
 * Runs a program in every way there is, and compares.
 * @throws Disagreement
 */
export function checkCase(fuzzCase: FuzzCase, tally: Tally): void {
  const add = (to: Record<string, number>) => (what: string) => {
    to[what] = (to[what] ?? 0) + 1;
  };
  const [count, skip] = [add(tally.compared), add(tally.skipped)];
  const { source, inputs } = fuzzCase;
  const program = outcome("reader", () => readProgram(source));
  if ("error" in program) throw new Disagreement(`the reader refuses it: ${program.error.message}`);
  const compiled = outcome("compile", () => ({
    double: compile(source, { inputs, ...budget }),
    single: compile(source, { inputs, dtype: "float32", ...budget }),
  }));
  const rows = rowsOf(fuzzCase, kernelRows, plainRows);
  if ("error" in compiled) {
    // An index that is wrong wherever it stands is the compiler's error, in a branch not taken too.
    if (!isLimit(compiled.error) && !compiled.error.message.includes("index"))
      throw new Disagreement(`compile refuses it: ${compiled.error.message}`);
    skip(isLimit(compiled.error) ? "too large" : "a wrong index");
    return;
  }
  for (const check of [...executorChecks, ...derivativeChecks])
    check({ fuzzCase, program: program.value, ...compiled.value, rows, count, skip });
}
