import { checkWholeNumber, instructionCount, instructions } from "../assembler/index.js";
import { aluMnemonics, type SoftAlu, type SoftAluGradient } from "./soft-alu.js";
import { checkShape } from "./soft-arrays.js";
import { SoftMachine } from "./soft-machine.js";
import { type SoftProgram, zeroFields } from "./soft-program.js";
import type { Floats } from "./tabulated-call.js";

/** A row's operands are in r0 and r1; its result goes to r2, which holds nothing. */
const registers = 3;

/**
 * The lookup-table ALU, on distributions over n values ("Algorithmic Language Models with Neurally Compiled Libraries",
 * 2024, equation 7): the soft machine's own, as one step of a program in which each row of the batch has a line.
 *
 * @throws SoftmachineError when n is more than a soft machine takes.
 */
export class TableAlu implements SoftAlu {
  readonly encoding = "unit";
  #machine: SoftMachine | undefined;

  constructor(readonly width: number) {
    checkWholeNumber("n", width, 2);
    zeroFields({ n: width, registers, lines: 0 });
  }

  forward(weights: Floats, a: Floats, b: Floats, rows: number): Float64Array {
    const { results } = this.#run(weights, a, b, rows);
    return columns(results.registers, registers * this.width, 2 * this.width, this.width);
  }

  backward(weights: Floats, a: Floats, b: Floats, cotangent: Floats, rows: number): SoftAluGradient {
    const { width } = this;
    checkShape("the cotangent of the ALU's result", cotangent, [rows, width]);
    const machine = this.#run(weights, a, b, rows);
    const { cotangents, gradients } = machine;
    for (const part of [cotangents.registers, cotangents.memory, cotangents.counter, cotangents.halted]) part.fill(0);
    for (let row = 0; row < rows; row++)
      cotangents.registers.set(cotangent.subarray(row * width, (row + 1) * width), (registers * row + 2) * width);
    machine.backward({ program: { op: new Uint8Array(rows).fill(1) } });
    const ofWeights = machine.takeProgramGradient()?.op ?? new Float64Array(0);
    return {
      weights: ofWeights.map((slope, place) => (isAlu[place % instructionCount] ? slope : 0)),
      a: columns(gradients.registers, registers * width, 0, width),
      b: columns(gradients.registers, registers * width, width, width),
    };
  }

  #run(weights: Floats, a: Floats, b: Floats, rows: number): SoftMachine {
    const { width } = this;
    checkShape("the weights of the operations", weights, [rows, instructionCount]);
    checkShape("the first operands", a, [rows, width]);
    checkShape("the second operands", b, [rows, width]);
    const program = oneLineEach(weights, width, rows);
    if (this.#machine?.fits(program, rows, 1)) this.#machine.load(program);
    else this.#machine = new SoftMachine(program, { batch: rows, gradientSteps: 1 });
    const { inputs } = this.#machine;
    for (let row = 0; row < rows; row++) {
      inputs.registers.set(a.subarray(row * width, (row + 1) * width), registers * row * width);
      inputs.registers.set(b.subarray(row * width, (row + 1) * width), (registers * row + 1) * width);
      inputs.counter[row * rows + row] = 1;
    }
    this.#machine.forward({ steps: 1, stopWhenHalted: false }, true);
    return this.#machine;
  }
}

/** [|A|]: 1 for the ALU's operations. */
const isAlu = new Uint8Array(instructionCount);
for (const op of aluMnemonics) isAlu[instructions[op].number] = 1;

/** The program whose line r does with r0 and r1 what row r is to do, and writes it to r2. */
function oneLineEach(weights: Floats, n: number, rows: number): SoftProgram {
  const sizes = { n, registers, memorySize: 1, lines: rows };
  const fields = zeroFields(sizes);
  for (let line = 0; line < rows; line++) {
    fields.a[registers * line] = 1;
    fields.b[registers * line + 1] = 1;
    fields.out[registers * line + 2] = 1;
    fields.k[n * line] = 1;
  }
  weights.forEach((weight: number, place: number) => {
    if (isAlu[place % instructionCount]) fields.op[place] = weight;
  });
  return { ...sizes, labels: new Int32Array(n), ...fields };
}

/** Some columns of each row. */
function columns(array: Floats, width: number, from: number, count: number): Float64Array {
  const rows = array.length / width;
  const result = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++)
    result.set(array.subarray(row * width + from, row * width + from + count), row * count);
  return result;
}
