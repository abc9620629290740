/** What a value of independent bits names: the value itself, or a thing modulo how many there are. Kernels, with transposes. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import type { Emitter, Integer, KernelModule } from "./emitter.js";

/**
 * The remainders of a value of bits, found a bit at a time: the distribution of the sum of the bits below, modulo the
 * count, is a level, and a bit is a step to the next one. A table of them begins with the address of the first level and
 * how many steps there are; a step is six i32: the bit's byte offset, its power of two modulo the count, how many entries
 * of the level before it may be other than 0, how many more the next level has, and the addresses of both. A bit that
 * changes nothing, its power being a multiple of the count, has no step.
 */
export const stepBytes = 24;
export const tableHeadBytes = 8;

export interface BitKernels {
  /** (value, bits, n) -> the probability that n bits are a value's: the product of theirs. */
  readonly probability: FunctionReference;
  /** (value, bits, n, factor, scratch, gBits): adds the gradient of that, times a factor, to gBits; scratch is [n]. */
  readonly probabilityBackward: FunctionReference;
  /** (table, count, bits): the levels; the last of them is the distribution. */
  readonly remainders: FunctionReference;
  /** (table, count, g, back, bits, gBits): adds to gBits, from the distribution's cotangent g; `back` is as long, scratch. */
  readonly remaindersBackward: FunctionReference;
}

export function defineBits(kernels: KernelModule): BitKernels {
  return {
    probability: defineProbability(kernels),
    probabilityBackward: defineProbabilityBackward(kernels),
    remainders: defineRemainders(kernels),
    remaindersBackward: defineRemaindersBackward(kernels),
  };
}

/** Sets x to the probability that a bit is the lowest bit of a value. */
function setShare(k: Emitter, x: Local, value: Integer, bit: Local): void {
  k.set(x, k.load(bit));
  k.when(k.not(k.both(value, 1)), () => k.set(x, k.sub(k.one, x)));
}

function defineProbability(kernels: KernelModule): FunctionReference {
  return kernels.define(
    "probability",
    ["i32", "i32", "i32"],
    (k, value, bits, n) => {
      const [product, x] = [k.vector(k.one), k.vector()];
      k.loop((again) => {
        setShare(k, x, value, bits);
        k.set(product, k.mul(product, x));
        k.set(value, k.shiftRight(value, 1));
        k.advance(bits).advance(n, -1);
        // The product is most often 0 after a bit or two.
        k.againIf(again, k.both(k.less(0, n), k.any(product)));
      });
      k.code.get(product);
    },
    ["v128"],
  );
}

function defineProbabilityBackward(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "v128", "i32", "i32"] as const;
  return kernels.define("probabilityBackward", types, (k, value, bits, n, factor, scratch, gBits) => {
    // What a bit's share is multiplied with: the shares below it, kept for each bit while there are any, and those above.
    const [x, above, slope] = [k.vector(), k.vector(k.one), k.vector()];
    const [left, from, to, reached] = [k.int(value), k.int(bits), k.int(scratch), k.int(0)];
    const enough = () => k.both(k.less(reached, n), k.any(factor));
    k.when(enough(), () => {
      k.loop((again) => {
        k.store(to, factor);
        setShare(k, x, left, from);
        k.set(factor, k.mul(factor, x));
        k.set(left, k.shiftRight(left, 1));
        k.advance(from).advance(to).advance(reached, 1);
        k.againIf(again, enough());
      });
    });
    const at = k.int(n);
    const goesOn = () => k.both(k.less(0, at), k.both(k.any(above), k.less(0, reached)));
    k.when(goesOn(), () => {
      k.loop((again) => {
        k.advance(at, -1);
        k.when(k.less(at, reached), () => {
          k.set(slope, k.mul(above, k.load(k.at(scratch, at))));
          k.when(k.not(k.both(k.shiftRight(value, at), 1)), () => k.set(slope, k.sub(k.zero, slope)));
          k.set(to, k.at(gBits, at)).accumulate(to, slope);
        });
        k.set(from, k.at(bits, at));
        setShare(k, x, k.shiftRight(value, at), from);
        k.set(above, k.mul(above, x));
        k.againIf(again, goesOn());
      });
    });
  });
}

/** What a step of the table says: i32 variables. */
function readStep(k: Emitter, step: Local) {
  const [bit, shift, size, more, from, to] = [0, 4, 8, 12, 16, 20].map((offset) => k.int(k.loadInt(step, offset)));
  return { bit, shift, size, more, from, to };
}

/** How many entries of a level, moved on by a power of two, do not pass the count. */
const unwrapped = (k: Emitter, size: Local, shift: Local, count: Local): Local => {
  const room = k.int(k.minus(count, shift));
  return k.int(k.smaller(size, room));
};

function defineRemainders(kernels: KernelModule): FunctionReference {
  return kernels.define("remainders", ["i32", "i32", "i32"], (k, table, count, bits) => {
    const [p, q] = [k.vector(), k.vector()];
    const [pf, pt] = [k.int(), k.int()];
    k.store(k.loadInt(table), k.one);
    const steps = k.int(k.loadInt(table, 4));
    k.advance(table, tableHeadBytes);
    k.each(
      steps,
      [[table, stepBytes]],
      () => {
        const { bit, shift, size, more, from, to } = readStep(k, table);
        k.set(p, k.load(k.plus(bits, bit)));
        k.set(q, k.sub(k.one, p));
        k.set(pf, from).set(pt, to);
        k.each(size, [pf, pt], (at) => k.store(pt, k.mul(q, k.load(pf, at)), at));
        k.clear(pt, more);
        k.when(k.any(p), () => {
          const straight = unwrapped(k, size, shift, count);
          k.set(pf, from).set(pt, k.at(to, shift));
          const add = (at: number) => k.accumulate(pt, k.mul(p, k.load(pf, at)), at);
          k.each(straight, [pf, pt], add);
          k.set(pt, to);
          k.each(k.minus(size, straight), [pf, pt], add);
        });
      },
      1,
    );
  });
}

function defineRemaindersBackward(kernels: KernelModule): FunctionReference {
  const types = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  return kernels.define("remaindersBackward", types, (k, table, count, g, back, bits, gBits) => {
    const [p, q, here, moved, slope] = [k.vector(), k.vector(), k.vector(), k.vector(), k.vector()];
    const [ph, pm, pf, pb, swapped] = [k.int(), k.int(), k.int(), k.int(), k.int()];
    const steps = k.int(k.loadInt(table, 4));
    k.set(table, k.plus(table, k.plus(tableHeadBytes, k.times(stepBytes, k.minus(steps, 1)))));
    k.each(
      steps,
      [[table, -stepBytes]],
      () => {
        const { bit, shift, size, from } = readStep(k, table);
        k.set(p, k.load(k.plus(bits, bit)));
        k.set(q, k.sub(k.one, p)).set(slope, k.zero);
        const straight = unwrapped(k, size, shift, count);
        k.set(ph, g).set(pm, k.at(g, shift)).set(pf, from).set(pb, back);
        const step = (at: number) => {
          k.set(here, k.load(ph, at)).set(moved, k.load(pm, at));
          k.addTo(slope, k.mul(k.load(pf, at), k.sub(moved, here)));
          k.store(pb, k.add(k.mul(q, here), k.mul(p, moved)), at);
        };
        k.each(straight, [ph, pm, pf, pb], step);
        k.set(pm, g);
        k.each(k.minus(size, straight), [ph, pm, pf, pb], step);
        k.set(pf, k.plus(gBits, bit)).accumulate(pf, slope);
        k.set(swapped, g).set(g, back).set(back, swapped);
      },
      1,
    );
  });
}
