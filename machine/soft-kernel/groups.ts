/** Groups of machines from the arrays of a batch through their runs to those of its results; and the way back. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { type ContextField, laneCounts, stateOffsets, vectorBytes } from "./context.js";
import type { Emitter, Integer, KernelModule, Value } from "./emitter.js";
import { registersOf } from "./step-weights.js";

interface Callees {
  readonly pack: FunctionReference;
  readonly unpack: FunctionReference;
  readonly mark: FunctionReference;
  readonly run: FunctionReference;
  readonly finish: FunctionReference;
  readonly beginAdjoint: FunctionReference;
  readonly runBackward: FunctionReference;
  readonly flushMemoryGradient: FunctionReference;
}

/**
 * Defines and exports (parts, context, part), which goes through the groups of so many parts of the batch from one on,
 * forward and backward. Threads run parts at the same time, each with a context of its own: what they write otherwise is
 * their groups', or their parts'.
 */
export function defineGroups(kernels: KernelModule, callees: Callees): void {
  const { mark, run, finish, beginAdjoint, runBackward, flushMemoryGradient } = callees;
  const packRows = definePackRows(kernels, callees.pack);
  const unpackRows = defineUnpackRows(kernels, callees.unpack);

  const begin = kernels.define("begin", ["i32", "i32", "i32", "i32"], (k, context, group, state, memory) => {
    const { n, registers, memorySize, lines, stepping } = k.fields(
      context,
      ...(["n", "registers", "memorySize", "lines", "stepping"] as const),
    );
    const [registersSize, memoryLength] = [k.int(k.times(registers, n)), k.int(k.times(memorySize, n))];
    const { readRegisters, readMemory } = k.fields(context, "readRegisters", "readMemory");
    const pack = (array: ContextField, width: Integer, to: Integer) =>
      k.call(packRows, context, k.field(context, array), width, group, to);
    pack("inRegisters", registersSize, registersOf(k, context, state));
    pack("inMemory", memoryLength, memory);
    pack("inCounter", lines, k.plus(state, stateOffsets.counter));
    k.storeInt(state, memory, stateOffsets.memory);
    k.setField(context, "memoryTop", k.at(memory, memoryLength));
    const active = k.vector(k.load(k.at(stepping, group)));
    k.store(state, active, stateOffsets.active);
    // A lane without a machine that steps has halted.
    k.store(state, k.sub(k.one, k.and(active, k.one)), stateOffsets.halted);
    k.clear(readRegisters, registersSize).clear(readMemory, memoryLength);
    for (const name of ["pending", "done", "expectedSteps"] as const) k.store(k.field(context, name), k.zero);
  });

  const unpack = (k: Emitter, context: Local, group: Local, from: Integer, width: Integer, array: ContextField) =>
    k.call(unpackRows, context, from, width, group, k.field(context, array));

  /** (context, group, state, registers, memory): a state to the batch's results, with its own registers and memory or what is read out. */
  const show = kernels.define(
    "show",
    ["i32", "i32", "i32", "i32", "i32"],
    (k, context, group, state, fromRegisters, fromMemory) => {
      const { n, registers, memorySize, lines } = k.fields(context, "n", "registers", "memorySize", "lines");
      unpack(k, context, group, fromRegisters, k.times(registers, n), "outRegisters");
      unpack(k, context, group, fromMemory, k.times(memorySize, n), "outMemory");
      unpack(k, context, group, k.plus(state, stateOffsets.counter), lines, "outCounter");
      unpack(k, context, group, k.plus(state, stateOffsets.halted), 1, "outHalted");
    },
  );
  kernels.define("showState", ["i32", "i32", "i32"], (k, context, group, state) => {
    k.call(show, context, group, state, registersOf(k, context, state), k.loadInt(state, stateOffsets.memory));
  });

  /** (context, group, segment): keeps the state that a segment of a group begins with. */
  const keep = kernels.define("keep", ["i32", "i32", "i32"], (k, context, group, segment) => {
    const { states, memories, stateBytes, memoryBytes } = sizes(k, context);
    const index = k.int(checkpoint(k, context, group, segment));
    copyBytes(k, states, k.plus(k.field(context, "keptStates"), k.times(index, stateBytes)), stateBytes);
    copyBytes(k, memories, k.plus(k.field(context, "keptMemories"), k.times(index, memoryBytes)), memoryBytes);
  });

  const forward = kernels.define("forwardGroup", ["i32", "i32"], (k, context, group) => {
    const { stepping, steps, segment, keepsAll, keepsSome, progress } = k.fields(
      context,
      ...(["stepping", "steps", "segment", "keepsAll", "keepsSome", "progress"] as const),
    );
    k.when(k.any(k.load(k.at(stepping, group))), () => {
      const { states: state, memories: memory, stateBytes, memoryBytes } = sizes(k, context);
      const stride = k.int(0);
      k.when(keepsAll, () => {
        const index = k.int(k.times(group, k.plus(segment, 1)));
        k.set(state, k.plus(k.field(context, "keptStates"), k.times(index, stateBytes)));
        k.set(memory, k.plus(k.field(context, "keptMemories"), k.times(index, memoryBytes)));
        k.set(stride, stateBytes);
      });
      k.call(begin, context, group, state, memory);
      const done = k.int(0);
      k.when(
        keepsSome,
        () => {
          const [index, most, some] = [k.int(0), k.int(), k.int()];
          k.loop((again) => {
            k.call(keep, context, group, index);
            k.set(most, k.minus(steps, done));
            k.set(most, k.smaller(most, segment));
            k.set(some, k.result(run, context, state, 0, most));
            k.set(done, k.plus(done, some)).set(index, k.plus(index, 1));
            k.againIf(again, k.both(k.equal(some, most), k.less(done, steps)));
          });
        },
        () => k.set(done, k.result(run, context, state, stride, steps)),
      );
      k.storeInt(k.plus(progress, k.shiftLeft(group, 2)), done);
      k.set(state, k.plus(state, k.times(done, stride)));
      k.call(finish, context, state);
      k.call(show, context, group, state, k.field(context, "readRegisters"), k.field(context, "readMemory"));
      for (const [from, to] of [
        ["done", "outSteps"],
        ["expectedSteps", "outExpectedSteps"],
      ] as const)
        k.store(k.at(k.field(context, to), group), k.load(k.field(context, from)));
    });
  });

  const packCotangents = kernels.define("packCotangents", ["i32", "i32"], (k, context, group) => {
    const { n, registers, memorySize, lines } = k.fields(context, "n", "registers", "memorySize", "lines");
    const { cotangentRegisters, cotangentMemory } = k.fields(context, "cotangentRegisters", "cotangentMemory");
    const pack = (array: ContextField, width: Integer, to: Integer) =>
      k.call(packRows, context, k.field(context, array), width, group, to);
    pack("gOutRegisters", k.times(registers, n), cotangentRegisters);
    pack("gOutMemory", k.times(memorySize, n), cotangentMemory);
    pack("gOutCounter", lines, k.field(context, "gCounter"));
    pack("gOutHalted", 1, k.field(context, "gHalted"));
    k.call(mark, cotangentRegisters, registers, n, k.field(context, "registersMarked"));
    k.call(mark, cotangentMemory, memorySize, n, k.field(context, "memoryMarked"));
    k.clear(k.field(context, "gRegisters"), k.times(registers, n));
    k.clear(k.field(context, "gMemory"), k.times(memorySize, n));
  });

  const backward = kernels.define("backwardGroup", ["i32", "i32"], (k, context, group) => {
    const { n, registers, memorySize, lines } = k.fields(context, "n", "registers", "memorySize", "lines");
    const { segment, keepsSome, progress } = k.fields(context, "segment", "keepsSome", "progress");
    k.call(packCotangents, context, group);
    k.setField(context, "memoryValued", 0);
    const { states, memories, stateBytes, memoryBytes } = sizes(k, context);
    const done = k.int(k.loadInt(k.plus(progress, k.shiftLeft(group, 2))));
    const last = k.int();
    k.when(
      keepsSome,
      () => {
        // The segments are run again, the last first.
        const [index, isLast, first, some] = [k.int(0), k.int(1), k.int(), k.int()];
        k.when(k.less(0, done), () => k.set(index, k.quotient(k.minus(done, 1), segment)));
        k.loop((again) => {
          const at = k.int(checkpoint(k, context, group, index));
          copyBytes(k, k.plus(k.field(context, "keptStates"), k.times(at, stateBytes)), states, stateBytes);
          copyBytes(k, k.plus(k.field(context, "keptMemories"), k.times(at, memoryBytes)), memories, memoryBytes);
          k.storeInt(states, memories, stateOffsets.memory);
          k.setField(context, "memoryTop", k.plus(memories, memoryBytes));
          k.setField(context, "memoryValued", 0);
          k.set(first, k.times(index, segment));
          k.set(some, k.minus(done, first));
          k.set(some, k.result(run, context, states, stateBytes, k.smaller(some, segment)));
          k.set(last, k.plus(states, k.times(some, stateBytes)));
          k.when(isLast, () => k.call(beginAdjoint, context, last));
          k.set(isLast, 0);
          k.call(runBackward, context, last, stateBytes, some);
          k.set(index, k.minus(index, 1));
          k.againIf(again, k.less(-1, index));
        });
      },
      () => {
        const index = k.times(group, k.plus(segment, 1));
        k.set(last, k.plus(k.field(context, "keptStates"), k.times(k.plus(index, done), stateBytes)));
        k.call(beginAdjoint, context, last);
        k.call(runBackward, context, last, stateBytes, done);
      },
    );
    k.call(flushMemoryGradient, context);
    unpack(k, context, group, k.field(context, "gRegisters"), k.times(registers, n), "gInRegisters");
    unpack(k, context, group, k.field(context, "gMemory"), k.times(memorySize, n), "gInMemory");
    unpack(k, context, group, k.field(context, "gCounter"), lines, "gInCounter");
  });

  kernels.define("forward", ["i32", "i32", "i32"], (k, parts, context, part) => {
    eachPart(k, parts, context, part, forward);
  });
  kernels.define("backward", ["i32", "i32", "i32"], (k, parts, context, part) => {
    eachPart(k, parts, context, part, backward, () => {
      for (const name of ["gProgram", "gLabels"] as const) {
        const { [name]: sum } = k.fields(context, name);
        k.set(sum, partOf(k, context, name, part));
        k.setField(context, name, sum);
        k.when(wants(k, context, name), () => k.clear(sum, k.field(context, sums[name].count)));
      }
    });
  });
  // (context, parts): the sum of all parts' gradients of program and labels, in their order, to the first part's.
  kernels.define("sumParts", ["i32", "i32"], (k, context, parts) => {
    for (const name of ["gProgram", "gLabels"] as const) {
      k.when(k.both(wants(k, context, name), k.less(1, parts)), () => {
        const [part, from, to] = [k.int(1), k.int(), k.int()];
        k.loop((again) => {
          k.set(to, k.field(context, sums[name].first)).set(from, partOf(k, context, name, part));
          k.each(k.field(context, sums[name].count), [from, to], (at) => k.accumulate(to, k.load(from, at), at));
          k.set(part, k.plus(part, 1));
          k.againIf(again, k.less(part, parts));
        });
      });
    }
  });
}

/** Gradients that are sums over the batch: where the first part's is, and how many vectors each has. */
const sums = {
  gProgram: { first: "gPrograms", count: "programVectors", wanted: "wantsProgram" },
  gLabels: { first: "gLabelTables", count: "labelVectors", wanted: "wantsLabels" },
} as const;

const wants = (k: Emitter, context: Local, name: keyof typeof sums): Value => k.field(context, sums[name].wanted);

const partOf = (k: Emitter, context: Local, name: keyof typeof sums, part: Local): Value =>
  k.plus(k.field(context, sums[name].first), k.bytes(k.times(part, k.field(context, sums[name].count))));

function sizes(k: Emitter, context: Local) {
  return k.fields(context, ...(["states", "memories", "stateBytes", "memoryBytes"] as const));
}

const checkpoint = (k: Emitter, context: Local, group: Local, segment: Local): Value =>
  k.plus(k.times(group, k.field(context, "segments")), segment);

const copyBytes = (k: Emitter, from: Integer, to: Integer, bytes: Local) =>
  k.copy(from, to, k.shiftRight(bytes, Math.log2(vectorBytes)));

/** Calls (context, group) for the groups of so many parts. */
function eachPart(
  k: Emitter,
  parts: Local,
  context: Local,
  part: Local,
  callee: FunctionReference,
  begin = (): void => {},
): void {
  const { groups, partGroups } = k.fields(context, "groups", "partGroups");
  const [group, end] = [k.int(), k.int()];
  k.each(
    parts,
    [[part, 1]],
    () => {
      begin();
      k.set(group, k.times(part, partGroups));
      k.set(end, k.plus(group, partGroups));
      k.set(end, k.smaller(end, groups));
      k.when(k.less(group, end), () => {
        k.loop((again) => {
          k.call(callee, context, group);
          k.set(group, k.plus(group, 1));
          k.againIf(again, k.less(group, end));
        });
      });
    },
    1,
  );
}

/** The addresses of the rows of a batch array that are a group's; what stands for those that there are not is given. */
function rowsOf(k: Emitter, context: Local, array: Local, width: Local, group: Local, absent: Integer): Local[] {
  const lanes = laneCounts[k.type];
  const { rows } = k.fields(context, "rows");
  const row = k.int(k.times(group, lanes));
  const address = k.int(k.plus(array, k.times(k.times(row, width), vectorBytes / lanes)));
  const rowBytes = k.int(k.times(width, vectorBytes / lanes));
  return Array.from({ length: lanes }, () => {
    const here = k.int(absent);
    k.when(k.less(row, rows), () => k.set(here, address));
    k.set(row, k.plus(row, 1)).set(address, k.plus(address, rowBytes));
    return here;
  });
}

/** (context, array, width, group, to): the rows of a batch array that are a group's to vectors. */
function definePackRows(kernels: KernelModule, pack: FunctionReference): FunctionReference {
  return kernels.define("packRows", ["i32", "i32", "i32", "i32", "i32"], (k, context, array, width, group, to) => {
    k.call(pack, ...rowsOf(k, context, array, width, group, k.field(context, "zeros")), to, width);
  });
}

/** (context, from, width, group, array): vectors to the rows of a batch array that are a group's. */
function defineUnpackRows(kernels: KernelModule, unpack: FunctionReference): FunctionReference {
  return kernels.define("unpackRows", ["i32", "i32", "i32", "i32", "i32"], (k, context, from, width, group, array) => {
    // A lane without a row writes where the group's first row, which is written last, then is.
    const first = k.int(k.plus(array, k.times(k.times(group, width), vectorBytes)));
    k.call(unpack, from, width, ...rowsOf(k, context, array, width, group, first));
  });
}
