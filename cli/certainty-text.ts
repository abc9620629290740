import { printInstruction } from "../assembler/index.js";
import { type CertaintyLoss, type StatePart, totalEntropy } from "../machine/index.js";
import type { MachineTrace } from "./machine-trace.js";

/** Losses that are named one by one in a sentence. */
const mostNamed = 6;

/** `counter`, `r0 (a, then result)` or `memory 3`. */
export function partName({ entry }: MachineTrace["program"], { kind, index }: StatePart): string {
  if (kind === "counter") return "the counter";
  if (kind === "memory") return `memory ${index}`;
  if (index === entry.stackPointer) return `r${index} (stack)`;
  const { operands, cells = [] } = entry;
  const operand = operands.slice(0, operands.length - cells.length)[index];
  const what = index === 0 ? ["result", operand] : [operand];
  const named = what.filter((name) => name !== undefined);
  return named.length === 0 ? `r${index}` : `r${index} (${named.reverse().join(", then ")})`;
}

/** Sentences: what was uncertain from the start, at which step and where certainty was lost, and how far. */
export function certaintyText({ program, soft, losses }: MachineTrace): string[] {
  const given = losses.filter(({ step }) => step === 0);
  const later = losses.filter(({ step }) => step > 0);
  if (losses.length === 0) return ["Certain throughout: the soft state is the exact run's after each step."];
  const bits = (entropy: number) => (entropy === 0 ? "certain of another value" : `${entropy.toFixed(2)} bits`);
  const named = (loss: CertaintyLoss) => `${partName(program, loss)} (${bits(loss.entropy)})`;
  const list = (some: readonly CertaintyLoss[]) => {
    const rest = some.length - mostNamed;
    return `${some.slice(0, mostNamed).map(named).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
  };
  const sentences: string[] = [];
  if (given.length > 0) sentences.push(`Uncertain from the start: ${list(given)}.`);
  const [first] = later;
  if (first === undefined) return [...sentences, "Nothing else lost its certainty."];
  const instruction = ({ line }: CertaintyLoss) => {
    if (line === undefined) return "";
    return `, ${printInstruction(program.assembly.instructions[line]).replace(/\s+/g, " ")} in line ${line}`;
  };
  sentences.push(
    `Certainty first lost at step ${first.step}${instruction(first)}: ${list(later.filter(({ step }) => step === first.step))}.`,
  );
  const counter = later.find(({ kind }) => kind === "counter");
  if (counter !== undefined && counter.step !== first.step)
    sentences.push(
      `The counter first divides at step ${counter.step}${instruction(counter)}: ${bits(counter.entropy)}.`,
    );
  const entropies = soft.map(totalEntropy);
  const most = entropies.reduce((x, y) => Math.max(x, y), 0);
  sentences.push(`Most uncertain after ${entropies.indexOf(most)} steps: ${most.toFixed(2)} bits in all.`);
  return sentences;
}
