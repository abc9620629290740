/** One step of a group of soft machines, and a run of steps. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import type { Alu } from "./alu.js";
import { stateOffsets, vectorBytes } from "./context.js";
import type { Emitter, Integer, KernelModule } from "./emitter.js";
import type { Naming } from "./naming.js";
import { addOperationWeights } from "./operation-tables.js";
import { defineRenormalise } from "./renormalise.js";
import { registersOf, weightOf, writers } from "./step-weights.js";

export interface Steps {
  /** (context, state): what a step fetches and reads: op … k, u and v. */
  readonly operands: FunctionReference;
  /** (context, state, stride, steps) -> the steps done until all have halted; states are `stride` bytes apart, or one. */
  readonly run: FunctionReference;
  /** (context, state): adds a last state to the read-out, with the weight of not having halted. */
  readonly finish: FunctionReference;
}

/** Sets the context's result to the one that belongs to a state. */
export function useResult(k: Emitter, context: Local, state: Integer): void {
  const { registers, n } = k.fields(context, "registers", "n");
  k.setField(context, "o", k.at(registersOf(k, context, state), k.times(registers, n)));
}

interface Callees {
  readonly fetch: FunctionReference;
  readonly alu: Alu;
  readonly naming: Naming;
  readonly mixRows: FunctionReference;
  readonly readRows: FunctionReference;
  readonly addScaled: FunctionReference;
}

export function defineSteps(kernels: KernelModule, callees: Callees): Steps {
  const { fetch, alu, naming, mixRows, readRows, addScaled } = callees;

  const operands = kernels.define("operands", ["i32", "i32"], (k, context, state) => {
    k.call(fetch, context, state);
    const { n, registers, a, b, u, v } = k.fields(context, "n", "registers", "a", "b", "u", "v");
    const from = k.int(registersOf(k, context, state));
    k.call(readRows, a, registers, from, n, u);
    k.call(readRows, b, registers, from, n, v);
  });

  const flush = kernels.define("readOutMemory", ["i32", "i32"], (k, context, memory) => {
    const { n, memorySize, pending, readMemory } = k.fields(context, "n", "memorySize", "pending", "readMemory");
    const w = k.vector(k.load(pending));
    k.when(k.any(w), () => {
      k.call(addScaled, w, memory, k.times(memorySize, n), readMemory);
      k.store(pending, k.zero);
    });
  });

  const readOut = kernels.define("readOut", ["i32", "i32", "v128"], (k, context, state, w) => {
    const { n, registers, readRegisters, pending } = k.fields(
      context,
      ...(["n", "registers", "readRegisters", "pending"] as const),
    );
    k.when(k.any(w), () => {
      k.call(addScaled, w, registersOf(k, context, state), k.times(registers, n), readRegisters);
      // Memory is read out when it is about to change, with the weight that has gathered since it last did.
      k.accumulate(pending, w);
    });
  });

  const finish = kernels.define("finish", ["i32", "i32"], (k, context, state) => {
    k.call(readOut, context, state, k.sub(k.one, k.load(state, stateOffsets.halted)));
    k.call(flush, context, k.loadInt(state, stateOffsets.memory));
  });

  const writeRegisters = defineWriteRegisters(kernels);
  const writeMemory = defineWriteMemory(kernels);
  const moveCounter = defineMoveCounter(kernels, naming);
  const renormalise = defineRenormalise(kernels);

  const step = kernels.define("step", ["i32", "i32", "i32"], (k, context, state, next) => {
    useResult(k, context, state);
    const { n, memorySize, op, o, stops, ...fetched } = k.fields(context, "n", "memorySize", "op", "k", "o", "stops");
    k.call(operands, context, state);
    k.clear(o, n);
    k.call(alu.forward, context);
    const w = k.vector(weightOf(k, op, "const", "call", "store"));
    k.when(k.any(w), () => k.call(addScaled, w, fetched.k, n, o));
    const memory = k.int(k.loadInt(state, stateOffsets.memory));
    const usesMemory = k.any(k.or(weightOf(k, op, "read"), weightOf(k, op, "write")));
    k.when(usesMemory, () => k.call(naming.address, context));
    k.set(w, weightOf(k, op, "read"));
    k.when(k.any(w), () => k.call(mixRows, k.field(context, "address"), memorySize, memory, n, w, o));
    const readsOut = k.int(k.field(context, "readsOut"));
    const halted = k.vector(k.load(state, stateOffsets.halted));
    const halting = k.vector(k.mul(k.sub(k.one, halted), weightOf(k, op, "halt")));
    k.when(readsOut, () => k.call(readOut, context, state, halting));
    k.call(writeRegisters, context, state, next);
    k.set(w, weightOf(k, op, "write"));
    k.when(
      k.any(w),
      () => {
        k.when(readsOut, () => k.call(flush, context, memory));
        const to = k.int(memory);
        // A memory that is recorded stays as it is.
        k.when(k.differ(state, next), () => {
          k.set(to, k.field(context, "memoryTop"));
          k.setField(context, "memoryTop", k.at(to, k.times(memorySize, n)));
        });
        k.call(writeMemory, context, memory, to);
        k.storeInt(next, to, stateOffsets.memory);
      },
      () => k.storeInt(next, memory, stateOffsets.memory),
    );
    k.call(moveCounter, context, state, next);
    k.when(k.field(context, "renormalises"), () => k.call(renormalise, context, state, next));
    k.addTo(halted, halting);
    k.store(next, halted, stateOffsets.halted);
    const active = k.vector(k.load(state, stateOffsets.active));
    k.when(stops, () => k.set(active, k.and(active, k.ne(halted, k.one))));
    k.store(next, active, stateOffsets.active);
  });

  const run = kernels.define(
    "run",
    ["i32", "i32", "i32", "i32"],
    (k, context, state, stride, steps) => {
      const { done, expectedSteps } = k.fields(context, "done", "expectedSteps");
      const count = k.int(0);
      const active = k.vector();
      const goOn = () => {
        k.set(active, k.load(state, stateOffsets.active));
        return k.both(k.less(count, steps), k.any(active));
      };
      k.when(goOn(), () => {
        k.loop((again) => {
          k.accumulate(done, k.and(active, k.one));
          k.accumulate(expectedSteps, k.and(active, k.sub(k.one, k.load(state, stateOffsets.halted))));
          k.call(step, context, state, k.plus(state, stride));
          k.advance(state, stride).advance(count, 1);
          k.againIf(again, goOn());
        });
      });
      k.give(count);
    },
    ["i32"],
  );
  return { operands, run, finish };
}

/** (context, state, next): R <- (1 - w out) R + out o, with w the weight of the instructions that write a register. */
function defineWriteRegisters(kernels: KernelModule): FunctionReference {
  return kernels.define("writeRegisters", ["i32", "i32", "i32"], (k, context, state, next) => {
    const { n, registers, op, out, o } = k.fields(context, "n", "registers", "op", "out", "o");
    const writing = k.vector(weightOf(k, op, ...writers));
    addOperationWeights(k, context, writing);
    const [from, to] = [k.int(registersOf(k, context, state)), k.int(registersOf(k, context, next))];
    const rowBytes = k.int(k.bytes(n));
    const [weight, keep] = [k.vector(), k.vector()];
    const [pf, pt, po] = [k.int(), k.int(), k.int()];
    k.each(
      registers,
      [out, [from, rowBytes], [to, rowBytes]],
      () => {
        k.set(weight, k.load(out));
        k.when(
          k.both(k.any(weight), k.any(writing)),
          () => {
            k.set(keep, k.sub(k.one, k.mul(writing, weight)));
            k.set(pf, from).set(pt, to).set(po, o);
            k.each(n, [pf, pt, po], (at) => {
              k.store(pt, k.add(k.mul(keep, k.load(pf, at)), k.mul(weight, k.load(po, at))), at);
            });
          },
          () => k.when(k.differ(from, to), () => k.copy(from, to, n)),
        );
      },
      1,
    );
  });
}

/** (context, from, to): M_i <- (1 - p) M_i + p ((1 - a_i) M_i + a_i v), with p the weight of `write` and a the address. */
function defineWriteMemory(kernels: KernelModule): FunctionReference {
  return kernels.define("writeMemory", ["i32", "i32", "i32"], (k, context, from, to) => {
    const { n, memorySize, op, address, v } = k.fields(context, "n", "memorySize", "op", "address", "v");
    const p = k.vector(weightOf(k, op, "write"));
    const rowBytes = k.int(k.bytes(n));
    const [weight, keep] = [k.vector(), k.vector()];
    const [pf, pt, pv] = [k.int(), k.int(), k.int()];
    k.each(
      memorySize,
      [address, [from, rowBytes], [to, rowBytes]],
      () => {
        k.set(weight, k.mul(p, k.load(address)));
        k.when(
          k.any(weight),
          () => {
            k.set(keep, k.sub(k.one, weight));
            k.set(pf, from).set(pt, to).set(pv, v);
            k.each(n, [pf, pt, pv], (at) => {
              k.store(pt, k.add(k.mul(keep, k.load(pf, at)), k.mul(weight, k.load(pv, at))), at);
            });
          },
          () => k.when(k.differ(from, to), () => k.copy(from, to, n)),
        );
      },
      1,
    );
  });
}

/** (context, state, next): equation 6, with a jump on 1 and one on 0, and with `call` and `ret` as jumps that are always taken, to the first operand's line. */
function defineMoveCounter(kernels: KernelModule, naming: Naming): FunctionReference {
  return kernels.define("moveCounter", ["i32", "i32", "i32"], (k, context, state, next) => {
    const { lines, op, nextCounter } = k.fields(context, "lines", "op", "nextCounter");
    const whenOne = k.mul(weightOf(k, op, "jump"), naming.flag(k, context, 1));
    const taken = k.vector(k.add(whenOne, k.mul(weightOf(k, op, "jez"), naming.flag(k, context, 0))));
    const always = k.vector(weightOf(k, op, "call", "ret"));
    const onwards = k.vector(k.sub(k.one, k.add(taken, always)));
    const counter = k.int(k.plus(state, stateOffsets.counter));
    const [from, to] = [k.int(counter), k.int(k.plus(nextCounter, vectorBytes))];
    k.each(k.minus(lines, 1), [from, to], (at) => k.store(to, k.mul(onwards, k.load(from, at)), at));
    k.store(nextCounter, k.mul(onwards, k.load(from)));
    k.when(k.any(k.or(taken, always)), () => naming.lines(k, context, taken, always));
    const active = k.vector(k.load(state, stateOffsets.active));
    k.set(from, nextCounter).set(to, k.plus(next, stateOffsets.counter));
    k.each(lines, [from, to, counter], (at) => {
      k.store(to, k.choose(active, k.load(from, at), k.load(counter, at)), at);
    });
  });
}
