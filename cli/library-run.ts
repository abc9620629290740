import { callTool, inputsOf, machineOperands, type PackagedProgram } from "../library/index.js";
import { runExact } from "../machine/index.js";
import { messageOf, printValue, SoftmachineError, suggestion, type Value } from "../scheme/index.js";
import { UsageError } from "./failures.js";
import { readValue } from "./input-values.js";
import { openLibrary } from "./library-source.js";
import { note, writeJson, writeText } from "./output.js";

interface RunOptions {
  readonly library?: string;
  readonly json?: boolean;
}

/** `softmachine library run`: a program on the exact path and on the machine. */
export async function runProgram(name: string, words: readonly string[], options: RunOptions): Promise<void> {
  const library = await openLibrary(options, { names: [name] });
  const program = library.program(name);
  const values = readOperands(program, words);
  const inputs = inputsOf(program.operands, values);
  const value = callTool(library, name, inputs);
  if (program.kind === "direct") {
    await (options.json ? writeJson({ program: name, operands: inputs, value }) : writeText(printValue(value)));
    return;
  }
  let machine: { value?: Value; steps?: number; n: number; reason?: string };
  try {
    const run = runExact(library.image, name, machineOperands(values));
    machine = { value: run.value, steps: run.steps, n: library.n };
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    machine = { n: library.n, reason: messageOf(error) };
  }
  if (options.json) return writeJson({ program: name, operands: inputs, value, machine });
  await writeText(printValue(value));
  note(
    machine.value === undefined
      ? `not on the machine: ${machine.reason}`
      : `on the machine: ${printValue(machine.value)} in ${machine.steps} steps (modulo ${machine.n})`,
  );
}

/** Operands in the program's order, given in that order or by name. */
function readOperands({ name: program, operands }: PackagedProgram, words: readonly string[]): Value[] {
  const names = operands.map((operand) => operand.name);
  const values = new Map<string, Value>();
  let place = 0;
  for (const word of words) {
    const at = word.indexOf("=");
    const name = at < 0 ? names[place++] : word.slice(0, at);
    const text = word.slice(at + 1);
    const value = readValue(text);
    if (value === undefined) throw new UsageError(`"${word}": "${text}" is not a number or an array of numbers`);
    if (name === undefined || !names.includes(name)) {
      const what =
        name === undefined
          ? `"${word}" is one operand too many`
          : `there is no operand "${name}"${suggestion(name, names)}`;
      throw new SoftmachineError(`${what}: "${program}" takes ${names.join(", ")}`);
    }
    if (values.has(name)) throw new UsageError(`operand "${name}" of "${program}" is given twice`);
    values.set(name, value);
  }
  const missing = names.filter((name) => !values.has(name));
  if (missing.length > 0)
    throw new SoftmachineError(`"${program}" needs ${missing.map((name) => `"${name}"`).join(", ")} too`);
  return names.map((name) => values.get(name) ?? Number.NaN);
}
