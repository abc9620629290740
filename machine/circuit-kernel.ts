/** Circuits at work on rows of probabilities: one small SIMD kernel that reads gates from a table, whatever the circuit. */
import {
  compileModule,
  exportedFunction,
  instantiate,
  newMemory,
  pageBytes,
  type WebAssemblyModule,
} from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type Circuit, gateNames, gates } from "./circuit.js";
import { vectorBytes } from "./soft-kernel/context.js";
import { type Emitter, KernelModule } from "./soft-kernel/emitter.js";

/** Rows that a circuit runs on at once: as many as hide that gates wait for one another and their table is read. */
export const circuitRows = 8;

/** Bytes of a wire: its probability in each row, as float64. */
const wireBytes = 8 * circuitRows;
const vectors = wireBytes / vectorBytes;
/** A gate is three i32: byte offsets of the wires that it reads, and the address of its coefficients. */
const gateBytes = 12;
const coefficientBytes = 4 * vectorBytes;

type Body = (k: Emitter, at: { left: Local; right: Local; out: Local; back: Local; coefficients: Local }) => void;
type Local = ReturnType<Emitter["int"]>;

function kernelModule(): Uint8Array {
  const kernels = new KernelModule("f64x2");
  const offsets = Array.from({ length: vectors }, (_, i) => i * vectorBytes);
  const define = (name: string, step: 1 | -1, body: Body): void => {
    // (gate, count, wires, out, back): the first gate's entry and wire, and how far from a wire its cotangent lies.
    kernels.define(name, ["i32", "i32", "i32", "i32", "i32"], (k, gate, count, wires, out, back) => {
      const [left, right, coefficients] = [k.int(), k.int(), k.int()];
      k.each(
        count,
        [
          [gate, step * gateBytes],
          [out, step * wireBytes],
        ],
        () => {
          k.set(left, k.plus(wires, k.loadInt(gate))).set(right, k.plus(wires, k.loadInt(gate, 4)));
          k.set(coefficients, k.loadInt(gate, 8));
          body(k, { left, right, out, back, coefficients });
        },
        1,
      );
    });
  };
  define("forward", 1, (k, { left, right, out, coefficients }) => {
    const [c0, c1, c2, c3] = [0, 1, 2, 3].map((i) => k.vector(k.load(coefficients, i * vectorBytes)));
    const a = k.vector();
    for (const at of offsets) {
      k.set(a, k.load(left, at));
      const rest = k.mul(k.load(right, at), k.add(c2, k.mul(c3, a)));
      k.store(out, k.add(k.add(c0, k.mul(c1, a)), rest), at);
    }
  });
  define("backward", -1, (k, { left, right, out, back, coefficients }) => {
    const [c1, c2, c3] = [1, 2, 3].map((i) => k.vector(k.load(coefficients, i * vectorBytes)));
    const [toLeft, toRight, from] = [left, right, out].map((wire) => k.int(k.plus(wire, back)));
    const [a, b, g] = [k.vector(), k.vector(), k.vector()];
    for (const at of offsets) {
      k.set(a, k.load(left, at)).set(b, k.load(right, at)).set(g, k.load(from, at));
      k.accumulate(toLeft, k.mul(g, k.add(c1, k.mul(c3, b))), at);
      k.accumulate(toRight, k.mul(g, k.add(c2, k.mul(c3, a))), at);
    }
  });
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
    this.#forward = exportedFunction(exports, "forward");
    this.#backward = exportedFunction(exports, "backward");
    const coefficients = gateNames.flatMap((name) => gates[name].flatMap((c) => [c, c]));
    new Float64Array(this.#memory.buffer, 0, coefficients.length).set(coefficients);
    this.#end = 8 * coefficients.length;
  }

  /** Lays a circuit's gates out, where that has not been done. */
  load(circuit: Circuit): void {
    if (this.#tables.has(circuit)) return;
    const { kinds, left, right } = circuit;
    const table = this.#end;
    this.#end += vectorBytes * Math.ceil((kinds.length * gateBytes) / vectorBytes);
    this.#tables.set(circuit, table);
    this.#reserve(this.#end);
    const entries = new Int32Array(this.#memory.buffer, table, 3 * kinds.length);
    for (let i = 0; i < kinds.length; i++) {
      entries[3 * i] = left[i] * wireBytes;
      entries[3 * i + 1] = right[i] * wireBytes;
      entries[3 * i + 2] = kinds[i] * coefficientBytes;
    }
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
    this.#forward(this.#tableOf(circuit), kinds.length, this.#wires, this.#wires + inputs * wireBytes, 0);
  }

  /** From the outputs' cotangents to the inputs': those of the other wires are to be 0 before, and are used up. */
  backward(circuit: Circuit): void {
    const { inputs, kinds } = circuit;
    const count = inputs + kinds.length;
    const [last, wire] = [kinds.length - 1, count - 1].map((index, i) => index * (i === 0 ? gateBytes : wireBytes));
    this.#backward(this.#tableOf(circuit) + last, kinds.length, this.#wires, this.#wires + wire, count * wireBytes);
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
