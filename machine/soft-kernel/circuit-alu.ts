/**
 * The ALU of probabilistic gates on values of bits ("Algorithmic Language Models with Neurally Compiled Libraries", 2024,
 * appendix D): circuits in a table, each with the operations whose results are among its wires.
 */
import type { Local } from "../../kernel/index.js";
import type { Alu } from "./alu.js";
import { defineBinaryOperationTables } from "./binary-operation-tables.js";
import type { BitKernels } from "./bits.js";
import type { Emitter, Integer, KernelModule, Value } from "./emitter.js";
import { defineGates } from "./gates.js";

/** An entry of the table: its gates' address, how many, its operations' address, and how many; i32 each. */
export const circuitBytes = 16;
/** An operation of a circuit: its byte offset in `op`, and the address of its result's wires, byte offsets in i32. */
export const operationBytes = 8;

/** What kernels know of a circuit: i32 variables. */
interface Entry {
  readonly gates: Local;
  readonly count: Local;
  readonly operations: Local;
  readonly operationCount: Local;
}

export function defineCircuitAlu(kernels: KernelModule, bits: BitKernels): Alu {
  const gates = defineGates(kernels, 1);
  const own = defineBinaryOperationTables(kernels, bits);

  /** (context, gates, count): the wires' probabilities, from the operands'. */
  const evaluate = kernels.define("evaluate", ["i32", "i32", "i32"], (k, context, table, count) => {
    const { n, u, v, wires } = k.fields(context, "n", "u", "v", "wires");
    const second = k.int(k.at(wires, n));
    k.copy(u, wires, n).copy(v, second, n);
    k.call(gates.forward, table, count, wires, k.at(second, n));
  });

  const forward = kernels.define("alu", ["i32"], (k, context) => {
    const { n, op, o, wires } = k.fields(context, "n", "op", "o", "wires");
    const w = k.vector();
    k.call(own.forward, context);
    eachCircuit(k, context, (entry) => {
      const weighted = k.int(0);
      eachOperation(k, entry, (offset) => k.set(weighted, k.either(weighted, k.any(k.load(k.plus(op, offset))))));
      k.when(weighted, () => {
        k.call(evaluate, context, entry.gates, entry.count);
        eachOperation(k, entry, (offset, outputs) => {
          k.set(w, k.load(k.plus(op, offset)));
          k.when(k.any(w), () => {
            const to = k.int(o);
            k.each(n, [to, [outputs, 4]], () => k.accumulate(to, k.mul(w, k.load(wireAt(k, wires, outputs)))), 1);
          });
        });
      });
    });
  });

  const backward = kernels.define("aluBackward", ["i32", "i32"], (k, context, all) => {
    const { n, op, present, wires, wireCotangents } = k.fields(
      context,
      ...(["n", "op", "present", "wires", "wireCotangents"] as const),
    );
    const { gOp, gO, gU, gV } = k.fields(context, "gOp", "gO", "gU", "gV");
    const [w, g, sum] = [k.vector(), k.vector(), k.vector()];
    k.call(own.backward, context, all);
    const isWanted = (offset: Local): Value => {
      const inProgram = k.loadInt(k.plus(present, k.shiftRight(offset, 2)));
      return k.either(k.either(all, inProgram), k.any(k.load(k.plus(op, offset))));
    };
    eachCircuit(k, context, (entry) => {
      const [wanted, weighted, inputs] = [k.int(0), k.int(0), k.int()];
      eachOperation(k, entry, (offset) => k.set(wanted, k.either(wanted, isWanted(offset))));
      k.when(wanted, () => {
        k.call(evaluate, context, entry.gates, entry.count);
        k.set(inputs, k.shiftLeft(n, 1));
        k.clear(wireCotangents, k.plus(inputs, entry.count));
        eachOperation(k, entry, (offset, outputs) => {
          k.when(isWanted(offset), () => {
            k.set(w, k.load(k.plus(op, offset))).set(sum, k.zero);
            k.set(weighted, k.either(weighted, k.any(w)));
            const [from, wire] = [k.int(gO), k.int()];
            k.each(
              n,
              [from, [outputs, 4]],
              () => {
                k.set(g, k.load(from));
                k.addTo(sum, k.mul(g, k.load(wireAt(k, wires, outputs))));
                k.set(wire, wireAt(k, wireCotangents, outputs));
                k.accumulate(wire, k.mul(w, g));
              },
              1,
            );
            const to = k.int(k.plus(gOp, offset));
            k.accumulate(to, sum);
          });
        });
        k.when(weighted, () => {
          const first = k.at(wires, inputs);
          k.call(gates.backward, entry.gates, entry.count, wires, first, k.minus(wireCotangents, wires));
          const [from, to] = [k.int(wireCotangents), k.int()];
          for (const operand of [gU, gV]) {
            k.set(to, operand);
            k.each(n, [from, to], (at) => k.accumulate(to, k.load(from, at), at));
          }
        });
      });
    });
  });
  return { forward, backward };
}

/** Where the wire is whose byte offset a pointer into a result's wires is at. */
const wireAt = (k: Emitter, wires: Integer, outputs: Local): Value => k.plus(wires, k.loadInt(outputs));

function eachCircuit(k: Emitter, context: Local, body: (entry: Entry) => void): void {
  const { circuits, circuitCount } = k.fields(context, "circuits", "circuitCount");
  const entry = { gates: k.int(), count: k.int(), operations: k.int(), operationCount: k.int() };
  k.each(
    circuitCount,
    [[circuits, circuitBytes]],
    () => {
      Object.values(entry).forEach((local, i) => {
        k.set(local, k.loadInt(circuits, 4 * i));
      });
      body(entry);
    },
    1,
  );
}

/** Goes through the operations of a circuit: their byte offsets, and pointers to their results' wires. */
function eachOperation(k: Emitter, entry: Entry, body: (offset: Local, outputs: Local) => void): void {
  const [at, offset, outputs] = [k.int(entry.operations), k.int(), k.int()];
  k.each(
    entry.operationCount,
    [[at, operationBytes]],
    () => {
      k.set(offset, k.loadInt(at)).set(outputs, k.loadInt(at, 4));
      body(offset, outputs);
    },
    1,
  );
}
