import { type AnfProgram, type Shape, SoftmachineError, sizeOf, withinStack } from "../scheme/index.js";
import { type LoweringContext, lowerToVirtualCode } from "./anf-to-virtual-code.js";
import {
  type ArrayOperand,
  type Assembly,
  type AssemblyInstruction,
  mostRegisters,
  operandPattern,
  registersOf,
  symbolPattern,
} from "./assembly.js";
import { CallGraph } from "./call-graph.js";
import type { Passing } from "./calling-convention.js";
import type { Grid } from "./grid.js";
import { gridArithmetic } from "./grid-arithmetic.js";
import { defaultRegisters } from "./link.js";
import { modular } from "./primitive-lowering.js";
import { stackPointerToBe } from "./register-allocation.js";
import { inferShapes, type ShapedProgram } from "./shape-inference.js";
import { SymbolNames } from "./symbol-names.js";
import { type AllocatedFunction, virtualCodeToAssembly, withStackPointer } from "./virtual-code-to-assembly.js";
import { checkWholeNumber } from "./whole-number.js";

export interface AssembleOptions {
  /** The program's name in an image. Default `main`. */
  readonly name?: string;
  /** Registers that the program may use. Default 16. */
  readonly registers?: number;
  /** The shapes of inputs that are arrays: [length] of a vector, [rows, columns] of a matrix. */
  readonly inputs?: Readonly<Record<string, Shape>>;
  /** The grid that numbers are on; without one they are whole numbers modulo n. */
  readonly grid?: Grid;
  /**
   * Check each computed index, in three instructions: a run with one outside its array does not halt, so that the exact
   * machine ends it at its step budget. Default false: then it reads what lies at that address, modulo the memory's size.
   */
  readonly checkedIndices?: boolean;
}

/**
 * Compiles a program to assembly: one of whole numbers, where arithmetic is modulo n, or one of real numbers on a grid. The
 * result is in r0.
 *
 * Inputs that are numbers are in r0, r1, …; those that are arrays in memory, from address 0 on, one after another. An array
 * as result lies in memory too, and r0 holds its address.
 *
 * A call passes numbers, an array element by element, in r0, r1, … and the return address in the register after them; what
 * finds no register, so that two are left for target and stack pointer, is passed in memory. The caller saves what it still
 * needs, and what the callee may write, on a stack that grows down from the last memory cell. There a function also keeps
 * its arrays, and values that find no register.
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
    const shaped = inferShapes(program, options.inputs);
    const assembly = assembleFor(shaped, name, registers, options);
    if (assembly !== undefined) return assembly;
    let needed = registers + 1;
    while (needed < mostRegisters && assembleFor(shaped, name, needed, options) === undefined) needed++;
    throw new SoftmachineError(`program "${name}" needs at least ${needed} registers; the image has ${registers}`);
  });
}

/** The program for so many registers; undefined when they are too few. */
function assembleFor(
  shaped: ShapedProgram,
  name: string,
  registers: number,
  options: AssembleOptions,
): Assembly | undefined {
  const least = Math.max(1, shaped.program.inputs.filter((input) => !isArrayInput(shaped, input)).length);
  if (least > registers) return undefined;
  // The stack pointer takes a register of its own, should there be a stack.
  for (const usable of [registers, registers - 1]) {
    try {
      const assembly = new Compilation(shaped, registers, usable, options).assembly(name);
      if (registersOf(assembly) <= registers) return assembly;
    } catch (error) {
      if (!(error instanceof TooFewRegisters)) throw error;
    }
  }
  return undefined;
}

class TooFewRegisters extends Error {}

const isArrayInput = ({ shapes }: ShapedProgram, input: string): boolean =>
  shapes.get(undefined)?.arrays.has(input) ?? false;

/** One way to compile a program: with so many registers of the image, of which so many hold values. */
class Compilation {
  private readonly names = new SymbolNames("main");
  private readonly graph: CallGraph;
  private readonly arrays: readonly ArrayOperand[];
  private readonly passing: Passing;
  private readonly context: LoweringContext;
  private readonly grid: Grid | undefined;

  constructor(
    private readonly shaped: ShapedProgram,
    private readonly registers: number,
    private readonly usable: number,
    { grid, checkedIndices = false }: AssembleOptions,
  ) {
    const { program, shapes } = shaped;
    this.grid = grid;
    this.graph = new CallGraph(program);
    let address = 0;
    this.arrays = program.inputs.flatMap((name) => {
      const shape = shapes.get(undefined)?.arrays.get(name);
      if (shape === undefined) return [];
      const array = { name, address, shape };
      address += sizeOf(shape);
      return [array];
    });
    this.passing = { registers: Math.max(0, registers - 3), address, cells: 0 };
    this.context = {
      program,
      shapes,
      names: this.names,
      graph: this.graph,
      arithmetic: grid === undefined ? modular : gridArithmetic(grid),
      checkedIndices,
      inputs: new Map(this.arrays.map((array) => [array.name, array.address])),
      passing: this.passing,
    };
  }

  assembly(name: string): Assembly {
    const functions = this.allocateAll();
    const [body] = functions;
    const { program, shapes } = this.shaped;
    const instructions: AssemblyInstruction[] = [];
    const labels = new Map<string, number>();
    for (const f of functions) {
      for (const [label, line] of f.labels) labels.set(label, instructions.length + line);
      for (const instruction of f.instructions) instructions.push(instruction);
    }
    const reserved = this.passing.address + this.passing.cells + body.frameSize;
    const result = shapes.get(undefined)?.result ?? [];
    const plain = {
      name,
      operands: program.inputs.filter((input) => !isArrayInput(this.shaped, input)),
      ...(this.grid === undefined ? {} : { grid: this.grid }),
      ...(this.arrays.length === 0 ? {} : { arrays: this.arrays }),
      ...(result.length === 0 ? {} : { result: { address: this.passing.address, shape: result } }),
      ...(reserved === 0 ? {} : { reserved }),
      ...(functions.length === 1 ? {} : { functions: functions.slice(1).map(({ label }) => label) }),
      data: [],
      labels,
      entry: "main",
    };
    const usesStack = instructions.some(({ a, b, out }) => [a, b, out].includes(stackPointerToBe));
    if (!usesStack) return { ...plain, instructions };
    const stackPointer = registersOf({ ...plain, instructions });
    return { ...plain, stackPointer, instructions: instructions.map((line) => withStackPointer(line, stackPointer)) };
  }

  /** The body, then the functions in the order of the text; callees are allocated before their callers. */
  private allocateAll(): [AllocatedFunction, ...AllocatedFunction[]] {
    const { graph, names, registers, usable } = this;
    const { program } = this.shaped;
    const groups = graph.order();
    const lowered = new Map(groups.flat().map((name) => [name, lowerToVirtualCode(this.context, name)]));
    const main = lowerToVirtualCode(this.context, undefined);
    const clobbered = new Map<string, ReadonlySet<number>>();
    const allocated = new Map<string, AllocatedFunction>();
    const options = {
      preferred: registers - 1,
      registers: usable,
      stackPointerIsZero: false,
      clobberedBy: (callee: string) => clobbered.get(callee),
      tooFew: (): never => {
        throw new TooFewRegisters();
      },
    };
    for (const group of groups) {
      for (const name of group) {
        const code = lowered.get(name);
        if (code !== undefined) allocated.set(name, virtualCodeToAssembly(code, names, options));
      }
      const written = new Set(group.flatMap((name) => [...registersWritten(graph, name, allocated, clobbered)]));
      for (const name of group) clobbered.set(name, written);
    }
    // The body is never entered twice: its frame need not be on the stack.
    const frameAddress = this.passing.address + this.passing.cells;
    const body = virtualCodeToAssembly(main, names, {
      ...options,
      frameAddress,
      stackPointerIsZero: usable < registers,
    });
    return [body, ...[...program.functions.keys()].flatMap((name) => allocated.get(name) ?? [])];
  }
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
