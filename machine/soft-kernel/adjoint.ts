/** Reverse-mode differentiation of a run of steps, by hand: the transposes of the steps, from the last to the first. */
import type { FunctionReference } from "../../kernel/index.js";
import { type Alu, isWanted } from "./alu.js";
import { fieldBits, stateOffsets, vectorBytes } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";
import type { Naming } from "./naming.js";
import { addOperationWeights, eachOperation } from "./operation-tables.js";
import { defineRenormaliseBackward } from "./renormalise.js";
import { useResult } from "./step.js";
import { offsetOf, registersOf, weightOf, writers } from "./step-weights.js";

export interface Adjoint {
  /** (context, state): from the cotangents of the read-out at the last state; its registers' and memory's are marked. */
  readonly begin: FunctionReference;
  /** (context, state, stride, steps): over the steps before a state, whose recorded states are `stride` bytes apart. */
  readonly run: FunctionReference;
  /** (context): what the memory's gradient still lacks. */
  readonly finish: FunctionReference;
}

interface Callees {
  readonly operands: FunctionReference;
  readonly fetchBackward: FunctionReference;
  readonly alu: Alu;
  readonly naming: Naming;
  readonly addScaled: FunctionReference;
  readonly addMarked: FunctionReference;
  readonly inner: FunctionReference;
}

export function defineAdjoint(kernels: KernelModule, callees: Callees): Adjoint {
  const { operands, fetchBackward, alu, naming, addScaled, addMarked, inner } = callees;

  const finish = kernels.define("flushMemoryGradient", ["i32"], (k, context) => {
    const { n, memorySize, memoryMarked, cotangentMemory, gMemory, gPending } = k.fields(
      context,
      ...(["n", "memorySize", "memoryMarked", "cotangentMemory", "gMemory", "gPending"] as const),
    );
    const w = k.vector(k.load(gPending));
    k.when(k.any(w), () => {
      k.call(addMarked, memoryMarked, memorySize, cotangentMemory, n, w, gMemory);
      k.store(gPending, k.zero);
    });
  });

  /** (context, state) -> the part in the loss of a state that is read out with weight one, which is linear in it. */
  const readOutValue = kernels.define(
    "readOutValue",
    ["i32", "i32"],
    (k, context, state) => {
      const { n, registers, memorySize, registersMarked, cotangentRegisters } = k.fields(
        context,
        ...(["n", "registers", "memorySize", "registersMarked", "cotangentRegisters"] as const),
      );
      const { memoryMarked, cotangentMemory, memoryValue } = k.fields(
        context,
        ...(["memoryMarked", "cotangentMemory", "memoryValue"] as const),
      );
      // Steps that write nothing share their memory.
      const memory = k.int(k.loadInt(state, stateOffsets.memory));
      k.when(k.differ(memory, k.field(context, "memoryValued")), () => {
        k.setField(context, "memoryValued", memory);
        const value = () => k.call(inner, memoryMarked, memorySize, memory, cotangentMemory, n);
        k.store(memoryValue, value);
      });
      const from = registersOf(k, context, state);
      const value = () => k.call(inner, registersMarked, registers, from, cotangentRegisters, n);
      k.add(value, k.load(memoryValue))();
    },
    ["v128"],
  );

  const addCotangent = (k: Emitter, context: Parameters<Emitter["field"]>[0], w: Parameters<Emitter["mul"]>[0]) => {
    const { n, registers, registersMarked, cotangentRegisters, gRegisters } = k.fields(
      context,
      ...(["n", "registers", "registersMarked", "cotangentRegisters", "gRegisters"] as const),
    );
    k.call(addMarked, registersMarked, registers, cotangentRegisters, n, w, gRegisters);
    const { gPending } = k.fields(context, "gPending");
    k.accumulate(gPending, w);
  };

  const begin = kernels.define("beginAdjoint", ["i32", "i32"], (k, context, state) => {
    const { gHalted, gPending } = k.fields(context, "gHalted", "gPending");
    k.store(gPending, k.zero);
    const value = () => k.call(readOutValue, context, state);
    k.store(gHalted, k.sub(k.load(gHalted), value));
    const remaining = k.vector(k.sub(k.one, k.load(state, stateOffsets.halted)));
    addCotangent(k, context, remaining);
  });

  const halting = kernels.define("haltingBackward", ["i32", "i32"], (k, context, state) => {
    const { op, gOp, gHalted } = k.fields(context, "op", "gOp", "gHalted");
    const value = k.vector(() => k.call(readOutValue, context, state));
    const weight = k.vector(weightOf(k, op, "halt"));
    const remaining = k.vector(k.sub(k.one, k.load(state, stateOffsets.halted)));
    const g = k.vector(k.load(gHalted));
    k.accumulate(gOp, k.mul(remaining, k.add(g, value)), offsetOf("halt"));
    k.store(gHalted, k.sub(k.mul(k.sub(k.one, weight), g), k.mul(weight, value)));
    k.set(weight, k.mul(remaining, weight));
    k.when(k.any(weight), () => addCotangent(k, context, weight));
  });

  const registers = defineRegistersBackward(kernels);
  const memory = defineMemoryBackward(kernels);
  const counter = defineCounterBackward(kernels, naming);
  const operandsBackward = defineOperandsBackward(kernels);
  const wantsAll = defineWantsAll(kernels);
  const renormaliseBackward = defineRenormaliseBackward(kernels, finish);

  const step = kernels.define("stepBackward", ["i32", "i32"], (k, context, state) => {
    const { n, memorySize, choices, op, k: immediate } = k.fields(context, "n", "memorySize", "choices", "op", "k");
    const { gOp, gK, gU, gV, gO, gAddress } = k.fields(context, "gOp", "gK", "gU", "gV", "gO", "gAddress");
    const all = k.int(k.result(wantsAll, context, state));
    useResult(k, context, state);
    k.call(operands, context, state);
    k.clear(gOp, choices);
    const count = k.plus(n, 1);
    k.clear(gU, count).clear(gV, count).clear(gO, count);
    k.call(registers, context, state);
    const usesMemory = k.int(isWanted(k, context, all, "read", "write"));
    k.when(usesMemory, () => {
      k.call(naming.address, context);
      // What is read out of a memory after it was written to is on its way no longer.
      k.when(isWanted(k, context, all, "write"), () => k.call(finish, context));
      k.clear(gAddress, memorySize);
      k.call(memory, context, state);
    });
    k.call(counter, context, state, all);
    k.when(isWanted(k, context, all, "halt"), () => k.call(halting, context, state));
    const { gHalted, gRunning } = k.fields(context, "gHalted", "gRunning");
    k.accumulate(gHalted, k.and(k.load(state, stateOffsets.active), k.load(gRunning)));
    k.call(alu.backward, context, all);
    const w = k.vector(weightOf(k, op, "const", "call", "store"));
    const value = k.dot(immediate, gO, n);
    for (const name of ["const", "call", "store"] as const) k.accumulate(gOp, value, offsetOf(name));
    k.call(addScaled, w, gO, n, gK);
    k.when(usesMemory, () => k.call(naming.addressBackward, context));
    k.call(operandsBackward, context, state);
    k.call(fetchBackward, context, state);
  });

  const run = kernels.define("runBackward", ["i32", "i32", "i32", "i32"], (k, context, state, stride, steps) => {
    const { renormalises } = k.fields(context, "renormalises");
    k.each(
      steps,
      [],
      () => {
        k.when(renormalises, () => k.call(renormaliseBackward, context, state, k.minus(state, stride)));
        k.set(state, k.minus(state, stride));
        k.call(step, context, state);
      },
      1,
    );
  });
  return { begin, run, finish };
}

/** (context, state) -> whether a line that the counter may be at trains its operation: every operation's part counts. */
function defineWantsAll(kernels: KernelModule): FunctionReference {
  return kernels.define(
    "wantsAll",
    ["i32", "i32"],
    (k, context, state) => {
      const { lines, trained } = k.fields(context, "lines", "trained");
      const active = k.vector(k.load(state, stateOffsets.active));
      const counter = k.int(k.plus(state, stateOffsets.counter));
      const all = k.int(0);
      k.each(
        lines,
        [counter, [trained, 4]],
        () => {
          const here = k.both(k.loadInt(trained), fieldBits.op);
          k.set(all, k.either(all, k.both(here, k.any(k.and(active, k.load(counter))))));
        },
        1,
      );
      k.give(all);
    },
    ["i32"],
  );
}

/** (context, state): from gRegisters after the step to gO, gOut, and gRegisters as far as registers keep their values. */
function defineRegistersBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("registersBackward", ["i32", "i32"], (k, context, state) => {
    const { n, registers, op, out, o } = k.fields(context, "n", "registers", "op", "out", "o");
    const { gOp, gOut, gO, gRegisters } = k.fields(context, "gOp", "gOut", "gO", "gRegisters");
    const writing = k.vector(weightOf(k, op, ...writers));
    addOperationWeights(k, context, writing);
    const [weight, keep, written] = [k.vector(), k.vector(), k.vector(k.zero)];
    const from = k.int(registersOf(k, context, state));
    const [pf, pg, po, pgo] = [k.int(), k.int(), k.int(), k.int()];
    const rowBytes = k.int(k.bytes(n));
    const [withNew, withOld] = [k.sums(2), k.sums(2)];
    const g = k.vector();
    const dots = (at: number, time: number) => {
      k.set(g, k.load(pg, at));
      k.addTo(withNew[time % 2], k.mul(g, k.load(po, at)));
      k.addTo(withOld[time % 2], k.mul(g, k.load(pf, at)));
    };
    k.each(
      registers,
      [out, gOut, [from, rowBytes], [gRegisters, rowBytes]],
      () => {
        for (const sum of [...withNew, ...withOld]) k.set(sum, k.zero);
        k.set(weight, k.load(out)).set(pf, from).set(pg, gRegisters).set(po, o).set(pgo, gO);
        k.when(
          k.any(weight),
          () => {
            k.set(keep, k.sub(k.one, k.mul(writing, weight)));
            k.each(n, [pf, pg, po, pgo], (at, time) => {
              dots(at, time);
              k.accumulate(pgo, k.mul(weight, g), at);
              k.store(pg, k.mul(keep, g), at);
            });
          },
          () => k.each(n, [pf, pg, po], dots),
        );
        const old = k.vector(k.total(withOld));
        k.accumulate(gOut, k.sub(k.total(withNew), k.mul(writing, old)));
        k.set(written, k.sub(written, k.mul(weight, old)));
      },
      1,
    );
    for (const name of writers) k.accumulate(gOp, written, offsetOf(name));
    eachOperation(k, context, "gOp", (slope) => k.accumulate(slope, written));
  });
}

/**
 * (context, state): the transposes of writing and of reading memory, one pass over it: from gMemory after the step and gO
 * to gMemory before it, gV, gAddress and gOp.
 */
function defineMemoryBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("memoryBackward", ["i32", "i32"], (k, context, state) => {
    const { n, memorySize, op, address, v } = k.fields(context, "n", "memorySize", "op", "address", "v");
    const { gOp, gO, gV, gAddress, gMemory } = k.fields(context, "gOp", "gO", "gV", "gAddress", "gMemory");
    const [reading, writing] = [k.vector(weightOf(k, op, "read")), k.vector(weightOf(k, op, "write"))];
    const [gReading, gWriting] = [k.vector(k.zero), k.vector(k.zero)];
    const memory = k.int(k.loadInt(state, stateOffsets.memory));
    const rowBytes = k.int(k.bytes(n));
    const [pm, pg, pv, po, pgv] = [k.int(), k.int(), k.int(), k.int(), k.int()];
    const [weight, written, keep, added] = [k.vector(), k.vector(), k.vector(), k.vector()];
    const [g, m, x, y] = [k.vector(), k.vector(), k.vector(), k.vector()];
    const [change, value] = [k.sums(2), k.sums(2)];
    const anything = k.int(k.any(k.or(reading, writing)));
    const dots = (at: number, time: number) => {
      k.set(g, k.load(pg, at)).set(m, k.load(pm, at)).set(x, k.load(pv, at)).set(y, k.load(po, at));
      k.addTo(change[time % 2], k.mul(g, k.sub(x, m)));
      k.addTo(value[time % 2], k.mul(m, y));
    };
    k.each(
      memorySize,
      [address, gAddress, [memory, rowBytes], [gMemory, rowBytes]],
      () => {
        k.set(weight, k.load(address));
        k.when(k.either(anything, k.any(weight)), () => {
          for (const sum of [...change, ...value]) k.set(sum, k.zero);
          k.set(pm, memory).set(pg, gMemory).set(pv, v).set(po, gO).set(pgv, gV);
          k.set(written, k.mul(writing, weight)).set(added, k.mul(reading, weight));
          k.when(
            k.any(k.or(written, added)),
            () => {
              k.set(keep, k.sub(k.one, written));
              k.each(n, [pm, pg, pv, po, pgv], (at, time) => {
                dots(at, time);
                k.accumulate(pgv, k.mul(written, g), at);
                k.store(pg, k.add(k.mul(keep, g), k.mul(added, y)), at);
              });
            },
            () => k.each(n, [pm, pg, pv, po], dots),
          );
          k.set(x, k.total(change)).set(y, k.total(value));
          k.addTo(gWriting, k.mul(weight, x)).addTo(gReading, k.mul(weight, y));
          k.accumulate(gAddress, k.add(k.mul(writing, x), k.mul(reading, y)));
        });
      },
      1,
    );
    k.accumulate(gOp, gReading, offsetOf("read")).accumulate(gOp, gWriting, offsetOf("write"));
  });
}

/** (context, state, all): from gCounter after the step to gCounter before it, gU, gV and gOp. */
function defineCounterBackward(kernels: KernelModule, naming: Naming): FunctionReference {
  return kernels.define("counterBackward", ["i32", "i32", "i32"], (k, context, state, all) => {
    const { lines, op, nextCounter, gCounter, gOp } = k.fields(
      context,
      ...(["lines", "op", "nextCounter", "gCounter", "gOp"] as const),
    );
    const [one, zero] = [k.vector(naming.flag(k, context, 1)), k.vector(naming.flag(k, context, 0))];
    const [jump, jez] = [k.vector(weightOf(k, op, "jump")), k.vector(weightOf(k, op, "jez"))];
    const taken = k.vector(k.add(k.mul(jump, one), k.mul(jez, zero)));
    const always = k.vector(weightOf(k, op, "call", "ret"));
    const counter = k.int(k.plus(state, stateOffsets.counter));
    const [from, to] = [k.int(), k.int()];
    const jumps = k.int(isWanted(k, context, all, "jump", "jez"));
    const returns = k.int(isWanted(k, context, all, "call", "ret"));
    k.when(k.either(jumps, returns), () => {
      const onwards = k.vector(k.zero);
      k.set(from, counter).set(to, k.plus(gCounter, vectorBytes));
      k.each(k.minus(lines, 1), [from, to], (at) => k.addTo(onwards, k.mul(k.load(from, at), k.load(to, at))), 1);
      k.addTo(onwards, k.mul(k.load(from), k.load(gCounter)));
      const { jumped, returned } = naming.linesBackward(
        k,
        context,
        { taken, always },
        { jumped: jumps, returned: returns },
      );
      k.set(jumped, k.sub(jumped, onwards)).set(returned, k.sub(returned, onwards));
      k.accumulate(gOp, k.mul(one, jumped), offsetOf("jump")).accumulate(gOp, k.mul(zero, jumped), offsetOf("jez"));
      naming.flagBackward(k, context, 1, k.mul(jump, jumped));
      naming.flagBackward(k, context, 0, k.mul(jez, jumped));
      for (const name of ["call", "ret"] as const) k.accumulate(gOp, returned, offsetOf(name));
    });
    const keep = k.vector(k.sub(k.one, k.add(taken, always)));
    k.set(from, k.plus(gCounter, vectorBytes)).set(to, nextCounter);
    k.each(k.minus(lines, 1), [from, to], (at) => k.store(to, k.mul(keep, k.load(from, at)), at));
    k.store(to, k.mul(keep, k.load(gCounter)));
    const active = k.vector(k.load(state, stateOffsets.active));
    k.set(from, nextCounter).set(to, gCounter);
    k.each(lines, [from, to], (at) => k.store(to, k.choose(active, k.load(from, at), k.load(to, at)), at));
  });
}

/** (context, state): from gU and gV to gA, gB and gRegisters. */
function defineOperandsBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("operandsBackward", ["i32", "i32"], (k, context, state) => {
    const { n, registers, a, b, gA, gB } = k.fields(context, "n", "registers", "a", "b", "gA", "gB");
    const { gU, gV, gRegisters } = k.fields(context, "gU", "gV", "gRegisters");
    const from = k.int(registersOf(k, context, state));
    const rowBytes = k.int(k.bytes(n));
    const [first, second] = [k.vector(), k.vector()];
    const [pf, pg, pu, pv] = [k.int(), k.int(), k.int(), k.int()];
    const [x, y, r] = [k.vector(), k.vector(), k.vector()];
    const [byU, byV] = [k.sums(2), k.sums(2)];
    const dots = (at: number, time: number) => {
      k.set(r, k.load(pf, at)).set(x, k.load(pu, at)).set(y, k.load(pv, at));
      k.addTo(byU[time % 2], k.mul(r, x)).addTo(byV[time % 2], k.mul(r, y));
    };
    k.each(
      registers,
      [a, b, gA, gB, [from, rowBytes], [gRegisters, rowBytes]],
      () => {
        for (const sum of [...byU, ...byV]) k.set(sum, k.zero);
        k.set(first, k.load(a)).set(second, k.load(b));
        k.set(pf, from).set(pg, gRegisters).set(pu, gU).set(pv, gV);
        k.when(
          k.any(k.or(first, second)),
          () => {
            k.each(n, [pf, pg, pu, pv], (at, time) => {
              dots(at, time);
              k.accumulate(pg, k.add(k.mul(first, x), k.mul(second, y)), at);
            });
          },
          () => k.each(n, [pf, pu, pv], dots),
        );
        k.accumulate(gA, k.total(byU)).accumulate(gB, k.total(byV));
      },
      1,
    );
  });
}
