/** Distributions that a step writes, divided by their sums, so that rounding errors in these do not grow from step to step. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { stateOffsets, vectorBytes } from "./context.js";
import type { Emitter, Integer, KernelModule, Value } from "./emitter.js";
import { addOperationWeights } from "./operation-tables.js";
import { registersOf, weightOf, writers } from "./step-weights.js";

/** Where a state keeps what its counter, registers and memory rows were multiplied by; 0 where that was not done. */
function factorsOf(k: Emitter, context: Local, state: Integer): Value {
  const { registers, n } = k.fields(context, "registers", "n");
  return k.at(registersOf(k, context, state), k.plus(k.times(k.plus(registers, 1), n), 1));
}

/** (context, state, next): after a step, in the lanes where it writes; sums that are 0 stay so. */
export function defineRenormalise(kernels: KernelModule): FunctionReference {
  /** (weight, row, width, factor): where the weight is not 0. */
  const divide = kernels.define("divideBySum", ["v128", "i32", "i32", "i32"], (k, weight, row, width, factor) => {
    const [from, sums] = [k.int(row), k.sums(4)];
    k.each(width, [from], (at, time) => k.addTo(sums[time], k.load(from, at)));
    const sum = k.vector(k.total(sums));
    const divides = k.vector(k.and(k.ne(weight, k.zero), k.ne(sum, k.zero)));
    const by = k.vector(k.and(divides, k.div(k.one, sum)));
    k.store(factor, by);
    k.set(by, k.choose(divides, by, k.one));
    k.each(width, [row], (at) => k.store(row, k.mul(by, k.load(row, at)), at));
  });
  return kernels.define("renormalise", ["i32", "i32", "i32"], (k, context, state, next) => {
    const { n, registers, memorySize, lines, op, out, address } = k.fields(
      context,
      ...(["n", "registers", "memorySize", "lines", "op", "out", "address"] as const),
    );
    const factor = k.int(factorsOf(k, context, next));
    k.call(divide, k.load(state, stateOffsets.active), k.plus(next, stateOffsets.counter), lines, factor);
    k.advance(factor);
    const rowBytes = k.int(k.bytes(n));
    const scale = k.vector();
    const weight = k.vector();
    const rows = (count: Local, weights: Local, row: Local) =>
      k.each(
        count,
        [weights, factor, [row, rowBytes]],
        () => {
          k.set(weight, k.mul(scale, k.load(weights)));
          k.when(
            k.any(weight),
            () => k.call(divide, weight, row, n, factor),
            () => k.store(factor, k.zero),
          );
        },
        1,
      );
    k.set(scale, weightOf(k, op, ...writers));
    addOperationWeights(k, context, scale);
    rows(registers, out, k.int(registersOf(k, context, next)));
    k.set(scale, weightOf(k, op, "write"));
    k.when(
      k.any(scale),
      () => rows(memorySize, address, k.int(k.loadInt(next, stateOffsets.memory))),
      () => k.clear(factor, memorySize),
    );
  });
}

/**
 * (context, next, state): the transpose, before that of the step from `state` to `next`: of x / s, with s the sum of x, the
 * gradient with respect to x is (g - <g, x / s>) / s.
 *
 * @param flush (context): adds to the memory's gradient what it still lacks.
 */
export function defineRenormaliseBackward(kernels: KernelModule, flush: FunctionReference): FunctionReference {
  /** (factor, x, g, width) */
  const project = kernels.define("divideBySumBackward", ["v128", "i32", "i32", "i32"], (k, factor, x, g, width) => {
    k.when(k.any(factor), () => {
      const inner = k.dot(x, g, width);
      const divided = k.vector(k.ne(factor, k.zero));
      k.each(width, [g], (at) => {
        k.store(g, k.choose(divided, k.mul(factor, k.sub(k.load(g, at), inner)), k.load(g, at)), at);
      });
    });
  });
  return kernels.define("renormaliseBackward", ["i32", "i32", "i32"], (k, context, next, state) => {
    const { n, registers, memorySize, lines, gCounter, gRegisters, gMemory } = k.fields(
      context,
      ...(["n", "registers", "memorySize", "lines", "gCounter", "gRegisters", "gMemory"] as const),
    );
    const factor = k.int(factorsOf(k, context, next));
    k.call(project, k.load(factor), k.plus(next, stateOffsets.counter), gCounter, lines);
    k.advance(factor, vectorBytes);
    const rowBytes = k.int(k.bytes(n));
    const rows = (count: Local, row: Local, g: Local) =>
      k.each(count, [factor, [row, rowBytes], [g, rowBytes]], () => k.call(project, k.load(factor), row, g, n), 1);
    rows(registers, k.int(registersOf(k, context, next)), gRegisters);
    const memory = k.int(k.loadInt(next, stateOffsets.memory));
    k.when(k.differ(memory, k.loadInt(state, stateOffsets.memory)), () => {
      // What is read out after the step is of the rows as they were divided.
      k.call(flush, context);
      rows(memorySize, memory, gMemory);
    });
  });
}
