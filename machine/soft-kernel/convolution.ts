/** Addition and subtraction modulo n: circular convolutions of distributions. */
import { instructions } from "../../assembler/index.js";
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import type { Emitter, Integer, KernelModule } from "./emitter.js";

export interface Convolutions {
  /** (context): adds the mixture of sums and differences to o. */
  readonly forward: FunctionReference;
  /** (context): the transposes, with the result's cotangent in gO. */
  readonly addBackward: FunctionReference;
  readonly subBackward: FunctionReference;
}

/** A list of fewer than n over this many entries is gone through entry by entry. */
const sparse = 3;

export function defineConvolutions(kernels: KernelModule): Convolutions {
  const correlate = defineCorrelate(kernels);
  const unroll = defineUnroll(kernels);
  const convolve = defineConvolve(kernels, correlate);

  const forward = kernels.define("sums", ["i32"], (k, context) => {
    const { n, op, u, v, o, circle, scratch } = k.fields(context, "n", "op", "u", "v", "o", "circle", "scratch");
    const { uSupport, vSupport, uCount, vCount } = k.fields(context, "uSupport", "vSupport", "uCount", "vCount");
    const w = k.vector();
    k.set(w, k.load(op, instructions.add.number * vectorBytes));
    k.when(k.any(w), () => {
      // Either operand may be the one that is gone through.
      const swapped = k.int(k.less(vCount, uCount));
      const [x, list, count, other] = [k.int(), k.int(), k.int(), k.int()];
      k.when(
        swapped,
        () => k.set(x, v).set(list, vSupport).set(count, vCount).set(other, u),
        () => k.set(x, u).set(list, uSupport).set(count, uCount).set(other, v),
      );
      scale(k, n, w, x, scratch);
      k.call(unroll, context, other, circle, 1);
      k.call(convolve, context, scratch, list, count, circle, -1, o);
    });
    k.set(w, k.load(op, instructions.sub.number * vectorBytes));
    k.when(k.any(w), () => {
      scale(k, n, w, v, scratch);
      k.call(unroll, context, u, circle, 1);
      k.call(convolve, context, scratch, vSupport, vCount, circle, 1, o);
    });
  });

  const backward = (name: string, sign: 1 | -1): FunctionReference =>
    kernels.define(name, ["i32"], (k, context) => {
      const { n, op, u, v, circle, circleBack } = k.fields(context, "n", "op", "u", "v", "circle", "circleBack");
      const { gOp, gU, gV, gO, scratch } = k.fields(context, "gOp", "gU", "gV", "gO", "scratch");
      const { uSupport, vSupport, uCount, vCount } = k.fields(context, "uSupport", "vSupport", "uCount", "vCount");
      const number = instructions[sign === 1 ? "add" : "sub"].number * vectorBytes;
      const w = k.vector(k.load(op, number));
      k.call(unroll, context, gO, circle, 1);
      k.clear(scratch, n);
      k.call(convolve, context, v, vSupport, vCount, circle, sign, scratch);
      k.accumulate(gOp, weigh(k, n, w, u, scratch, gU), number);
      k.when(k.any(w), () => {
        scale(k, n, w, u, scratch);
        if (sign === 1) k.call(convolve, context, scratch, uSupport, uCount, circle, 1, gV);
        else {
          k.call(unroll, context, gO, circleBack, -1);
          k.call(convolve, context, scratch, uSupport, uCount, circleBack, -1, gV);
        }
      });
    });
  return { forward, addBackward: backward("addBackward", 1), subBackward: backward("subBackward", -1) };
}

/** to[i] = w x[i] */
function scale(k: Emitter, n: Local, w: Local, x: Local, to: Local): void {
  const [from, out] = [k.int(x), k.int(to)];
  k.each(n, [from, out], (at) => k.store(out, k.mul(w, k.load(from, at)), at));
}

/** gx[i] += w d[i]; gives the sum of x[i] d[i], the gradient with respect to w. */
export function weigh(k: Emitter, n: Integer, w: Local, x: Local, d: Local, gx: Local): Local {
  const [px, pd, pg] = [k.int(x), k.int(d), k.int(gx)];
  const sums = k.sums(2);
  const value = k.vector();
  k.each(n, [px, pd, pg], (at, time) => {
    k.set(value, k.load(pd, at));
    k.addTo(sums[time % 2], k.mul(k.load(px, at), value));
    k.accumulate(pg, k.mul(w, value), at);
  });
  return k.vector(k.total(sums));
}

/** (context, x, to, direction): x twice, one after the other; with -1 backwards from its first. */
function defineUnroll(kernels: KernelModule): FunctionReference {
  return kernels.define("unroll", ["i32", "i32", "i32", "i32"], (k, context, x, to, direction) => {
    const { n } = k.fields(context, "n");
    k.when(
      k.less(0, direction),
      () => k.copy(x, to, n),
      () => {
        k.store(to, k.load(x));
        const [from, out] = [k.int(k.at(x, k.minus(n, 1))), k.int(k.plus(to, vectorBytes))];
        k.each(k.minus(n, 1), [[from, -vectorBytes], out], () => k.store(out, k.load(from)), 1);
      },
    );
    k.copy(to, k.at(to, n), n);
  });
}

/**
 * (context, x, list, count, circle, sign, out): out[j] += sum over i of x[i] circle[j + sign i], with the entries of x
 * that are not 0 in the list.
 */
function defineConvolve(kernels: KernelModule, correlate: FunctionReference): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return kernels.define("convolve", types, (k, context, x, list, count, circle, sign, out) => {
    const { n, backwards } = k.fields(context, "n", "backwards");
    const forwards = k.int(k.less(0, sign));
    const sparseEnough = k.less(k.times(count, sparse), n);
    k.when(
      sparseEnough,
      () => {
        const w = k.vector();
        const [from, to] = [k.int(), k.int()];
        k.eachOf(list, count, (i) => {
          k.set(w, k.load(k.plus(x, i)));
          k.when(
            forwards,
            () => k.set(from, k.plus(circle, i)),
            () => k.set(from, k.minus(k.at(circle, n), i)),
          );
          k.set(to, out);
          k.each(n, [from, to], (at) => k.accumulate(to, k.mul(w, k.load(from, at)), at));
        });
      },
      () => {
        k.when(
          forwards,
          () => k.call(correlate, x, circle, n, out),
          () => {
            // With i = n - 1 - i': j - i is j + 1 + i' modulo n.
            const [from, to] = [k.int(k.at(x, k.minus(n, 1))), k.int(backwards)];
            k.each(n, [[from, -vectorBytes], to], () => k.store(to, k.load(from)), 1);
            k.call(correlate, backwards, k.plus(circle, vectorBytes), n, out);
          },
        );
      },
    );
  });
}

/**
 * (x, circle, n, out): out[j] += sum over i of x[i] circle[j + i], four j at a time: each number of the circle that is
 * loaded serves them all.
 */
function defineCorrelate(kernels: KernelModule): FunctionReference {
  return kernels.define("correlate", ["i32", "i32", "i32", "i32"], (k, x, circle, n, out) => {
    const left = k.int(n);
    const sums = [0, 1, 2, 3].map(() => k.vector());
    const window = [0, 1, 2, 3].map(() => k.vector());
    const xi = k.vector();
    const [px, pc, rest] = [k.int(), k.int(), k.int()];
    k.loop((again) => {
      for (const sum of sums) k.set(sum, k.zero);
      for (let i = 0; i < 3; i++) k.set(window[i], k.load(circle, i * vectorBytes));
      k.set(px, x)
        .set(pc, k.plus(circle, 3 * vectorBytes))
        .set(rest, n);
      k.repeat(rest, 4, [px, pc], (at, time) => {
        k.set(window[(time + 3) % 4], k.load(pc, at));
        k.set(xi, k.load(px, at));
        sums.forEach((sum, j) => {
          k.addTo(sum, k.mul(xi, window[(time + j) % 4]));
        });
      });
      k.repeat(rest, 1, [px, pc], () => {
        k.set(window[3], k.load(pc));
        k.set(xi, k.load(px));
        sums.forEach((sum, j) => {
          k.addTo(sum, k.mul(xi, window[j]));
        });
        for (let i = 0; i < 3; i++) k.set(window[i], window[i + 1]);
      });
      k.accumulate(out, sums[0]);
      for (let j = 1; j < 4; j++) k.when(k.less(j, left), () => k.accumulate(out, sums[j], j * vectorBytes));
      k.advance(circle, 4 * vectorBytes)
        .advance(out, 4 * vectorBytes)
        .advance(left, -4);
      k.againIf(again, k.less(0, left));
    });
  });
}
