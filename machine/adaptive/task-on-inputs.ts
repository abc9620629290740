/** A task from a program and the inputs that it will see. */
import {
  checkWholeNumber,
  type Image,
  type Operation,
  operationCount,
  operationNumbered,
} from "../../assembler/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import { ExactMachine, entryOf } from "../exact.js";
import { seededRandom } from "../random-soft-program.js";
import { everyOutcome, randomly } from "./choices.js";
import type { AdaptationTask, Example } from "./task.js";

/** Operands by position: for each the values that it may have, in every combination. */
export type OperandValues = readonly (readonly number[])[];

/** One input, with the result that is wanted, where that is not the program's own. */
export interface InputRow {
  readonly operands: readonly number[];
  readonly result?: number;
}

export interface TaskOnInputsOptions {
  /** The most steps of a run; as many as the program takes at most on the inputs that are looked at, if absent. */
  readonly steps?: number;
  /** The operations that may come to be used; if absent all but calls, returns and plain jumps, and what is used. */
  readonly operations?: readonly Operation[];
}

/** Inputs on which the steps of a program are looked at. */
const looked = 2000;

/** Steps after which a program is taken not to halt, where no other number is given. */
const mostSteps = 10_000;

/**
 * The task of doing what a program does, or of giving the results that rows name, on these inputs alone: numbers, each as
 * likely as another.
 *
 * @throws SoftmachineError when an operand is outside 0..n-1, the program takes arrays, or does not halt.
 */
export function taskOnInputs(
  image: Image,
  program: string,
  inputs: { readonly values: OperandValues } | { readonly rows: readonly InputRow[] },
  options: TaskOnInputsOptions = {},
): AdaptationTask {
  const entry = entryOf(image, program);
  if (entry.cells !== undefined || entry.result !== undefined) {
    throw new SoftmachineError(`"${program}" takes or gives arrays; a program that is adapted takes and gives numbers`);
  }
  const all = "rows" in inputs ? inputs.rows.map(({ operands }) => operands) : inputs.values;
  for (const values of all) for (const value of values) checkWholeNumber("an operand", value, 0, image.n - 1);
  const machine = new ExactMachine(image);
  const limit = options.steps ?? mostSteps;
  const results = new Map<string, number>();
  let longest = 1;
  const resultOf = (operands: readonly number[]): number => {
    const key = operands.join();
    const known = results.get(key);
    if (known !== undefined) return known;
    machine.start(entry, operands);
    machine.advance(limit);
    if (!machine.halted) {
      const given = entry.operands.map((name, i) => `${name}=${operands[i]}`).join(" ");
      const from = given === "" ? "" : ` from ${given}`;
      throw new SoftmachineError(`"${program}" has not halted after ${limit} steps${from}`);
    }
    longest = Math.max(longest, machine.steps);
    const result = machine.registers[0];
    if (results.size < 100_000) results.set(key, result);
    return result;
  };
  const memory = image.initialMemory.some((value) => value !== 0) ? [...image.initialMemory] : [];
  const example: AdaptationTask["example"] = (choose): Example => {
    if ("rows" in inputs) {
      const { operands, result } = inputs.rows[choose(0, inputs.rows.length - 1)];
      // Where the steps are given, a program may be put right that does not even halt.
      if (options.steps === undefined) resultOf(operands);
      return { operands, memory, result: result ?? resultOf(operands) };
    }
    const operands = inputs.values.map((values) => values[choose(0, values.length - 1)]);
    return { operands, memory, result: resultOf(operands) };
  };
  const count =
    "rows" in inputs ? inputs.rows.length : inputs.values.reduce((product, { length }) => product * length, 1);
  const random = randomly(seededRandom(1));
  if (count <= looked) for (const _ of everyOutcome(example));
  else for (let i = 0; i < looked; i++) example(random);
  const { steps = longest, operations = operationsFor(image) } = options;
  return { image, program, constants: [], example, steps, operations };
}

const rarelyUseful: readonly Operation[] = ["call", "store", "ret", "jump"];

function operationsFor(image: Image): readonly Operation[] {
  const used = new Set([...image.instructions.op].map((number) => operationNumbered(image, number)));
  return Array.from({ length: operationCount(image) }, (_, number) => operationNumbered(image, number)).filter(
    (name) => !rarelyUseful.includes(name) || used.has(name),
  );
}
