import { type AluMnemonic, instructionCount, instructions } from "../assembler/index.js";
import { compile } from "../direct/index.js";
import { aluCircuit, CircuitAlu, gateNames, gates, type SoftAlu, seededRandom, TableAlu } from "../machine/index.js";
import { microseconds, report } from "./timing.js";

const rows = 256;
const operations = ["add", "lt", "mul", "div"] as const;

function certainOf(op: AluMnemonic): Float64Array {
  const weights = new Float64Array(rows * instructionCount);
  for (let row = 0; row < rows; row++) weights[row * instructionCount + instructions[op].number] = 1;
  return weights;
}

/** Nanoseconds a row: of the results, and with the gradient after them. */
function speedOf(unit: SoftAlu, op: AluMnemonic): { forward_ns: number; both_ns: number } {
  const random = seededRandom(1);
  const draw = () => Float64Array.from({ length: rows * unit.width }, random);
  const [weights, a, b, g] = [certainOf(op), draw(), draw(), draw()];
  const each = (call: () => void): number => (microseconds(call) * 1000) / rows;
  const only = new Uint8Array(instructionCount);
  return {
    forward_ns: each(() => unit.forward(weights, a, b, rows)),
    both_ns: each(() => {
      unit.forward(weights, a, b, rows);
      if (unit instanceof CircuitAlu) unit.backward(weights, a, b, g, rows, only);
      else unit.backward(weights, a, b, g, rows);
    }),
  };
}

/** The same circuit written as a program and compiled by the exact path into a kernel of its own. */
function compiledSpeed(op: AluMnemonic, bits: number): { compile_ms: number; forward_ns: number } {
  const { inputs, kinds, left, right, outputs } = aluCircuit(op, bits);
  const term = (c: number, ...factors: number[]): string => `(* ${c} ${factors.map((wire) => `w${wire}`).join(" ")})`;
  const bindings = [...kinds].map((kind, i) => {
    const [c0, c1, c2, c3] = gates[gateNames[kind]];
    const terms = [c1 && term(c1, left[i]), c2 && term(c2, right[i]), c3 && term(c3, left[i], right[i])];
    return `(w${inputs + i} (+ ${c0} ${terms.filter((text) => text !== 0).join(" ")}))`;
  });
  const sum = [...outputs].map((wire) => `w${wire}`).join(" ");
  const start = performance.now();
  const module = compile(`(let* (${bindings.join(" ")}) (+ ${sum}))`);
  const random = seededRandom(1);
  const batch = Object.fromEntries(
    module.inputs.map((name) => [name, Float64Array.from({ length: rows }, random)] as const),
  );
  module.batch(batch);
  const compile_ms = performance.now() - start;
  return { compile_ms, forward_ns: (microseconds(() => module.batch(batch)) * 1000) / rows };
}

/** Speed of the circuit ALU at several widths, beside the table ALU and the exact path's own kernels. One JSON line each. */
export async function main(): Promise<void> {
  for (const bits of [6, 8, 16, 32]) {
    const circuits = new CircuitAlu(bits);
    for (const op of operations) {
      const { length } = aluCircuit(op, bits).kinds;
      report({ bench: "circuit-alu", op, bits, gates: length, rows, ...speedOf(circuits, op) });
    }
  }
  for (const bits of [6, 8]) {
    const tables = new TableAlu(2 ** bits);
    for (const op of operations) report({ bench: "table-alu", op, bits, rows, ...speedOf(tables, op) });
  }
  for (const bits of [6, 8])
    for (const op of operations) report({ bench: "circuit-compiled", op, bits, rows, ...compiledSpeed(op, bits) });
}
