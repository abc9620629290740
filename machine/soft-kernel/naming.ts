/** What values name: memory cells as addresses, lines as jumps' targets, and the flags on which jumps depend. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import type { Emitter, Integer, KernelModule, Value, Vector } from "./emitter.js";
import { eachEntry } from "./fetch.js";

/** How an encoding's values name things: kernels, and code that is written into the kernels of a step. */
export interface Naming {
  /** (context): the first operand as an address, modulo the memory's size. */
  readonly address: FunctionReference;
  /** (context): from gAddress, which may be used up, to gU. */
  readonly addressBackward: FunctionReference;
  /** The probability that the first operand is 0 or 1. */
  readonly flag: (k: Emitter, context: Local, value: 0 | 1) => Value;
  /** Adds the gradient of that, times the slope, to gU. */
  readonly flagBackward: (k: Emitter, context: Local, value: 0 | 1, slope: Vector) => void;
  /** Adds the lines that the second operand names, weighted by `taken`, and the first, by `always`, to nextCounter. */
  readonly lines: (k: Emitter, context: Local, taken: Local, always: Local) => void;
  /**
   * The transpose, from gCounter to gU, gV, and if it is wanted gLabels. Gives what gCounter is, expected over the lines
   * that the second operand names, and the first; each right where it has weight or its i32 in `wanted` is not 0.
   */
  readonly linesBackward: (
    k: Emitter,
    context: Local,
    weights: { readonly taken: Local; readonly always: Local },
    wanted: { readonly jumped: Integer; readonly returned: Integer },
  ) => { readonly jumped: Local; readonly returned: Local };
}

/** On distributions over values, with a table of labels: for each value the lines that it may name. */
export function defineNaming(kernels: KernelModule): Naming {
  return {
    address: defineAddress(kernels),
    addressBackward: defineAddressBackward(kernels),
    flag: (k, context, value) => k.load(k.field(context, "u"), value * vectorBytes),
    flagBackward: (k, context, value, slope) => {
      const gU = k.int(k.field(context, "gU"));
      k.accumulate(gU, slope, value * vectorBytes);
    },
    lines: addLines,
    linesBackward: addLinesBackward,
  };
}

function defineAddress(kernels: KernelModule): FunctionReference {
  return kernels.define("address", ["i32"], (k, context) => {
    const { n, memorySize, u, address } = k.fields(context, "n", "memorySize", "u", "address");
    k.clear(address, memorySize);
    eachRound(k, n, memorySize, address, (count, to) => {
      k.each(count, [u, to], (at) => k.accumulate(to, k.load(u, at), at));
    });
  });
}

function defineAddressBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("addressBackward", ["i32"], (k, context) => {
    const { n, memorySize, gU, gAddress } = k.fields(context, "n", "memorySize", "gU", "gAddress");
    eachRound(k, n, memorySize, gAddress, (count, from) => {
      k.each(count, [gU, from], (at) => k.accumulate(gU, k.load(from, at), at));
    });
  });
}

/** Goes round the memory's cells, from the first, until all n values have had their turn. */
function eachRound(
  k: Emitter,
  n: Local,
  memorySize: Local,
  cells: Local,
  body: (count: Value, cell: Local) => void,
): void {
  const [left, cell] = [k.int(n), k.int()];
  k.when(k.less(0, left), () => {
    k.loop((again) => {
      k.set(cell, cells);
      body(k.smaller(left, memorySize), cell);
      k.set(left, k.minus(left, memorySize));
      k.againIf(again, k.less(0, left));
    });
  });
}

function addLines(k: Emitter, context: Local, taken: Local, always: Local): void {
  const { n, u, v, labelStarts, nextCounter } = k.fields(context, "n", "u", "v", "labelStarts", "nextCounter");
  const [w, line, entry, end] = [k.vector(), k.int(), k.int(), k.int()];
  k.each(
    n,
    [u, v, [labelStarts, 4]],
    () => {
      k.set(w, k.add(k.mul(taken, k.load(v)), k.mul(always, k.load(u))));
      k.when(k.any(w), () => {
        eachEntry(k, labelStarts, entry, end, () => {
          k.set(line, k.plus(nextCounter, k.loadInt(entry)));
          k.accumulate(line, k.mul(w, k.loadWeight(entry)));
        });
      });
    },
    1,
  );
}

const addLinesBackward: Naming["linesBackward"] = (k, context, { taken, always }) => {
  const { n, lines, u, v, gU, gV, labelStarts, gCounter } = k.fields(
    context,
    ...(["n", "lines", "u", "v", "gU", "gV", "labelStarts", "gCounter"] as const),
  );
  const [jumped, returned, there, x, y] = [k.vector(k.zero), k.vector(k.zero), k.vector(), k.vector(), k.vector()];
  const [pu, pv, entry, end] = [k.int(u), k.int(v), k.int(), k.int()];
  k.each(
    n,
    [pu, pv, gU, gV, [labelStarts, 4]],
    () => {
      k.set(there, k.zero);
      eachEntry(k, labelStarts, entry, end, () => {
        k.addTo(there, k.mul(k.loadWeight(entry), k.load(k.plus(gCounter, k.loadInt(entry)))));
      });
      k.set(x, k.load(pv)).set(y, k.load(pu));
      k.addTo(jumped, k.mul(x, there)).addTo(returned, k.mul(y, there));
      k.accumulate(gV, k.mul(taken, there)).accumulate(gU, k.mul(always, there));
    },
    1,
  );
  k.when(k.both(k.field(context, "wantsLabels"), k.any(k.or(taken, always))), () => {
    const [labels, from] = [k.int(k.field(context, "gLabels")), k.int()];
    k.each(
      n,
      [u, v],
      () => {
        k.set(x, k.add(k.mul(taken, k.load(v)), k.mul(always, k.load(u)))).set(from, gCounter);
        k.each(lines, [from, labels], (at) => k.accumulate(labels, k.mul(x, k.load(from, at)), at));
      },
      1,
    );
  });
  return { jumped, returned };
};
