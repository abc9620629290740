import { type AluMnemonic, checkWholeNumber, instructionCount, instructions } from "../assembler/index.js";
import { aluCircuit } from "./alu-circuits.js";
import type { Circuit } from "./circuit.js";
import { CircuitRoom, circuitRows } from "./circuit-kernel.js";
import { aluMnemonics, type SoftAlu, type SoftAluGradient } from "./soft-alu.js";
import { checkShape } from "./soft-arrays.js";
import type { Floats } from "./tabulated-call.js";

/** The most bits of a value. */
export const mostBits = 32;

/** [|A|]: 1 for the operations whose weight's gradient is wanted though the weight be 0. */
export type WantedOperations = ArrayLike<number>;

const everyOperation: WantedOperations = new Array<number>(instructionCount).fill(1);

/**
 * The ALU of probabilistic gates, on values of `bits` bits that are independent of one another ("Algorithmic Language Models
 * with Neurally Compiled Libraries", 2024, appendix D): ripple-carry addition, shift-add multiplication, long division.
 * Operations without weight in any row are skipped. On certain bits it gives exact zeros and ones.
 *
 * @throws SoftmachineError for a width that is not of 1..32.
 */
export class CircuitAlu implements SoftAlu {
  readonly encoding = "binary";
  readonly #room = new CircuitRoom();
  readonly #circuits = new Map<AluMnemonic, Circuit>();

  constructor(readonly width: number) {
    checkWholeNumber("the bits of a value", width, 1, mostBits);
  }

  forward(weights: Floats, a: Floats, b: Floats, rows: number): Float64Array {
    this.#check(weights, a, b, rows);
    const { width } = this;
    const result = new Float64Array(rows * width);
    for (const op of aluMnemonics) {
      const { number } = instructions[op];
      if (!anyWeight(weights, number, rows)) continue;
      const circuit = this.#circuit(op);
      const { values } = this.#room.wires(circuit);
      this.#eachBlock(weights, number, rows, false, (first, count) => {
        this.#setInputs(values, a, b, first, count);
        this.#room.forward(circuit);
        for (let row = 0; row < count; row++) {
          const weight = weights[(first + row) * instructionCount + number];
          if (weight === 0) continue;
          const to = (first + row) * width;
          for (let bit = 0; bit < width; bit++)
            result[to + bit] += weight * values[circuit.outputs[bit] * circuitRows + row];
        }
      });
    }
    return result;
  }

  /** @param wanted the operations whose weights' gradients are wanted where the weights are 0; by default all. */
  backward(
    weights: Floats,
    a: Floats,
    b: Floats,
    cotangent: Floats,
    rows: number,
    wanted: WantedOperations = everyOperation,
  ): SoftAluGradient {
    this.#check(weights, a, b, rows);
    checkShape("the cotangent of the ALU's result", cotangent, [rows, this.width]);
    const { width } = this;
    const gradient = {
      weights: new Float64Array(rows * instructionCount),
      a: new Float64Array(rows * width),
      b: new Float64Array(rows * width),
    };
    for (const op of aluMnemonics) {
      const { number } = instructions[op];
      const all = wanted[number] !== 0;
      if (!all && !anyWeight(weights, number, rows)) continue;
      const circuit = this.#circuit(op);
      const { values, cotangents } = this.#room.wires(circuit);
      this.#eachBlock(weights, number, rows, all, (first, count) => {
        this.#setInputs(values, a, b, first, count);
        this.#room.forward(circuit);
        cotangents.fill(0);
        let weighted = false;
        for (let row = 0; row < count; row++) {
          const place = (first + row) * instructionCount + number;
          const weight = weights[place];
          weighted ||= weight !== 0;
          const from = (first + row) * width;
          for (let bit = 0; bit < width; bit++) {
            const at = circuit.outputs[bit] * circuitRows + row;
            gradient.weights[place] += cotangent[from + bit] * values[at];
            cotangents[at] += weight * cotangent[from + bit];
          }
        }
        if (!weighted) return;
        this.#room.backward(circuit);
        for (let row = 0; row < count; row++) {
          const to = (first + row) * width;
          for (let bit = 0; bit < width; bit++) {
            gradient.a[to + bit] += cotangents[bit * circuitRows + row];
            gradient.b[to + bit] += cotangents[(width + bit) * circuitRows + row];
          }
        }
      });
    }
    return gradient;
  }

  #circuit(op: AluMnemonic): Circuit {
    const known = this.#circuits.get(op);
    if (known !== undefined) return known;
    const circuit = aluCircuit(op, this.width);
    this.#circuits.set(op, circuit);
    this.#room.load(circuit);
    return circuit;
  }

  /** Goes through the rows by blocks, past those where the operation has no weight unless all are wanted. */
  #eachBlock(
    weights: Floats,
    number: number,
    rows: number,
    all: boolean,
    body: (first: number, count: number) => void,
  ): void {
    for (let first = 0; first < rows; first += circuitRows) {
      const count = Math.min(circuitRows, rows - first);
      if (all || anyWeight(weights, first * instructionCount + number, count)) body(first, count);
    }
  }

  #setInputs(values: Float64Array, a: Floats, b: Floats, first: number, count: number): void {
    const { width } = this;
    values.fill(0, 0, 2 * width * circuitRows);
    for (let row = 0; row < count; row++) {
      const from = (first + row) * width;
      for (let bit = 0; bit < width; bit++) {
        values[bit * circuitRows + row] = a[from + bit];
        values[(width + bit) * circuitRows + row] = b[from + bit];
      }
    }
  }

  #check(weights: Floats, a: Floats, b: Floats, rows: number): void {
    checkShape("the weights of the operations", weights, [rows, instructionCount]);
    checkShape("the first operands", a, [rows, this.width]);
    checkShape("the second operands", b, [rows, this.width]);
  }
}

/** Whether one of the rows has weight in a column, counted from the first row's. */
function anyWeight(weights: Floats, at: number, rows: number): boolean {
  for (let row = 0; row < rows; row++) if (weights[at + row * instructionCount] !== 0) return true;
  return false;
}
