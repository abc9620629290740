import { runExact } from "../machine/index.js";
import { percentText, printValue } from "../scheme/index.js";
import type { MachineTrace } from "./machine-trace.js";

/** Values with their probabilities, the most probable first; those of less than half a percent are left out. */
export function mostProbable(distribution: Float64Array, most = Number.POSITIVE_INFINITY): string {
  const likely = [...distribution.entries()].filter(([, p]) => p >= 0.005).sort(([, p], [, q]) => q - p);
  const named = likely.slice(0, most).map(([value, p]) => `${value} (${percentText(p)})`);
  return `${named.join(", ")}${likely.length > named.length ? " and others" : ""}`;
}

/** What the exact run gave, and from which operands. */
export function exactOutcome({ operands, exact, program }: MachineTrace): string {
  const from = operands.map(({ name, mode }) => `${name}=${mode}`).join(" ");
  const last = exact.at(-1);
  const modes = operands.map(({ mode }) => mode);
  const end = last?.halted
    ? `result ${printValue(runExact(program.image, program.entry.name, modes, { steps: last.step }).value)} after ${stepsText(last.step)}`
    : "not halted";
  return `exact machine, ${from === "" ? "no operands" : from}: ${end}`;
}

/** How the soft run ended. */
export const softEnd = ({ halted, soft }: MachineTrace): string =>
  `halted with probability ${halted.toFixed(3)} after ${stepsText(soft.length - 1)}`;

/** What the soft run gave. */
export const softOutcome = (trace: MachineTrace): string => `soft machine: ${softEnd(trace)}`;

export const stepsText = (count: number): string => `${count} step${count === 1 ? "" : "s"}`;

/** Both, a sentence each. */
export function outcomeText(trace: MachineTrace): string[] {
  const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}.`;
  return [exactOutcome(trace), `${softOutcome(trace)}, result ${mostProbable(trace.result, 3)}`].map(sentence);
}
