/** Where a soft run lost its certainty: its states beside those of the exact run. */
import type { Entry, Image } from "../assembler/index.js";
import { probabilityOf } from "./encodings.js";
import { ExactMachine, type ExactStep, type MachineValues } from "./exact.js";
import type { SoftTraceStep, TracePair } from "./soft-trace.js";

/** A part of the state: the counter, a register or a memory row. */
export interface StatePart {
  readonly kind: "counter" | "register" | "memory";
  /** The register or the row; 0 of the counter. */
  readonly index: number;
}

/** The first step after which a part of the soft state is not certain of what the exact run has there. */
export interface CertaintyLoss extends StatePart {
  /** Steps done: 0 where the part was uncertain from the start. */
  readonly step: number;
  /** The line that the exact run executed in that step; undefined at the start, and after its end. */
  readonly line: number | undefined;
  /** Of the part after that step, in bits; 0 where it is certain of something else. */
  readonly entropy: number;
}

/** What rounding may take from a probability. */
const slack = 1e-9;

/**
 * The exact run's values after each number of steps, from 0 to the last: what a part of the soft state is held against.
 *
 * @param operands of the exact run.
 */
export function exactStates(
  image: Image,
  entry: Entry,
  operands: readonly number[],
  exact: readonly ExactStep[],
): { readonly counter: number; readonly registers: MachineValues; readonly memory: MachineValues }[] {
  const machine = new ExactMachine(image);
  machine.start(entry, operands);
  const { line, registers, memory } = machine;
  return [{ counter: line, registers, memory }, ...exact.map((step) => ({ ...step, counter: step.next }))];
}

/**
 * For each part of the state that loses its certainty, where it first does; by step, then counter, registers, memory.
 * After the exact run's end a part is certain while it has one value, whichever; the counter is then left alone.
 */
export function certaintyLosses({ soft, exact }: TracePair, states: ReturnType<typeof exactStates>): CertaintyLoss[] {
  const [start] = soft;
  if (start === undefined) return [];
  const parts: StatePart[] = [
    { kind: "counter", index: 0 },
    ...Array.from(start.registerEntropies, (_, index): StatePart => ({ kind: "register", index })),
    ...Array.from(start.memoryEntropies, (_, index): StatePart => ({ kind: "memory", index })),
  ];
  const ended = exact.at(-1)?.halted === true ? exact.length : Number.POSITIVE_INFINITY;
  return parts
    .flatMap((part): CertaintyLoss[] => {
      const at = soft.find((state) => {
        const value =
          state.step >= ended && part.kind === "counter" ? undefined : exactValue(states.at(state.step), part);
        if (value === undefined) return part.kind !== "counter" && entropyOf(state, part) > slack;
        return probability(state, part, value) < 1 - slack;
      });
      if (at === undefined) return [];
      return [{ ...part, step: at.step, line: exact[at.step - 1]?.line, entropy: entropyOf(at, part) }];
    })
    .sort((a, b) => a.step - b.step);
}

/** The sum of a state's entropies, in bits. */
export function totalEntropy({ counterEntropy, registerEntropies, memoryEntropies }: SoftTraceStep): number {
  const sum = (entropies: Float64Array) => entropies.reduce((total, entropy) => total + entropy, 0);
  return counterEntropy + sum(registerEntropies) + sum(memoryEntropies);
}

function exactValue(exact: ReturnType<typeof exactStates>[number] | undefined, { kind, index }: StatePart) {
  if (exact === undefined) return undefined;
  return kind === "counter" ? exact.counter : kind === "register" ? exact.registers[index] : exact.memory[index];
}

function entropyOf(state: SoftTraceStep, { kind, index }: StatePart): number {
  if (kind === "counter") return state.counterEntropy;
  return (kind === "register" ? state.registerEntropies : state.memoryEntropies)[index];
}

function probability(state: SoftTraceStep, { kind, index }: StatePart, value: number): number {
  if (kind === "counter") return state.counter[value];
  const rows = kind === "register" ? state.registers : state.memory;
  const width = rows.length / (kind === "register" ? state.registerEntropies : state.memoryEntropies).length;
  return state.encoding === "unit" ? rows[width * index + value] : probabilityOf(value, rows, width * index, width);
}
