/** Minimum, maximum, comparison and logic of distributions, by their partial sums. */
import { type AluMnemonic, alu, instructions } from "../../assembler/index.js";
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";

export type Ordered = "min" | "max" | "eq" | "lt";

const offsetOf = (op: AluMnemonic): number => instructions[op].number * vectorBytes;

type Definition = { readonly [K in Ordered]: FunctionReference };

/** (context): each adds the mixture of its results to o. */
export function defineOrder(kernels: KernelModule): Definition {
  const results = (op: "min" | "max") =>
    kernels.define(op, ["i32"], (k, context) => {
      const { n, u, v, o, ...sums } = k.fields(
        context,
        ...(["n", "op", "u", "v", "o", "uBelow", "uAbove", "vBelow", "vAbove"] as const),
      );
      const w = k.vector(k.load(sums.op, offsetOf(op)));
      const [pu, pv, to] = [k.int(u), k.int(v), k.int(o)];
      // The other operand is the larger, or the smaller; where they are equal it counts once.
      const other = k.int(op === "min" ? k.plus(sums.vAbove, vectorBytes) : sums.vBelow);
      const one = k.int(op === "min" ? sums.uAbove : k.plus(sums.uBelow, vectorBytes));
      k.each(n, [pu, pv, to, other, one], (at) => {
        const first = k.mul(k.load(pu, at), k.load(other, at));
        const second = k.mul(k.load(pv, at), k.load(one, at));
        k.accumulate(to, k.mul(w, k.add(first, second)), at);
      });
    });
  const truth = (op: "eq" | "lt") =>
    kernels.define(op, ["i32"], (k, context) => {
      const {
        n,
        op: f,
        u,
        v,
        o,
        vBelow,
        vAbove,
      } = k.fields(context, ...(["n", "op", "u", "v", "o", "vBelow", "vAbove"] as const));
      const w = k.vector(k.load(f, offsetOf(op)));
      const [pu, pv, below, above] = [k.int(u), k.int(v), k.int(vBelow), k.int(k.plus(vAbove, vectorBytes))];
      const [yes, no] = [k.vector(k.zero), k.vector(k.zero)];
      k.each(n, [pu, pv, below, above], (at) => {
        const x = k.load(pu, at);
        if (op === "eq") {
          k.addTo(yes, k.mul(x, k.load(pv, at)));
          k.addTo(no, k.mul(x, k.add(k.load(below, at), k.load(above, at))));
        } else {
          k.addTo(yes, k.mul(x, k.load(above, at)));
          k.addTo(no, k.mul(x, k.load(below, at + vectorBytes)));
        }
      });
      k.accumulate(o, k.mul(w, yes), vectorBytes);
      k.accumulate(o, k.mul(w, no));
    });
  return { min: results("min"), max: results("max"), eq: truth("eq"), lt: truth("lt") };
}

/** (context): their transposes, with the result's cotangent in gO. */
export function defineOrderBackward(kernels: KernelModule): Definition {
  const results = (op: "min" | "max") =>
    kernels.define(`${op}Backward`, ["i32"], (k, context) => {
      const up = op === "min";
      const {
        n,
        op: f,
        u,
        v,
        ...sums
      } = k.fields(
        context,
        ...(["n", "op", "u", "v", "uBelow", "uAbove", "vBelow", "vAbove", "gOp", "gU", "gV", "gO"] as const),
      );
      const w = k.vector(k.load(f, offsetOf(op)));
      // From the smallest up, or the largest down: the expected cotangent where the other operand is the result.
      const [byU, byV, weight] = [k.vector(k.zero), k.vector(k.zero), k.vector(k.zero)];
      const [g, x, y, du] = [k.vector(), k.vector(), k.vector(), k.vector()];
      const step = up ? vectorBytes : -vectorBytes;
      const start = (array: Local, skip = 0) =>
        k.int(up ? k.plus(array, skip * vectorBytes) : k.at(array, k.plus(n, skip - 1)));
      const [pu, pv, pg, pgu, pgv] = [u, v, sums.gO, sums.gU, sums.gV].map((array) => start(array));
      const vOther = up ? start(sums.vAbove, 1) : start(sums.vBelow);
      const uOther = up ? start(sums.uAbove) : start(sums.uBelow, 1);
      k.each(
        n,
        [pu, pv, pg, pgu, pgv, vOther, uOther].map((pointer) => [pointer, step] as const),
        () => {
          k.set(g, k.load(pg)).set(x, k.load(pu)).set(y, k.load(pv));
          k.addTo(byV, k.mul(g, y));
          k.set(du, k.add(k.mul(g, k.load(vOther)), byV));
          k.addTo(weight, k.mul(x, du));
          k.accumulate(pgu, k.mul(w, du));
          k.accumulate(pgv, k.mul(w, k.add(k.mul(g, k.load(uOther)), byU)));
          k.addTo(byU, k.mul(g, x));
        },
        1,
      );
      k.accumulate(sums.gOp, weight, offsetOf(op));
    });
  const truth = (op: "eq" | "lt") =>
    kernels.define(`${op}Backward`, ["i32"], (k, context) => {
      const {
        n,
        op: f,
        u,
        v,
        gOp,
        gO,
        ...sums
      } = k.fields(
        context,
        ...(["n", "op", "u", "v", "uBelow", "uAbove", "vBelow", "vAbove", "gOp", "gU", "gV", "gO"] as const),
      );
      const w = k.vector(k.load(f, offsetOf(op)));
      const [yes, no] = [k.vector(k.load(gO, vectorBytes)), k.vector(k.load(gO))];
      const [weight, du] = [k.vector(k.zero), k.vector()];
      const [pu, pv, pgu, pgv] = [u, v, sums.gU, sums.gV].map((array) => k.int(array));
      const [uBelow, vBelow] = [k.int(sums.uBelow), k.int(sums.vBelow)];
      const [uAbove, vAbove] = [k.int(sums.uAbove), k.int(sums.vAbove)];
      k.each(
        n,
        [pu, pv, pgu, pgv, uBelow, vBelow, uAbove, vAbove],
        (at) => {
          const after = at + vectorBytes;
          const equal = op === "eq";
          const elsewhere = (below: Local, above: Local) => k.add(k.load(below, at), k.load(above, after));
          k.set(
            du,
            equal
              ? k.add(k.mul(yes, k.load(pv, at)), k.mul(no, elsewhere(vBelow, vAbove)))
              : k.add(k.mul(yes, k.load(vAbove, after)), k.mul(no, k.load(vBelow, after))),
          );
          k.addTo(weight, k.mul(k.load(pu, at), du));
          k.accumulate(pgu, k.mul(w, du), at);
          const dv = equal
            ? k.add(k.mul(yes, k.load(pu, at)), k.mul(no, elsewhere(uBelow, uAbove)))
            : k.add(k.mul(yes, k.load(uBelow, at)), k.mul(no, k.load(uAbove, at)));
          k.accumulate(pgv, k.mul(w, dv), at);
        },
        2,
      );
      k.accumulate(gOp, weight, offsetOf(op));
    });
  return { min: results("min"), max: results("max"), eq: truth("eq"), lt: truth("lt") };
}

/** Logical operations, with where their results for (0, 0), (0, 1), (1, 0) and (1, 1) are in an array of vectors. */
export const logic = (["and", "or", "xor"] as const satisfies readonly AluMnemonic[]).map((op) => {
  const result = (a: number, b: number): number => alu[op](a, b, 2) * vectorBytes;
  return { op, results: [result(0, 0), result(0, 1), result(1, 0), result(1, 1)] } as const;
});

/** Adds the mixture of `and`, `or`, `xor` and `not` to o. */
export function emitLogic(k: Emitter, context: Local): void {
  const { op: f, u, v, o, uAbove, vAbove } = k.fields(context, "op", "u", "v", "o", "uAbove", "vAbove");
  const [u0, v0] = [k.vector(k.load(u)), k.vector(k.load(v))];
  const [u1, v1] = [k.vector(k.load(uAbove, vectorBytes)), k.vector(k.load(vAbove, vectorBytes))];
  for (const { op, results } of logic) {
    const w = k.vector(k.load(f, offsetOf(op)));
    k.when(k.any(w), () => {
      const pairs = [k.mul(u0, v0), k.mul(u0, v1), k.mul(u1, v0), k.mul(u1, v1)];
      pairs.forEach((pair, i) => {
        k.accumulate(o, k.mul(w, pair), results[i]);
      });
    });
  }
  const w = k.vector(k.load(f, offsetOf("not")));
  k.when(k.any(w), () => k.accumulate(o, k.mul(w, u0), vectorBytes).accumulate(o, k.mul(w, u1)));
}

/**
 * (context): the transposes of `and`, `or`, `xor` and `not`, with the result's cotangent in gO. They see of an operand
 * whether it is 0, so that all other values have one gradient.
 */
export function defineLogicBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("logicBackward", ["i32"], (k, context) => {
    const { n, op: f, u, v, uAbove, vAbove } = k.fields(context, "n", "op", "u", "v", "uAbove", "vAbove");
    const { gOp, gU, gV, gO } = k.fields(context, "gOp", "gU", "gV", "gO");
    const [u0, v0] = [k.vector(k.load(u)), k.vector(k.load(v))];
    const [u1, v1] = [k.vector(k.load(uAbove, vectorBytes)), k.vector(k.load(vAbove, vectorBytes))];
    const [du0, du1, dv0, dv1] = k.sums(4);
    const [byU0, byU1, w] = [k.vector(), k.vector(), k.vector()];
    for (const { op, results } of logic) {
      const [g00, g01, g10, g11] = results.map((offset) => k.load(gO, offset));
      k.set(w, k.load(f, offsetOf(op)));
      k.set(byU0, k.add(k.mul(g00, v0), k.mul(g01, v1)));
      k.set(byU1, k.add(k.mul(g10, v0), k.mul(g11, v1)));
      k.accumulate(gOp, k.add(k.mul(u0, byU0), k.mul(u1, byU1)), offsetOf(op));
      k.addTo(du0, k.mul(w, byU0)).addTo(du1, k.mul(w, byU1));
      k.addTo(dv0, k.mul(w, k.add(k.mul(g00, u0), k.mul(g10, u1))));
      k.addTo(dv1, k.mul(w, k.add(k.mul(g01, u0), k.mul(g11, u1))));
    }
    const [yes, no] = [k.vector(k.load(gO, vectorBytes)), k.vector(k.load(gO))];
    k.set(w, k.load(f, offsetOf("not")));
    k.accumulate(gOp, k.add(k.mul(yes, u0), k.mul(no, u1)), offsetOf("not"));
    k.addTo(du0, k.mul(w, yes)).addTo(du1, k.mul(w, no));
    k.accumulate(gU, du0).accumulate(gV, dv0);
    const [pu, pv] = [k.int(k.plus(gU, vectorBytes)), k.int(k.plus(gV, vectorBytes))];
    k.each(k.minus(n, 1), [pu, pv], (at) => k.accumulate(pu, du1, at).accumulate(pv, dv1, at));
  });
}
