import { type Grid, gridPoint } from "../assembler/index.js";
import { flash, initialState, LazyTable, oneHot, runExact, softRun, tabulatedCall } from "../machine/index.js";
import {
  type CoreProgram,
  evaluateReference,
  numbersIn,
  SoftmachineError,
  type Value,
  valueOfShape,
} from "../scheme/index.js";
import { arrayShapes } from "./array-shapes.js";
import type { Inputs } from "./evaluators.js";
import {
  compileToAssembly,
  linkAlone,
  type MachineOptions,
  type MachineProgram,
  orderedOperands,
  softStateSize,
} from "./machine-program.js";
import { type SoftValue, softMachineValue, tabulatedValue } from "./machine-slopes.js";
import { attempt, type PathOutcome, unable } from "./path-outcome.js";
import type { ProgramSource } from "./program-source.js";
import { secondsPerCall } from "./timing.js";

/** The most numbers that a state of the soft machine may hold: 256 MiB of them. */
const mostSoftNumbers = 2 ** 25;

/** What the machines make of a program, and the grid that its numbers are on there. */
export function machineOutcomes(
  source: ProgramSource,
  program: CoreProgram,
  inputs: Inputs,
  options: MachineOptions,
): { readonly outcomes: readonly PathOutcome[]; readonly grid: Grid | undefined } {
  try {
    const machine = linkAlone(compileToAssembly(source, { ...options, shapes: arrayShapes(inputs) }), options);
    const operands = orderedOperands(machine.assembly, inputs);
    runExact(machine.image, machine.entry.name, operands);
    return { outcomes: outcomesOf(machine, operands, program, inputs), grid: machine.entry.grid };
  } catch (error) {
    const names = ["exact machine", "soft machine", "tabulated call"];
    return { outcomes: names.map((path) => unable(path, error)), grid: undefined };
  }
}

function outcomesOf(
  machine: MachineProgram,
  operands: readonly number[],
  program: CoreProgram,
  inputs: Inputs,
): PathOutcome[] {
  const { image, entry, assembly } = machine;
  const { n } = image;
  const { grid } = entry;
  const exact = runExact(image, entry.name, operands);
  // On a grid the machines are compared with one another, and how far they are from the reference is told.
  const expected = grid === undefined ? evaluateReference(program, inputs, { modulus: n }) : exact.value;
  const remark = grid === undefined ? () => undefined : distance(grid, evaluateReference(program, inputs));
  const outcome = (value: Value, seconds: number, isCertain = true, note?: string): Omit<PathOutcome, "path"> => {
    const notes = [remark(value), note].filter((text) => text !== undefined);
    return {
      value,
      expected,
      agrees: isCertain && String(numbersIn(value)) === String(numbersIn(expected)),
      seconds,
      ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    };
  };
  const soft = ({ values, probability, slopes }: SoftValue, seconds: number): Omit<PathOutcome, "path"> => {
    const numbers = grid === undefined ? values : values.map((value) => gridPoint(grid, value));
    const result = outcome(valueOfShape(entry.result?.shape ?? [], numbers), seconds, probability === 1);
    return slopes === undefined ? result : { ...result, gradient: slopesByInput(assembly, slopes) };
  };
  return [
    attempt("exact machine", () => {
      const seconds = secondsPerCall(() => runExact(image, entry.name, operands));
      const { value, steps } = exact;
      return outcome(value, seconds, true, grid === undefined ? `${steps} steps` : `${steps} steps of the machine`);
    }),
    attempt("soft machine", () => {
      if (softStateSize(image) > mostSoftNumbers) {
        throw new SoftmachineError(`its states with n = ${n} are too large to keep here`);
      }
      const flashed = flash(image);
      const state = initialState(image, entry.name, oneHot(operands, n), 1);
      const seconds = secondsPerCall(() => softRun(flashed, state, { steps: exact.steps }));
      return soft(softMachineValue(machine, operands), seconds);
    }),
    attempt("tabulated call", () => {
      const table = new LazyTable(image, entry.name);
      const distributions = oneHot(operands, n);
      const seconds = secondsPerCall(() => tabulatedCall(table, distributions, 1));
      return soft(tabulatedValue(table, operands), seconds);
    }),
  ];
}

/** How far a value is from the program's own. */
const distance = (grid: Grid, exact: Value) => (value: Value) => {
  const wanted = numbersIn(exact);
  const off = Math.max(...numbersIn(value).map((x, i) => Math.abs(x - wanted[i])));
  return `off by ${off.toPrecision(3)}, ${(off / grid.step).toPrecision(3)} steps of the grid`;
};

/** Slopes in the order of the operands, by input. */
function slopesByInput({ operands, arrays = [] }: MachineProgram["assembly"], slopes: readonly number[]) {
  let at = 0;
  const inputs = [...operands.map((name) => ({ name, shape: [] })), ...arrays].map(({ name, shape }) => {
    const value = valueOfShape(shape, slopes, at);
    at += numbersIn(value).length;
    return [name, value] as const;
  });
  return Object.fromEntries(inputs);
}
