import type { Assembly, AssemblyInstruction, Immediate } from "./assembly.js";
import { fieldsOf } from "./instructions.js";

const commentColumn = 30;

/** Assembly text that `parseAssembly` reads back as an equal program. */
export function printAssembly(assembly: Assembly): string {
  const lines = [`.program ${assembly.name}`];
  if (assembly.operands.length > 0) lines.push(`.operands ${assembly.operands.join(" ")}`);
  const { grid } = assembly;
  if (grid !== undefined) lines.push(`.grid ${grid.n} ${grid.lo} ${grid.step}`);
  for (const { name, address, shape } of assembly.arrays ?? [])
    lines.push(`.array ${[name, address, ...shape].join(" ")}`);
  if (assembly.result !== undefined)
    lines.push(`.result ${[assembly.result.address, ...assembly.result.shape].join(" ")}`);
  if (assembly.reserved !== undefined) lines.push(`.reserve ${assembly.reserved}`);
  if (assembly.stackPointer !== undefined) lines.push(`.stack r${assembly.stackPointer}`);
  if (assembly.entry !== undefined) lines.push(`.entry ${assembly.entry}`);
  if (assembly.functions !== undefined) lines.push(`.functions ${assembly.functions.join(" ")}`);
  for (const { address, values } of assembly.data) lines.push(`.data ${[address, ...values].join(" ")}`);
  const labelsAt = labelsByLine(assembly);
  assembly.instructions.forEach((instruction, line) => {
    for (const label of labelsAt.get(line) ?? []) lines.push(`${label}:`);
    const text = `  ${printInstruction(instruction)}`;
    lines.push(instruction.comment === undefined ? text : `${text.padEnd(commentColumn)}; ${instruction.comment}`);
  });
  return `${lines.join("\n")}\n`;
}

/** One instruction's text, such as `add r2, r0, r1`, without its comment. */
export function printInstruction(instruction: AssemblyInstruction): string {
  const fields = fieldsOf(instruction.op).map((field) =>
    field === "k" ? printImmediate(instruction.k) : `r${instruction[field]}`,
  );
  return fields.length === 0 ? instruction.op : `${instruction.op.padEnd(5)} ${fields.join(", ")}`;
}

function printImmediate(k: Immediate): string {
  return typeof k === "number" ? `#${k}` : `@${k.label}`;
}

function labelsByLine(assembly: Assembly): Map<number, string[]> {
  const byLine = new Map<number, string[]>();
  for (const [label, line] of assembly.labels) {
    const labels = byLine.get(line);
    if (labels === undefined) byLine.set(line, [label]);
    else labels.push(label);
  }
  return byLine;
}
