/** Circuits at work on rows of probabilities. */
import {
  compileModule,
  exportedFunction,
  instantiate,
  newMemory,
  pageBytes,
  type WebAssemblyModule,
} from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { Circuit } from "./circuit.js";
import { vectorBytes } from "./soft-kernel/context.js";
import { KernelModule } from "./soft-kernel/emitter.js";
import { coefficientTableBytes, defineGates, gateTable, writeCoefficients } from "./soft-kernel/gates.js";

/** Rows that a circuit runs on at once: as many as hide that gates wait for one another and their table is read. */
export const circuitRows = 8;

const vectors = (8 * circuitRows) / vectorBytes;
/** Bytes of a wire: its probability in each row, as float64. */
const wireBytes = vectors * vectorBytes;

function kernelModule(): Uint8Array {
  const kernels = new KernelModule("f64x2");
  defineGates(kernels, vectors);
  return kernels.builder.build();
}

let compiled: WebAssemblyModule | undefined;

/** Circuits that have been laid out in one memory, and the wires on which one of them works at a time. */
export class CircuitRoom {
  readonly #memory = newMemory(1);
  readonly #forward: (...operands: number[]) => unknown;
  readonly #backward: (...operands: number[]) => unknown;
  readonly #tables = new Map<Circuit, number>();
  /** Where the next circuit's gates go: the memory's wires lie above all tables. */
  #end: number;
  #wires = 0;

  constructor() {
    compiled ??= compileModule(kernelModule());
    const exports = instantiate(compiled, { env: { memory: this.#memory } });
    this.#forward = exportedFunction(exports, "gates");
    this.#backward = exportedFunction(exports, "gatesBackward");
    writeCoefficients(this.#memory.buffer, 0, "f64x2");
    this.#end = coefficientTableBytes;
  }

  /** Lays a circuit's gates out, where that has not been done. */
  load(circuit: Circuit): void {
    if (this.#tables.has(circuit)) return;
    const gates = gateTable(circuit, vectors, 0);
    const table = this.#end;
    this.#end += vectorBytes * Math.ceil(gates.byteLength / vectorBytes);
    this.#tables.set(circuit, table);
    this.#reserve(this.#end);
    new Int32Array(this.#memory.buffer, table, gates.length).set(gates);
  }

  /**
   * The wires' probabilities, and their cotangents, of a circuit that is loaded: views [wires, circuitRows], good until
   * another circuit is loaded or asked for.
   */
  wires({ inputs, kinds }: Circuit): { values: Float64Array; cotangents: Float64Array } {
    const count = inputs + kinds.length;
    this.#wires = this.#end;
    this.#reserve(this.#end + 2 * count * wireBytes);
    const { buffer } = this.#memory;
    const numbers = count * circuitRows;
    return {
      values: new Float64Array(buffer, this.#wires, numbers),
      cotangents: new Float64Array(buffer, this.#wires + count * wireBytes, numbers),
    };
  }

  /** From the probabilities of the inputs to those of every wire. */
  forward(circuit: Circuit): void {
    const { inputs, kinds } = circuit;
    this.#forward(this.#tableOf(circuit), kinds.length, this.#wires, this.#wires + inputs * wireBytes);
  }

  /** From the outputs' cotangents to the inputs': those of the other wires are to be 0 before, and are used up. */
  backward(circuit: Circuit): void {
    const { inputs, kinds } = circuit;
    const back = (inputs + kinds.length) * wireBytes;
    this.#backward(this.#tableOf(circuit), kinds.length, this.#wires, this.#wires + inputs * wireBytes, back);
  }

  #tableOf(circuit: Circuit): number {
    const table = this.#tables.get(circuit);
    if (table === undefined) throw new SoftmachineError("the circuit has not been loaded");
    return table;
  }

  #reserve(bytes: number): void {
    const missing = Math.ceil((bytes - this.#memory.buffer.byteLength) / pageBytes);
    if (missing > 0) this.#memory.grow(missing);
  }
}
