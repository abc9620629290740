import { printInstruction } from "../assembler/index.js";
import type { AssemblyLine, HeatPanel, SoftRunSection } from "../experiments/index.js";
import type { SoftTraceStep, StatePart } from "../machine/index.js";
import { percentText } from "../scheme/index.js";
import { certaintyText, partName } from "./certainty-text.js";
import type { MachineTrace } from "./machine-trace.js";
import { outcomeText } from "./outcome-text.js";

/** A trace's soft run as the report shows it. */
export function softRunOf(trace: MachineTrace): SoftRunSection {
  const { program, soft, operands, states, losses } = trace;
  const { image, assembly } = program;
  const { n, registers, memorySize } = image;
  const inBits = trace.encoding === "binary";
  const width = trace.result.length;
  // Of the exact run, what lies within the picture.
  const shown = states.slice(0, soft.length);
  const lostBy = (kind: StatePart["kind"], index = 0) => {
    return losses.find((loss) => loss.kind === kind && loss.index === index)?.step;
  };
  const panels = (count: number, kind: "register" | "memory", distributions: (step: SoftTraceStep) => Float64Array) =>
    Array.from({ length: count }, (_, i): HeatPanel => {
      const lost = lostBy(kind, i);
      return {
        name: partName(program, { kind, index: i }),
        steps: soft.map((step) => distributions(step).subarray(i * width, (i + 1) * width)),
        ...(inBits
          ? { inBits }
          : { exact: shown.map((state) => (kind === "register" ? state.registers : state.memory)[i]) }),
        ...(lost === undefined ? {} : { lost }),
      };
    });
  const counterLost = lostBy("counter");
  // After its last step the exact run is at no line.
  const running = states.slice(0, trace.exactCut ? states.length : -1).slice(0, soft.length);
  const given = operands.map(({ name, support }) => {
    if (support === undefined) return `${name} = any value`;
    const values = Array.from(support, ([v, weight]) =>
      support.size === 1 ? `${v}` : `${v} (${percentText(weight)})`,
    );
    return `${name} = ${values.join(" or ")}`;
  });
  return {
    name: assembly.name,
    description: `n = ${n}; ${given.join(", ")}.`,
    outcome: outcomeText(trace),
    assembly: assemblyLines(program),
    counter: soft.map(({ counter }) => counter),
    exactCounter: running.map(({ counter }) => counter),
    ...(counterLost === undefined ? {} : { counterLost }),
    certainty: certaintyText(trace),
    registers: panels(registers, "register", (step) => step.registers),
    memory: panels(memorySize, "memory", (step) => step.memory),
    halted: soft.map(({ halted }) => halted),
  };
}

/** Each instruction with its line, and each label before its own. */
function assemblyLines({ assembly }: MachineTrace["program"]): AssemblyLine[] {
  return assembly.instructions.flatMap((instruction, line): AssemblyLine[] => {
    const labels = [...assembly.labels].filter(([, at]) => at === line).map(([label]) => ({ text: `${label}:` }));
    const comment = instruction.comment === undefined ? "" : `  ; ${instruction.comment}`;
    return [...labels, { line, text: `  ${printInstruction(instruction)}${comment}` }];
  });
}
