import { type Encoding, runExact } from "../machine/index.js";
import { percentText, printValue } from "../scheme/index.js";
import type { MachineTrace } from "./machine-trace.js";

/** The probability from which a value is worth a mention. */
const worthNaming = 0.005;

/** Values with their probabilities, the most probable first; those of less than half a percent are left out. */
export function mostProbable(written: Float64Array, encoding: Encoding, most = Number.POSITIVE_INFINITY): string {
  const all = encoding === "unit" ? [...written.entries()] : valuesOfBits(written);
  const likely = all.filter(([, p]) => p >= worthNaming).sort(([, p], [, q]) => q - p);
  if (likely.length === 0) return "no value of half a percent or more";
  const named = likely.slice(0, most).map(([value, p]) => `${value} (${percentText(p)})`);
  return `${named.join(", ")}${likely.length > named.length ? " and others" : ""}`;
}

/** The values that independent bits may be with a probability worth a mention: found a bit at a time, from the lowest. */
function valuesOfBits(bits: Float64Array): [value: number, p: number][] {
  let likely: [number, number][] = [[0, 1]];
  bits.forEach((one, i) => {
    const next = likely.flatMap(([value, p]): [number, number][] => [
      [value, p * (1 - one)],
      [value + 2 ** i, p * one],
    ]);
    likely = next.filter(([, p]) => p >= worthNaming);
  });
  return likely;
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
  return [exactOutcome(trace), `${softOutcome(trace)}, result ${mostProbable(trace.result, trace.encoding, 3)}`].map(
    sentence,
  );
}
