/** Sums over rows of a matrix of vectors, and sums that skip the rows without weight. */
import type { FunctionReference } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import type { KernelModule } from "./emitter.js";

/** (weights, rows, matrix, width, scale, out): out += scale * sum over rows of weights[row] * matrix[row]. */
export function defineMixRows(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "v128", "i32"] as const;
  return kernels.define("mixRows", types, (k, weights, rows, matrix, width, scale, out) => {
    const rowBytes = k.int(k.bytes(width));
    const w = [k.vector(), k.vector()];
    const from = [k.int(), k.int()];
    const to = k.int();
    // Two rows at a time: the result is loaded and stored half as often.
    for (const times of [2, 1]) {
      k.repeat(
        rows,
        times,
        [
          [weights, times * vectorBytes],
          [matrix, times === 1 ? rowBytes : k.shiftLeft(rowBytes, 1)],
        ],
        (_, time) => {
          k.set(w[time], k.mul(scale, k.load(weights, time * vectorBytes)));
          if (time < times - 1) return;
          const weight = times === 1 ? w[0] : k.or(w[0], w[1]);
          k.when(k.any(weight), () => {
            k.set(to, out).set(from[0], matrix);
            if (times === 2) k.set(from[1], k.plus(matrix, rowBytes));
            const pointers = [to, ...from.slice(0, times)];
            k.each(width, pointers, (at) => {
              const sum = from.slice(0, times).map((row, r) => k.mul(w[r], k.load(row, at)));
              k.accumulate(to, k.total(sum), at);
            });
          });
        },
      );
    }
  });
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
