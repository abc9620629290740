/** The ALU's circuits of a width, as the soft machine's kernels read them. */
import { type AluMnemonic, instructions } from "../assembler/index.js";
import type { LaneType } from "../kernel/index.js";
import { aluCircuit } from "./alu-circuits.js";
import type { Circuit } from "./circuit.js";
import { aluMnemonics } from "./soft-alu.js";
import { circuitBytes, operationBytes } from "./soft-kernel/circuit-alu.js";
import { vectorBytes } from "./soft-kernel/context.js";
import { coefficientTableBytes, gateTable, writeCoefficients } from "./soft-kernel/gates.js";

/** Operations that have most of their gates in common, and so one circuit: long division makes quotient and remainder. */
const division: readonly AluMnemonic[] = ["div", "mod"];

interface OperationCircuit {
  /** The operations whose results the circuit's outputs are, one after the other. */
  readonly operations: readonly AluMnemonic[];
  readonly circuit: Circuit;
}

const known = new Map<number, readonly OperationCircuit[]>();

/** Every operation's circuit at a width. */
function circuitsOf(bits: number): readonly OperationCircuit[] {
  const made = known.get(bits);
  if (made !== undefined) return made;
  const others = aluMnemonics.filter((op) => !division.includes(op)).map((op) => [op]);
  const circuits = [...others, division].map((operations) => ({ operations, circuit: aluCircuit(operations, bits) }));
  known.set(bits, circuits);
  return circuits;
}

/** How many circuits there are, the bytes of their tables, and the most wires of one. */
export function circuitSizes(bits: number): { count: number; bytes: number; wires: number } {
  const circuits = circuitsOf(bits);
  const bytes = circuits.map(
    ({ operations, circuit: { kinds } }) =>
      circuitBytes + operations.length * (operationBytes + 4 * bits) + 12 * kinds.length,
  );
  return {
    count: circuits.length,
    bytes: coefficientTableBytes + bytes.reduce((sum, size) => sum + size, 0),
    wires: Math.max(...circuits.map(({ circuit }) => circuit.inputs + circuit.kinds.length)),
  };
}

/** Writes the tables: the circuits' entries come first, at a multiple of a vector's bytes. */
export function writeCircuits(memory: ArrayBufferLike, address: number, bits: number, type: LaneType): void {
  const circuits = circuitsOf(bits);
  const coefficients = address + circuits.length * circuitBytes;
  writeCoefficients(memory, coefficients, type);
  let end = coefficients + coefficientTableBytes;
  const put = (numbers: readonly number[] | Int32Array): number => {
    const at = end;
    new Int32Array(memory, at, numbers.length).set(numbers);
    end += 4 * numbers.length;
    return at;
  };
  circuits.forEach(({ operations, circuit }, i) => {
    const gates = put(gateTable(circuit, 1, coefficients));
    const results = operations.map((_, at) =>
      put(circuit.outputs.subarray(at * bits, (at + 1) * bits).map((wire) => wire * vectorBytes)),
    );
    const entries = put(operations.flatMap((op, at) => [instructions[op].number * vectorBytes, results[at]]));
    const entry = [gates, circuit.kinds.length, entries, operations.length];
    new Int32Array(memory, address + i * circuitBytes, entry.length).set(entry);
  });
}
