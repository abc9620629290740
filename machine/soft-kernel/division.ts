/** Quotients and remainders of distributions; both are 0 where the divisor is 0. */
import { instructions } from "../../assembler/index.js";
import type { FunctionReference } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import { weigh } from "./convolution.js";
import type { KernelModule } from "./emitter.js";

const div = instructions.div.number * vectorBytes;
const mod = instructions.mod.number * vectorBytes;

/** (context): adds the mixture of quotients to o: each quotient collects a range of u. */
export function defineQuotients(kernels: KernelModule): FunctionReference {
  return kernels.define("quotients", ["i32"], (k, context) => {
    const { n, op, v, o, uBelow, vSupport, vCount } = k.fields(
      context,
      ...(["n", "op", "v", "o", "uBelow", "vSupport", "vCount"] as const),
    );
    const end = k.int(k.at(uBelow, n));
    const [w, lower, upper] = [k.vector(), k.vector(), k.vector()];
    const [to, at] = [k.int(), k.int()];
    k.eachOf(vSupport, vCount, (b) => {
      k.set(w, k.mul(k.load(op, div), k.load(k.plus(v, b))));
      k.when(
        b,
        () => {
          k.set(to, o).set(at, uBelow).set(lower, k.zero);
          k.loop((again) => {
            k.advance(at, b);
            k.set(upper, k.load(k.smaller(at, end)));
            k.accumulate(to, k.mul(w, k.sub(upper, lower)));
            k.set(lower, upper).advance(to);
            k.againIf(again, k.less(at, end));
          });
        },
        () => k.accumulate(o, k.mul(w, k.load(end))),
      );
    });
  });
}

/** (context): the transpose, with the result's cotangent in gO. */
export function defineQuotientsBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("quotientsBackward", ["i32"], (k, context) => {
    const { n, op, u, v, uBelow, vBelow } = k.fields(context, "n", "op", "u", "v", "uBelow", "vBelow");
    const { gOp, gU, gV, gO, scratch } = k.fields(context, "gOp", "gU", "gV", "gO", "scratch");
    const w = k.vector(k.load(op, div));
    const end = k.int(k.at(uBelow, n));
    // As a function of a, the expected cotangent is a sum of steps: floor(a / b) grows by one at each multiple of b.
    k.clear(scratch, n);
    k.store(scratch, k.mul(k.load(gO), k.load(k.at(vBelow, n))));
    k.accumulate(gV, k.mul(w, k.mul(k.load(gO), k.load(end))));
    const [b, pv, pg] = [k.int(vectorBytes), k.int(k.plus(v, vectorBytes)), k.int(k.plus(gV, vectorBytes))];
    const [at, jump, quotient] = [k.int(), k.int(), k.int()];
    const [expected, lower, upper, g, last, weight] = [0, 0, 0, 0, 0, 0].map(() => k.vector());
    k.each(
      k.minus(n, 1),
      [pv, pg, [b, vectorBytes]],
      () => {
        k.set(weight, k.load(pv));
        k.set(at, k.plus(uBelow, b)).set(jump, k.plus(scratch, b)).set(quotient, gO);
        k.set(lower, k.load(at)).set(last, k.load(quotient));
        k.set(expected, k.mul(last, lower));
        k.when(k.less(at, end), () => {
          k.loop((again) => {
            k.advance(quotient).advance(at, b);
            k.set(g, k.load(quotient)).set(upper, k.load(k.smaller(at, end)));
            k.addTo(expected, k.mul(g, k.sub(upper, lower)));
            k.accumulate(jump, k.mul(weight, k.sub(g, last)));
            k.set(last, g).set(lower, upper).advance(jump, b);
            k.againIf(again, k.less(at, end));
          });
        });
        k.accumulate(pg, k.mul(w, expected));
      },
      1,
    );
    const [sum, to] = [k.vector(k.zero), k.int(scratch)];
    k.each(n, [to], (offset) => {
      k.addTo(sum, k.load(to, offset));
      k.store(to, sum, offset);
    });
    k.accumulate(gOp, weigh(k, n, w, u, scratch, gU), div);
  });
}

/** (context): adds the mixture of remainders to o: a divisor above a leaves it as it is, smaller ones wrap it around. */
export function defineRemainders(kernels: KernelModule): FunctionReference {
  return kernels.define("remainders", ["i32"], (k, context) => {
    const { n, op, u, v, o, uBelow, vAbove } = k.fields(context, "n", "op", "u", "v", "o", "uBelow", "vAbove");
    const { vSupport, vCount } = k.fields(context, "vSupport", "vCount");
    const w = k.vector(k.load(op, mod));
    const [from, above, to] = [k.int(u), k.int(k.plus(vAbove, vectorBytes)), k.int(o)];
    k.each(n, [from, above, to], (at) => {
      k.accumulate(to, k.mul(w, k.mul(k.load(from, at), k.load(above, at))), at);
    });
    const [weight, size, left] = [k.vector(), k.int(), k.int()];
    k.eachOf(vSupport, vCount, (b) => {
      k.set(weight, k.mul(w, k.load(k.plus(v, b))));
      k.when(
        b,
        () => {
          k.set(size, k.shiftRight(b, 4)).set(from, k.plus(u, b)).set(left, k.minus(n, size));
          k.when(k.less(0, left), () => {
            k.loop((again) => {
              k.set(to, o);
              k.each(k.smaller(size, left), [from, to], (at) => {
                k.accumulate(to, k.mul(weight, k.load(from, at)), at);
              });
              k.set(left, k.minus(left, size));
              k.againIf(again, k.less(0, left));
            });
          });
        },
        () => k.accumulate(o, k.mul(weight, k.load(k.at(uBelow, n)))),
      );
    });
  });
}

/** Dividends fewer than n over this are gone through one by one. */
const sparse = 16;

/** (context): the transpose, with the result's cotangent in gO. */
export function defineRemaindersBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("remaindersBackward", ["i32"], (k, context) => {
    const { n, op, u, v, uBelow, vAbove } = k.fields(context, "n", "op", "u", "v", "uBelow", "vAbove");
    const { gOp, gU, gV, gO, scratch } = k.fields(context, "gOp", "gU", "gV", "gO", "scratch");
    const { uSupport, uCount } = k.fields(context, "uSupport", "uCount");
    const w = k.vector(k.load(op, mod));
    // What the divisors above a, and the divisor 0, make of each a.
    const [pg, above, to, pu] = [k.int(gO), k.int(k.plus(vAbove, vectorBytes)), k.int(scratch), k.int()];
    const byZero = k.vector(k.mul(k.load(gO), k.load(v)));
    k.each(n, [pg, above, to], (at) => {
      k.store(to, k.add(byZero, k.mul(k.load(pg, at), k.load(above, at))), at);
    });
    k.accumulate(gV, k.mul(w, k.mul(k.load(gO), k.load(k.at(uBelow, n)))));
    const few = k.int(k.less(k.times(uCount, sparse), n));
    const [b, size, left, pv, pgv] = [k.int(), k.int(1), k.int(), k.int(), k.int()];
    k.set(b, vectorBytes).set(pv, k.plus(v, vectorBytes)).set(pgv, k.plus(gV, vectorBytes));
    const [weight, below, g] = [k.vector(), k.vector(k.zero), k.vector()];
    const expected = k.sums(2);
    /** Goes through a = b, b + 1, … with its remainder's cotangent. */
    const wrapped = (body: (at: number, time: number) => void) => {
      k.set(pu, k.plus(u, b)).set(to, k.plus(scratch, b)).set(left, k.minus(n, size));
      k.when(k.less(0, left), () => {
        k.loop((again) => {
          k.set(pg, gO);
          k.each(k.smaller(size, left), [pu, pg, to], (at, time) => {
            k.set(g, k.load(pg, at));
            body(at, time);
          });
          k.set(left, k.minus(left, size));
          k.againIf(again, k.less(0, left));
        });
      });
    };
    const toDividends = (at: number) => k.accumulate(to, k.mul(weight, g), at);
    k.each(
      k.minus(n, 1),
      [pv, pgv, [b, vectorBytes], [size, 1]],
      () => {
        k.set(weight, k.load(pv));
        k.when(
          few,
          () => {
            k.set(expected[0], k.zero);
            k.eachOf(uSupport, uCount, (a) => {
              k.addTo(expected[0], k.mul(k.load(k.plus(u, a)), k.load(k.plus(gO, k.remainder(a, b)))));
            });
            k.accumulate(pgv, k.mul(w, expected[0]));
            k.when(k.any(weight), () => wrapped(toDividends));
          },
          () => {
            const before = k.minus(b, vectorBytes);
            k.addTo(below, k.mul(k.load(k.plus(u, before)), k.load(k.plus(gO, before))));
            k.set(expected[0], below).set(expected[1], k.zero);
            const toDivisor = (at: number, time: number) => k.addTo(expected[time % 2], k.mul(k.load(pu, at), g));
            k.when(
              k.any(weight),
              () =>
                wrapped((at, time) => {
                  toDivisor(at, time);
                  toDividends(at);
                }),
              () => wrapped(toDivisor),
            );
            k.accumulate(pgv, k.mul(w, k.add(expected[0], expected[1])));
          },
        );
      },
      1,
    );
    k.accumulate(gOp, weigh(k, n, w, u, scratch, gU), mod);
  });
}
