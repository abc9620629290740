import { printInstruction } from "../assembler/index.js";
import { type AssemblyLine, type HeatPanel, heatMap, type SoftRunSection } from "../experiments/index.js";
import type { SoftTraceStep } from "../machine/index.js";
import type { MachineTrace } from "./machine-trace.js";

/** A trace's soft run as the report shows it. */
export function softRunOf({ program, soft, operands }: MachineTrace): SoftRunSection {
  const { image, assembly } = program;
  const { n, registers, memorySize } = image;
  const panels = (count: number, name: (i: number) => string, states: (step: SoftTraceStep) => Float64Array) =>
    Array.from({ length: count }, (_, i): HeatPanel => {
      return { name: name(i), steps: soft.map((step) => states(step).subarray(i * n, (i + 1) * n)) };
    });
  const given = operands.map(({ name, distribution, support }) => {
    const values = support.map((v) =>
      support.length === 1 ? `${v}` : `${v} (${Math.round(100 * distribution[v])} %)`,
    );
    return `${name} = ${support.length === n ? "any value" : values.join(" or ")}`;
  });
  return {
    name: assembly.name,
    description: `n = ${n}; ${given.join(", ")}; ${soft.length - 1} steps.`,
    assembly: assemblyLines(program),
    counter: soft.map(({ counter }) => counter),
    registers: panels(
      registers,
      (r) => registerName(program, r),
      (step) => step.registers,
    ),
    memory: panels(
      memorySize,
      (address) => `memory ${address}`,
      (step) => step.memory,
    ),
    halted: soft.map(({ halted }) => halted),
  };
}

function registerName({ entry }: MachineTrace["program"], register: number): string {
  const { operands, cells = [] } = entry;
  const operand = operands.slice(0, operands.length - cells.length)[register];
  if (register === entry.stackPointer) return `r${register} (stack)`;
  const what = register === 0 ? ["result", operand] : [operand];
  const named = what.filter((name) => name !== undefined);
  return named.length === 0 ? `r${register}` : `r${register} (${named.reverse().join(", then ")})`;
}

/** Each instruction with its line, and each label before its own. */
function assemblyLines({ assembly }: MachineTrace["program"]): AssemblyLine[] {
  return assembly.instructions.flatMap((instruction, line): AssemblyLine[] => {
    const labels = [...assembly.labels].filter(([, at]) => at === line).map(([label]) => ({ text: `${label}:` }));
    const comment = instruction.comment === undefined ? "" : `  ; ${instruction.comment}`;
    return [...labels, { line, text: `  ${printInstruction(instruction)}${comment}` }];
  });
}

/** The heat maps of a soft run in one SVG file: counter, registers, and the memory cells that change. */
export async function softRunSvg(run: SoftRunSection): Promise<string> {
  const axes = { xTitle: "step", colorTitle: "probability" };
  const changing = run.memory.filter(({ steps }) => steps.some((step) => String(step) !== String(steps[0])));
  const pictures = [
    await heatMap({
      ...axes,
      title: "Program counter",
      steps: run.counter,
      yTitle: "line",
      downward: true,
      idPrefix: "c",
    }),
  ];
  for (const [i, { name, steps }] of [...run.registers, ...changing].entries()) {
    pictures.push(await heatMap({ ...axes, title: name, steps, yTitle: "value", idPrefix: `p${i}` }));
  }
  return stacked(pictures);
}

/** Space between pictures, in pixels. */
const gap = 12;

/** Pictures one below another in one. */
function stacked(pictures: readonly string[]): string {
  let y = 0;
  let width = 0;
  const placed = pictures.map((picture) => {
    const size = (side: string) => Number(new RegExp(`^<svg[^>]*\\s${side}="([0-9.]+)"`).exec(picture)?.[1] ?? 0);
    const text = picture.replace("<svg", `<svg y="${y}"`);
    y += size("height") + gap;
    width = Math.max(width, size("width"));
    return text;
  });
  const box = `width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}><rect width="100%" height="100%" fill="white"/>${placed.join("\n")}</svg>\n`;
}
