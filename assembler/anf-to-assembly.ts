import { type AnfProgram, SoftmachineError, withinStack } from "../scheme/index.js";
import { lowerToVirtualCode } from "./anf-to-virtual-code.js";
import {
  type Assembly,
  type AssemblyInstruction,
  mostRegisters,
  operandPattern,
  registersOf,
  symbolPattern,
} from "./assembly.js";
import { CallGraph } from "./call-graph.js";
import { defaultRegisters } from "./link.js";
import { withoutDeadCode } from "./liveness.js";
import type { AllocationOptions } from "./register-allocation.js";
import { SymbolNames } from "./symbol-names.js";
import {
  type AllocatedFunction,
  stackPointerToBe,
  virtualCodeToAssembly,
  withStackPointer,
} from "./virtual-code-to-assembly.js";
import { checkWholeNumber } from "./whole-number.js";

export interface AssembleOptions {
  /** The program's name in an image. Default `main`. */
  readonly name?: string;
  /** Registers that the program may use. Default 16. */
  readonly registers?: number;
}

/**
 * Compiles an integer program to assembly. Arithmetic is modulo n; the inputs are in r0, r1, … and the result in r0.
 * A call passes its arguments in r0, r1, … and the return address in the register after them; the caller saves what it
 * still needs, and what the callee may write, on a stack that grows down from the last memory cell.
 *
 * @throws SourceError for what the machine has no instruction for; SoftmachineError when registers don't suffice.
 */
export function assemble(program: AnfProgram, options: AssembleOptions = {}): Assembly {
  const { name = "main", registers = defaultRegisters } = options;
  checkWholeNumber("registers", registers, 1, mostRegisters);
  if (!symbolPattern.test(name)) throw new SoftmachineError(`"${name}" can't be a program's name in assembly`);
  for (const input of program.inputs) {
    if (!operandPattern.test(input))
      throw new SoftmachineError(`the input "${input}" can't name an operand in assembly`);
  }
  return withinStack(program.source, () => {
    const tooMany = (needed: number, least = ""): never => {
      throw new SoftmachineError(`program "${name}" needs ${least}${needed} registers; the image has ${registers}`);
    };
    const functions = allocateAll(program, registers, (values) => tooMany(values, "at least "));
    const { instructions, labels } = concatenate(functions);
    const assembly = finish(name, program.inputs, instructions, labels);
    const needed = registersOf(assembly);
    if (needed > registers) tooMany(needed);
    return assembly;
  });
}

/** The body, then the functions in the order of the text; callees are allocated before their callers. */
function allocateAll(
  program: AnfProgram,
  registers: number,
  tooMany: AllocationOptions["tooMany"],
): AllocatedFunction[] {
  const names = new SymbolNames("main");
  const graph = new CallGraph(program);
  const clobbered = new Map<string, ReadonlySet<number>>();
  const allocated = new Map<string, AllocatedFunction>();
  const allocate = (name: string | undefined): AllocatedFunction => {
    const lowered = lowerToVirtualCode(program, name, names, graph);
    const code = withoutDeadCode(lowered.code);
    // One register is left for the stack pointer, should there be a stack.
    const limits = { registers: registers - 1, clobberedBy: (callee: string) => clobbered.get(callee), tooMany };
    return virtualCodeToAssembly({ ...lowered, code }, names, limits);
  };
  for (const group of graph.order()) {
    for (const name of group) allocated.set(name, allocate(name));
    const written = new Set(group.flatMap((name) => [...registersWritten(graph, name, allocated, clobbered)]));
    for (const name of group) clobbered.set(name, written);
  }
  const body = allocate(undefined);
  const inOrder = [...program.functions.keys()].flatMap((name) => allocated.get(name) ?? []);
  return [body, ...inOrder];
}

/** What a function may write: its own registers, and those of what it calls outside its group. */
function registersWritten(
  graph: CallGraph,
  name: string,
  allocated: ReadonlyMap<string, AllocatedFunction>,
  clobbered: ReadonlyMap<string, ReadonlySet<number>>,
): Set<number> {
  const written = new Set(allocated.get(name)?.written);
  for (const callee of graph.calleesOfFunction(name)) {
    for (const register of clobbered.get(callee) ?? []) written.add(register);
  }
  return written;
}

function concatenate(functions: readonly AllocatedFunction[]): {
  instructions: AssemblyInstruction[];
  labels: Map<string, number>;
} {
  const instructions: AssemblyInstruction[] = [];
  const labels = new Map<string, number>();
  for (const f of functions) {
    for (const [label, line] of f.labels) labels.set(label, instructions.length + line);
    instructions.push(...f.instructions);
  }
  return { instructions, labels };
}

function finish(
  name: string,
  operands: readonly string[],
  code: readonly AssemblyInstruction[],
  labels: ReadonlyMap<string, number>,
): Assembly {
  const usesStack = code.some(({ a, out }) => a === stackPointerToBe || out === stackPointerToBe);
  const plain = { name, operands, data: [], labels, entry: "main" };
  if (!usesStack) return { ...plain, instructions: code };
  const stackPointer = registersOf({ ...plain, instructions: code });
  return { ...plain, stackPointer, instructions: code.map((line) => withStackPointer(line, stackPointer)) };
}
