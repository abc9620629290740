/** A program's own operations, each by its table: of one operand or of two, and of any results. */
import { instructionCount } from "../../assembler/index.js";
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import { weigh } from "./convolution.js";
import type { Emitter, KernelModule, Vector } from "./emitter.js";

/** The bytes of an operation in the context's `tables`, and where in them its table's address is. */
const headBytes = 8;
const tableAddress = 4;

/** Runs the body for each of the program's own operations: with its place among the fetched weights, or their slopes. */
export function eachOperation(
  k: Emitter,
  context: Local,
  among: "op" | "gOp",
  body: (place: Local, head: Local) => void,
): void {
  const count = k.int(k.minus(k.field(context, "operations"), instructionCount));
  const place = k.int(k.plus(k.field(context, among), instructionCount * vectorBytes));
  const head = k.int(k.field(context, "tables"));
  k.each(count, [place, [head, headBytes]], () => body(place, head), 1);
}

/** Adds the weights of the program's own operations. */
export function addOperationWeights(k: Emitter, context: Local, sum: Local): void {
  eachOperation(k, context, "op", (place) => k.addTo(sum, k.load(place)));
}

/** (context): adds the mixture of the tables' results to o, over the operands' supports, which are found where needed. */
export function defineOperationTables(kernels: KernelModule, supports: FunctionReference): FunctionReference {
  return kernels.define("operationTables", ["i32"], (k, context) => {
    const { n, u, v, o, uSupport, vSupport } = k.fields(context, "n", "u", "v", "o", "uSupport", "vSupport");
    const [uCount, vCount, found] = [k.int(), k.int(), k.int(0)];
    const [w, x, row, to] = [k.vector(), k.vector(), k.int(), k.int()];
    const addAt = (entry: Local, weight: Vector) => {
      k.set(to, k.at(o, k.loadShort(entry)));
      k.accumulate(to, weight);
    };
    eachOperation(k, context, "op", (place, head) => {
      k.set(w, k.load(place));
      k.when(k.any(w), () => {
        k.when(k.not(found), () => {
          k.call(supports, context);
          k.set(found, 1).set(uCount, k.field(context, "uCount")).set(vCount, k.field(context, "vCount"));
        });
        const isUnary = k.int(k.equal(k.loadInt(head), 1));
        const table = k.int(k.loadInt(head, tableAddress));
        const entry = k.int();
        k.eachOf(uSupport, uCount, (i) => {
          k.set(x, k.mul(w, k.load(k.plus(u, i))));
          k.when(
            isUnary,
            () => {
              k.set(entry, k.plus(table, k.shiftRight(i, 3)));
              addAt(entry, x);
            },
            () => {
              k.set(row, k.plus(table, k.times(k.shiftRight(i, 3), n)));
              k.eachOf(vSupport, vCount, (j) => {
                k.set(entry, k.plus(row, k.shiftRight(j, 3)));
                addAt(entry, k.mul(x, k.load(k.plus(v, j))));
              });
            },
          );
        });
      });
    });
  });
}

/**
 * (context, all): the transpose, with the result's cotangent in gO and the supports at hand; for all operations, or for
 * those present or of weight.
 */
export function defineOperationTablesBackward(kernels: KernelModule): FunctionReference {
  const unary = defineUnaryTableBackward(kernels);
  const binary = defineBinaryTableBackward(kernels);
  return kernels.define("operationTablesBackward", ["i32", "i32"], (k, context, all) => {
    const distance = k.int(k.minus(k.field(context, "gOp"), k.field(context, "op")));
    const present = k.int(k.plus(k.field(context, "present"), 4 * instructionCount));
    const [w, slope] = [k.vector(), k.int()];
    eachOperation(k, context, "op", (place, head) => {
      k.set(w, k.load(place)).set(slope, k.plus(place, distance));
      k.when(k.either(all, k.either(k.loadInt(present), k.any(w))), () => {
        const table = k.int(k.loadInt(head, tableAddress));
        k.when(
          k.equal(k.loadInt(head), 1),
          () => k.call(unary, context, w, table, slope),
          () => k.call(binary, context, w, table, slope),
        );
      });
      k.advance(present, 4);
    });
  });
}

/** (context, w, table, slope): of an operation with one operand and weight w: to gU, and to the weight's slope. */
function defineUnaryTableBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("unaryTableBackward", ["i32", "v128", "i32", "i32"], (k, context, w, table, slope) => {
    const { n, u, gU, gO, scratch } = k.fields(context, "n", "u", "gU", "gO", "scratch");
    const [entry, to] = [k.int(table), k.int(scratch)];
    k.each(n, [[entry, 2], to], () => k.store(to, k.load(k.at(gO, k.loadShort(entry)))), 1);
    k.accumulate(slope, weigh(k, n, w, u, scratch, gU));
  });
}

/** (context, w, table, slope): of an operation with two operands. */
function defineBinaryTableBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("binaryTableBackward", ["i32", "v128", "i32", "i32"], (k, context, w, table, slope) => {
    const { n, u, v, gU, gV, gO, scratch } = k.fields(context, "n", "u", "v", "gU", "gV", "gO", "scratch");
    const { uSupport, vSupport, uCount, vCount } = k.fields(context, "uSupport", "vSupport", "uCount", "vCount");
    const [row, rowBytes, entry] = [k.int(), k.int(k.shiftLeft(n, 1)), k.int()];
    const gathered = () => k.load(k.at(gO, k.loadShort(entry)));
    const sum = k.vector();
    /** The expected cotangent of the results in the table's row, over v. */
    const expected = () => {
      k.set(sum, k.zero);
      k.eachOf(vSupport, vCount, (j) => {
        k.set(entry, k.plus(row, k.shiftRight(j, 3)));
        k.addTo(sum, k.mul(k.load(k.plus(v, j)), gathered()));
      });
    };
    k.when(
      k.any(w),
      () => {
        const to = k.int(scratch);
        k.set(row, table);
        k.each(
          n,
          [to, [row, rowBytes]],
          () => {
            expected();
            k.store(to, sum);
          },
          1,
        );
        k.accumulate(slope, weigh(k, n, w, u, scratch, gU));
        const [x, gv] = [k.vector(), k.int()];
        k.eachOf(uSupport, uCount, (i) => {
          k.set(x, k.mul(w, k.load(k.plus(u, i))));
          k.set(entry, k.plus(table, k.times(k.shiftRight(i, 3), n))).set(gv, gV);
          k.each(n, [gv, [entry, 2]], () => k.accumulate(gv, k.mul(x, gathered())), 1);
        });
      },
      () => {
        // Only the slope of its weight is wanted.
        const total = k.vector(k.zero);
        k.eachOf(uSupport, uCount, (i) => {
          k.set(row, k.plus(table, k.times(k.shiftRight(i, 3), n)));
          expected();
          k.addTo(total, k.mul(k.load(k.plus(u, i)), sum));
        });
        k.accumulate(slope, total);
      },
    );
  });
}
