/** Sums over rows of a matrix of vectors, and sums that skip the rows without weight. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import type { Emitter, KernelModule, Vector } from "./emitter.js";

/** (weights, rows, matrix, width, scale, out): out += scale * sum over rows of weights[row] * matrix[row]. */
export function defineMixRows(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "v128", "i32"] as const;
  return kernels.define("mixRows", types, (k, weights, rows, matrix, width, scale, out) => {
    eachPair(k, weights, rows, matrix, width, scale, (w, from) => {
      const to = k.int(out);
      k.each(width, [to, ...from], (at) => k.accumulate(to, mixture(k, w, from, at), at));
    });
  });
}

/** (weights, rows, matrix, width, out): out = sum over rows of weights[row] * matrix[row]. */
export function defineReadRows(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "i32"] as const;
  return kernels.define("readRows", types, (k, weights, rows, matrix, width, out) => {
    // What comes first is stored, not added: an operand that is one register's is a copy of it.
    const empty = k.int(1);
    eachPair(k, weights, rows, matrix, width, k.vector(k.one), (w, from) => {
      const to = k.int(out);
      k.when(
        empty,
        () => k.each(width, [to, ...from], (at) => k.store(to, mixture(k, w, from, at), at)),
        () => k.each(width, [to, ...from], (at) => k.accumulate(to, mixture(k, w, from, at), at)),
      );
      k.set(empty, 0);
    });
    k.when(empty, () => k.clear(out, width));
  });
}

const mixture = (k: Emitter, w: readonly Local[], from: readonly Local[], at: number) =>
  k.total(from.map((row, r) => k.mul(w[r], k.load(row, at))));

/** Goes through the rows that have weight, two at a time, so that a result is loaded and stored half as often. */
function eachPair(
  k: Emitter,
  weights: Local,
  rows: Local,
  matrix: Local,
  width: Local,
  scale: Local,
  body: (w: readonly Local[], from: readonly Local[]) => void,
): void {
  const rowBytes = k.int(k.bytes(width));
  for (const times of [2, 1]) {
    const w = Array.from({ length: times }, () => k.vector());
    const from = w.map(() => k.int());
    const pointers = [
      [weights, times * vectorBytes],
      [matrix, times === 1 ? rowBytes : k.shiftLeft(rowBytes, 1)],
    ] as const;
    k.repeat(rows, times, pointers, (_, time) => {
      k.set(w[time], k.mul(scale, k.load(weights, time * vectorBytes)));
      if (time < times - 1) return;
      k.when(k.any(w.reduce<Vector>((x, y) => k.or(x, y), w[0])), () => {
        from.forEach((row, r) => {
          k.set(row, r === 0 ? matrix : k.plus(matrix, rowBytes));
        });
        body(w, from);
      });
    });
  }
}

/** (w, from, count, to): to += w * from. */
export function defineAddScaled(kernels: KernelModule): FunctionReference {
  return kernels.define("addScaled", ["v128", "i32", "i32", "i32"], (k, w, from, count, to) => {
    k.each(count, [from, to], (at) => k.accumulate(to, k.mul(w, k.load(from, at)), at));
  });
}

/** (marks, rows, from, width, w, to): to += w * from, for the rows that are marked. */
export function defineAddMarked(kernels: KernelModule, addScaled: FunctionReference): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "v128", "i32"] as const;
  return kernels.define("addMarked", types, (k, marks, rows, from, width, w, to) => {
    const rowBytes = k.int(k.bytes(width));
    const pointers = [[marks, 4] as const, [from, rowBytes] as const, [to, rowBytes] as const];
    k.each(rows, pointers, () => k.when(k.loadInt(marks), () => k.call(addScaled, w, from, width, to)), 1);
  });
}

/** (marks, rows, x, y, width) -> the inner product of x and y over the rows that are marked. */
export function defineInner(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "i32"] as const;
  return kernels.define(
    "inner",
    types,
    (k, marks, rows, x, y, width) => {
      const rowBytes = k.int(k.bytes(width));
      const sum = k.vector(k.zero);
      k.each(
        rows,
        [
          [marks, 4],
          [x, rowBytes],
          [y, rowBytes],
        ],
        () => k.when(k.loadInt(marks), () => k.addTo(sum, k.dot(x, y, width))),
        1,
      );
      k.code.get(sum);
    },
    ["v128"],
  );
}

/** (x, rows, width, marks): marks the rows that are not 0 throughout, each with an i32. */
export function defineMark(kernels: KernelModule): FunctionReference {
  return kernels.define("mark", ["i32", "i32", "i32", "i32"], (k, x, rows, width, marks) => {
    const bits = k.vector();
    k.each(
      rows,
      [[marks, 4]],
      () => {
        k.set(bits, k.zero);
        k.each(width, [x], (at) => k.set(bits, k.or(bits, k.load(x, at))));
        k.storeInt(marks, k.any(bits));
      },
      1,
    );
  });
}
