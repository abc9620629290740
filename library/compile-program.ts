import { type Assembly, assemble } from "../assembler/index.js";
import { type AnfProgram, aNormalForm, type Block, type Computation, type Tail } from "../scheme/index.js";
import type { LibraryProgram } from "./program-file.js";

/**
 * A program of the library as assembly, under its own name, with the operands that it documents.
 * @throws SourceError for what the machine has no instruction for; SoftmachineError when registers don't suffice.
 */
export function compileProgram({ name, operands, program }: LibraryProgram, registers: number): Assembly {
  const anf = entryAsBody(aNormalForm(program), name);
  const documented = new Map(anf.inputs.map((input, i) => [input, operands[i]]));
  const inputs = Object.fromEntries([...documented].map(([input, { type }]) => [input, type.shape]));
  const nameOf = (input: string) => documented.get(input)?.name ?? input;
  const assembly = assemble(anf, { name, registers, inputs });
  const arrays = assembly.arrays?.map((array) => ({ ...array, name: nameOf(array.name) }));
  return { ...assembly, operands: assembly.operands.map(nameOf), ...(arrays === undefined ? {} : { arrays }) };
}
/**
 * Puts the entry's own body in place of the call of it, where that is the only one: without a call and a return, an image
 * has room for more programs, since both ends of a call take up one of its n labels.
 */
function entryAsBody(program: AnfProgram, name: string): AnfProgram {
  const { body, functions, inputs } = program;
  const entry = functions.get(name);
  const { tail } = body;
  if (!entry || body.bindings.length > 0 || tail.kind !== "call" || tail.callee !== name) return program;
  if (tail.args.some((arg, i) => arg.kind !== "variable" || arg.name !== inputs[i])) return program;
  if ([...functions.values()].some((f) => calls(f.body, name))) return program;
  const others = [...functions].filter(([other]) => other !== name);
  return { ...program, inputs: entry.parameters, body: entry.body, functions: new Map(others) };
}

function calls(block: Block, name: string): boolean {
  const within = (node: Computation | Tail): boolean => {
    if (node.kind === "call") return node.callee === name;
    if (node.kind === "if") return calls(node.consequent, name) || calls(node.alternative, name);
    return (node.kind === "loop" || node.kind === "derivative") && calls(node.body, name);
  };
  return block.bindings.some(({ value }) => within(value)) || within(block.tail);
}
