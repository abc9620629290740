/**
 * The lookup-table ALU on distributions: o = sum over f of p(f) [f(u, v)] (equation 7 of "Algorithmic Language Models with
 * Neurally Compiled Libraries", 2024), without the n^3 table. Sums are ordered so that one-hot operands give exact zeros
 * and ones.
 */
import { type AluMnemonic, instructions, type Mnemonic } from "../../assembler/index.js";
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import { defineConvolutions } from "./convolution.js";
import { defineQuotients, defineQuotientsBackward, defineRemainders, defineRemaindersBackward } from "./division.js";
import type { Emitter, Integer, KernelModule, Value } from "./emitter.js";
import { defineOperationTables, defineOperationTablesBackward } from "./operation-tables.js";
import { defineLogicBackward, defineOrder, defineOrderBackward, emitLogic } from "./order.js";
import { defineProducts, defineProductsBackward } from "./products.js";

export interface Alu {
  /** (context): adds the mixture of the results to o. */
  readonly forward: FunctionReference;
  /** (context, all): adds to gOp, gU and gV; for all operations, or for those present or of weight. */
  readonly backward: FunctionReference;
}

const offsetOf = (op: Mnemonic): number => instructions[op].number * vectorBytes;

/** The operations that need the operands' supports, and those that need their partial sums. */
const bySupport = ["add", "sub", "mul", "div", "mod"] as const satisfies readonly AluMnemonic[];
const bySums = [
  ...(["div", "mod", "min", "max", "eq", "lt"] as const),
  ...(["and", "or", "xor", "not"] as const),
] satisfies readonly AluMnemonic[];

export function defineAlu(kernels: KernelModule): Alu {
  const partialSums = definePartialSums(kernels);
  const { forward: sums, addBackward, subBackward } = defineConvolutions(kernels);
  const binary = {
    mul: defineProducts(kernels),
    div: defineQuotients(kernels),
    mod: defineRemainders(kernels),
    ...defineOrder(kernels),
  };
  const transposes = {
    add: addBackward,
    sub: subBackward,
    mul: defineProductsBackward(kernels),
    div: defineQuotientsBackward(kernels),
    mod: defineRemaindersBackward(kernels),
    ...defineOrderBackward(kernels),
  };
  const logicBackward = defineLogicBackward(kernels);
  const unary = defineUnary(kernels);
  const unaryBackward = defineUnaryBackward(kernels);

  const supports = defineSupports(kernels);
  const tables = defineOperationTables(kernels, supports);
  const tablesBackward = defineOperationTablesBackward(kernels);

  const forward = kernels.define("alu", ["i32"], (k, context) => {
    const { op } = k.fields(context, "op");
    const weight = (name: Mnemonic) => k.load(op, offsetOf(name));
    const anyOf = (names: readonly Mnemonic[]): Value => k.any(names.map(weight).reduce((x, y) => k.or(x, y)));
    k.when(anyOf(bySupport), () => k.call(supports, context));
    k.when(anyOf(bySums), () => k.call(partialSums, context));
    k.when(anyOf(["add", "sub"]), () => k.call(sums, context));
    for (const name of ["mul", "div", "mod", "min", "max", "eq", "lt"] as const) {
      k.when(k.any(weight(name)), () => k.call(binary[name], context));
    }
    k.when(anyOf(["and", "or", "xor", "not"]), () => emitLogic(k, context));
    k.when(anyOf(["zero", "inc", "dec", "move"]), () => k.call(unary, context));
    k.call(tables, context);
  });

  const backward = kernels.define("aluBackward", ["i32", "i32"], (k, context, all) => {
    k.call(supports, context);
    k.call(partialSums, context);
    for (const name of ["add", "sub", "mul", "div", "mod", "min", "max", "eq", "lt"] as const) {
      k.when(isWanted(k, context, all, name), () => k.call(transposes[name], context));
    }
    k.when(isWanted(k, context, all, "and", "or", "xor", "not"), () => k.call(logicBackward, context));
    k.call(unaryBackward, context);
    k.call(tablesBackward, context, all);
  });
  return { forward, backward };
}

/** Whether the gradient of one of some operations is wanted: all are, it is present in the program, or it has weight. */
export function isWanted(k: Emitter, context: Local, all: Integer, ...names: readonly Mnemonic[]): Value {
  const { op, present } = k.fields(context, "op", "present");
  const wanted = names.map((name) =>
    k.either(k.loadInt(present, 4 * instructions[name].number), k.any(k.load(op, offsetOf(name)))),
  );
  return wanted.reduce((x, y) => k.either(x, y), k.either(all, 0));
}

/** (context): the supports of the operands. */
export function defineSupports(kernels: KernelModule): FunctionReference {
  const support = defineSupport(kernels);
  return kernels.define("supports", ["i32"], (k, context) => {
    const { n, u, v, uSupport, vSupport } = k.fields(context, "n", "u", "v", "uSupport", "vSupport");
    k.setField(context, "uCount", k.result(support, u, n, uSupport));
    k.setField(context, "vCount", k.result(support, v, n, vSupport));
  });
}

/** (x, n, list) -> how many entries are not 0 in all lanes; their byte offsets go to the list. */
function defineSupport(kernels: KernelModule): FunctionReference {
  return kernels.define(
    "support",
    ["i32", "i32", "i32"],
    (k, x, n, list) => {
      const [offset, to] = [k.int(0), k.int(list)];
      k.each(
        n,
        [x, [offset, vectorBytes]],
        () => {
          k.storeInt(to, offset);
          k.advance(to, k.shiftLeft(k.any(k.load(x)), 2));
        },
        1,
      );
      k.give(k.shiftRight(k.minus(to, list), 2));
    },
    ["i32"],
  );
}

/** (context): the sums of u and v before each index, and from each on. */
function definePartialSums(kernels: KernelModule): FunctionReference {
  return kernels.define("partialSums", ["i32"], (k, context) => {
    const { n, u, v, uBelow, uAbove, vBelow, vAbove } = k.fields(
      context,
      ...(["n", "u", "v", "uBelow", "uAbove", "vBelow", "vAbove"] as const),
    );
    const [ub, vb, ua, va] = k.sums(4);
    const [uEnd, vEnd] = [k.int(k.at(u, k.minus(n, 1))), k.int(k.at(v, k.minus(n, 1)))];
    for (const [array, sum] of [
      [uBelow, ub],
      [vBelow, vb],
    ])
      k.store(array, sum);
    k.set(uAbove, k.at(uAbove, n)).set(vAbove, k.at(vAbove, n));
    for (const [array, sum] of [
      [uAbove, ua],
      [vAbove, va],
    ])
      k.store(array, sum);
    k.set(uAbove, k.minus(uAbove, vectorBytes)).set(vAbove, k.minus(vAbove, vectorBytes));
    const down = [uEnd, vEnd, uAbove, vAbove].map((pointer) => [pointer, -vectorBytes] as const);
    k.each(
      n,
      [u, v, uBelow, vBelow, ...down],
      () => {
        k.addTo(ub, k.load(u)).addTo(vb, k.load(v));
        k.store(uBelow, ub, vectorBytes).store(vBelow, vb, vectorBytes);
        k.addTo(ua, k.load(uEnd)).addTo(va, k.load(vEnd));
        k.store(uAbove, ua).store(vAbove, va);
      },
      1,
    );
  });
}

/** (context): adds the mixture of `zero`, `inc`, `dec` and `move` to o. */
function defineUnary(kernels: KernelModule): FunctionReference {
  return kernels.define("unary", ["i32"], (k, context) => {
    const { n, op, u, o } = k.fields(context, "n", "op", "u", "o");
    const w = k.vector();
    const [from, to, last] = [k.int(), k.int(), k.int(k.minus(n, 1))];
    const shifted = (count: Integer) =>
      k.each(count, [from, to], (at) => k.accumulate(to, k.mul(w, k.load(from, at)), at));
    k.accumulate(o, k.load(op, offsetOf("zero")));
    k.set(w, k.load(op, offsetOf("inc")));
    k.when(k.any(w), () => {
      k.set(from, u).set(to, k.plus(o, vectorBytes));
      shifted(last);
      k.accumulate(o, k.mul(w, k.load(from)));
    });
    k.set(w, k.load(op, offsetOf("dec")));
    k.when(k.any(w), () => {
      k.set(from, k.plus(u, vectorBytes)).set(to, o);
      shifted(last);
      k.accumulate(to, k.mul(w, k.load(u)));
    });
    k.set(w, k.load(op, offsetOf("move")));
    k.when(k.any(w), () => {
      k.set(from, u).set(to, o);
      shifted(n);
    });
  });
}

/** (context): the transpose, with the result's cotangent in gO. */
function defineUnaryBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("unaryBackward", ["i32"], (k, context) => {
    const { n, op, u, gOp, gU, gO } = k.fields(context, "n", "op", "u", "gOp", "gU", "gO");
    const names = ["dec", "move", "inc"] as const;
    const weights = names.map((name) => k.vector(k.load(op, offsetOf(name))));
    const sums = names.map(() => k.vector(k.zero));
    const [x, before, here, after] = [k.vector(), k.vector(), k.vector(), k.vector()];
    const last = k.int(k.minus(n, 1));
    k.accumulate(gOp, k.load(gO), offsetOf("zero"));
    // The cotangents at i - 1, i and i + 1 modulo n.
    k.set(before, k.load(k.at(gO, last))).set(here, k.load(gO));
    const step = (next: Value, at = 0) => {
      k.set(x, k.load(u, at)).set(after, next);
      const window = [before, here, after];
      window.forEach((g, i) => {
        k.addTo(sums[i], k.mul(x, g));
      });
      k.accumulate(gU, k.total(window.map((g, i) => k.mul(weights[i], g))), at);
      k.set(before, here).set(here, after);
    };
    const first = k.int(gO);
    k.each(last, [u, gU, gO], (at) => step(k.load(gO, at + vectorBytes), at), 2);
    step(k.load(first));
    names.forEach((name, i) => {
      k.accumulate(gOp, sums[i], offsetOf(name));
    });
  });
}
