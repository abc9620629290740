/** Gates at work: kernels that read a circuit's gates from a table, whatever the circuit. */
import type { FunctionReference, LaneType, Local } from "../../kernel/index.js";
import { type Circuit, gateNames, gates } from "../circuit.js";
import { laneCounts, vectorBytes } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";

/** A gate is three i32: byte offsets of the wires that it reads, and the address of its coefficients. */
const gateBytes = 12;
const coefficientBytes = 4 * vectorBytes;

/** Bytes of the gates' coefficients, which a memory holds once: a vector each. */
export const coefficientTableBytes = gateNames.length * coefficientBytes;

export interface GateKernels {
  /** (gates, count, wires, out): from the inputs' probabilities to every wire's; `out` is the first gate's wire. */
  readonly forward: FunctionReference;
  /**
   * (gates, count, wires, out, back): from the outputs' cotangents to the inputs'; those of other wires are 0 before. A
   * wire's cotangent lies `back` bytes after its probability.
   */
  readonly backward: FunctionReference;
}

/** @param vectors how many a wire has: those of a gate hide that gates wait for one another and their table is read. */
export function defineGates(kernels: KernelModule, vectors: number): GateKernels {
  const wireBytes = vectors * vectorBytes;
  const offsets = Array.from({ length: vectors }, (_, i) => i * vectorBytes);
  const operands = (k: Emitter, gate: Local, wires: Local) => ({
    left: k.int(k.plus(wires, k.loadInt(gate))),
    right: k.int(k.plus(wires, k.loadInt(gate, 4))),
    coefficients: k.int(k.loadInt(gate, 8)),
  });
  const forward = kernels.define("gates", ["i32", "i32", "i32", "i32"], (k, gate, count, wires, out) => {
    const a = k.vector();
    k.each(
      count,
      [
        [gate, gateBytes],
        [out, wireBytes],
      ],
      () => {
        const { left, right, coefficients } = operands(k, gate, wires);
        const [c0, c1, c2, c3] = [0, 1, 2, 3].map((i) => k.vector(k.load(coefficients, i * vectorBytes)));
        for (const at of offsets) {
          k.set(a, k.load(left, at));
          const rest = k.mul(k.load(right, at), k.add(c2, k.mul(c3, a)));
          k.store(out, k.add(k.add(c0, k.mul(c1, a)), rest), at);
        }
      },
      1,
    );
  });
  const types = ["i32", "i32", "i32", "i32", "i32"] as const;
  const backward = kernels.define("gatesBackward", types, (k, gate, count, wires, out, back) => {
    const [a, b, g] = [k.vector(), k.vector(), k.vector()];
    k.set(gate, k.plus(gate, k.times(gateBytes, k.minus(count, 1))));
    k.set(out, k.plus(out, k.times(wireBytes, k.minus(count, 1))));
    k.each(
      count,
      [
        [gate, -gateBytes],
        [out, -wireBytes],
      ],
      () => {
        const { left, right, coefficients } = operands(k, gate, wires);
        const [c1, c2, c3] = [1, 2, 3].map((i) => k.vector(k.load(coefficients, i * vectorBytes)));
        const [toLeft, toRight, from] = [left, right, out].map((wire) => k.int(k.plus(wire, back)));
        for (const at of offsets) {
          k.set(a, k.load(left, at)).set(b, k.load(right, at)).set(g, k.load(from, at));
          k.accumulate(toLeft, k.mul(g, k.add(c1, k.mul(c3, b))), at);
          k.accumulate(toRight, k.mul(g, k.add(c2, k.mul(c3, a))), at);
        }
      },
      1,
    );
  });
  return { forward, backward };
}

/** Writes the gates' coefficients. */
export function writeCoefficients(memory: ArrayBufferLike, address: number, type: LaneType): void {
  const lanes = laneCounts[type];
  const values = gateNames.flatMap((name) => gates[name].flatMap((c) => new Array<number>(lanes).fill(c)));
  if (type === "f32x4") new Float32Array(memory, address, values.length).set(values);
  else new Float64Array(memory, address, values.length).set(values);
}

/** A circuit's gates as the kernels read them. */
export function gateTable({ kinds, left, right }: Circuit, vectors: number, coefficients: number): Int32Array {
  const wireBytes = vectors * vectorBytes;
  const table = new Int32Array(3 * kinds.length);
  for (let i = 0; i < kinds.length; i++) {
    table[3 * i] = left[i] * wireBytes;
    table[3 * i + 1] = right[i] * wireBytes;
    table[3 * i + 2] = coefficients + kinds[i] * coefficientBytes;
  }
  return table;
}
