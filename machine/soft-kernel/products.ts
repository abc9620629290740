/** Multiplication modulo n: the products of all pairs, scattered by a table of n^2 small integers. */
import { instructions } from "../../assembler/index.js";
import type { FunctionReference, Local } from "../../kernel/index.js";
import { vectorBytes } from "./context.js";
import { weigh } from "./convolution.js";
import type { Emitter, KernelModule, Vector } from "./emitter.js";

const number = instructions.mul.number * vectorBytes;

/** (context): adds the mixture of products to o, over the pairs of the two supports. */
export function defineProducts(kernels: KernelModule): FunctionReference {
  return kernels.define("products", ["i32"], (k, context) => {
    const { n, op, u, v, o, products } = k.fields(context, "n", "op", "u", "v", "o", "products");
    const { uSupport, vSupport, uCount, vCount } = k.fields(context, "uSupport", "vSupport", "uCount", "vCount");
    const w = k.vector(k.load(op, number));
    const rowBytes = k.int(k.shiftLeft(n, 1));
    const [table, to] = [k.int(), k.int()];
    const [x, y] = [k.vector(), k.vector()];
    const target = (offset = 0) => k.set(to, k.at(o, k.loadShort(table, offset)));
    k.when(
      k.less(k.times(n, n), k.shiftLeft(k.times(uCount, vCount), 1)),
      () => {
        // a * b is b * a: each pair is looked up once.
        const [a, row] = [k.int(0), k.int(products)];
        const [pu, pv, pa, pb] = [k.int(u), k.int(v), k.int(), k.int()];
        k.each(
          n,
          [pu, pv, [a, 1], [row, rowBytes]],
          () => {
            k.set(x, k.mul(w, k.load(pu)));
            k.set(y, k.mul(w, k.load(pv)));
            k.set(table, row).set(pa, u).set(pb, v);
            const left = k.int(a);
            for (const times of [4, 1]) {
              k.repeat(left, times, [pa, pb, [table, 2 * times]], (at, time) => {
                target(2 * time);
                k.accumulate(to, k.add(k.mul(x, k.load(pb, at)), k.mul(y, k.load(pa, at))));
              });
            }
            target();
            k.accumulate(to, k.mul(x, k.load(pv)));
          },
          1,
        );
      },
      () => {
        const row = k.int();
        k.eachOf(uSupport, uCount, (i) => {
          k.set(x, k.mul(w, k.load(k.plus(u, i))));
          k.set(row, k.plus(products, k.times(k.shiftRight(i, 3), n)));
          k.eachOf(vSupport, vCount, (j) => {
            k.set(table, k.plus(row, k.shiftRight(j, 3)));
            target();
            k.accumulate(to, k.mul(x, k.load(k.plus(v, j))));
          });
        });
      },
    );
  });
}

/** (context): the transpose, with the result's cotangent in gO. */
export function defineProductsBackward(kernels: KernelModule): FunctionReference {
  return kernels.define("productsBackward", ["i32"], (k, context) => {
    const { n, op, u, v, products, scratch } = k.fields(context, "n", "op", "u", "v", "products", "scratch");
    const { gOp, gU, gV, gO } = k.fields(context, "gOp", "gU", "gV", "gO");
    const { uSupport, vSupport, uCount, vCount } = k.fields(context, "uSupport", "vSupport", "uCount", "vCount");
    const w = k.vector(k.load(op, number));
    const [row, rowBytes, out, gv] = [k.int(products), k.int(k.shiftLeft(n, 1)), k.int(scratch), k.int(gV)];
    // The expected cotangents given a, over v and over u.
    const finish = (byV: Vector, byU: Vector, offset = 0) => {
      k.store(out, byV, offset);
      k.accumulate(gv, k.mul(w, byU), offset);
    };
    k.when(
      k.less(n, k.shiftLeft(k.plus(uCount, vCount), 1)),
      () => {
        const left = k.int(n);
        for (const rows of [2, 1]) {
          denseRows(k, rows, { n, left, u, v, gO, row, rowBytes }, (byV, byU) => {
            byV.forEach((sum, r) => {
              finish(sum, byU[r], r * vectorBytes);
            });
            k.advance(out, rows * vectorBytes).advance(gv, rows * vectorBytes);
          });
        }
      },
      () => {
        const [byV, byU, table] = [k.vector(), k.vector(), k.int()];
        const gathered = (j: Local) => {
          k.set(table, k.plus(row, k.shiftRight(j, 3)));
          return k.load(k.at(gO, k.loadShort(table)));
        };
        k.each(
          n,
          [out, gv, [row, rowBytes]],
          () => {
            k.set(byV, k.zero);
            k.eachOf(vSupport, vCount, (j) => k.addTo(byV, k.mul(k.load(k.plus(v, j)), gathered(j))));
            k.set(byU, k.zero);
            k.eachOf(uSupport, uCount, (j) => k.addTo(byU, k.mul(k.load(k.plus(u, j)), gathered(j))));
            finish(byV, byU);
          },
          1,
        );
      },
    );
    k.accumulate(gOp, weigh(k, n, w, u, scratch, gU), number);
  });
}

interface DenseRows {
  readonly n: Local;
  /** Rows to go. */
  readonly left: Local;
  readonly u: Local;
  readonly v: Local;
  readonly gO: Local;
  /** The table's row, moved on. */
  readonly row: Local;
  readonly rowBytes: Local;
}

/** So many rows of the table at a time, as long as there are so many. */
function denseRows(
  k: Emitter,
  rows: number,
  { n, left, u, v, gO, row, rowBytes }: DenseRows,
  finish: (byV: Local[], byU: Local[]) => void,
): void {
  const [byV, byU] = [k.sums(rows), k.sums(rows)];
  const [pu, pv, x, y, g] = [k.int(), k.int(), k.vector(), k.vector(), k.vector()];
  const tables = byV.map(() => k.int());
  k.when(k.less(rows - 1, left), () => {
    k.loop((again) => {
      k.set(pu, u).set(pv, v);
      tables.forEach((table, r) => {
        k.set(table, r === 0 ? row : k.plus(row, rowBytes));
        k.set(byV[r], k.zero).set(byU[r], k.zero);
      });
      const columns = k.int(n);
      for (const times of [4, 1]) {
        k.repeat(columns, times, [pu, pv, ...tables.map((table) => [table, 2 * times] as const)], (at, time) => {
          k.set(x, k.load(pu, at)).set(y, k.load(pv, at));
          tables.forEach((table, r) => {
            k.set(g, k.load(k.at(gO, k.loadShort(table, 2 * time))));
            k.addTo(byV[r], k.mul(y, g)).addTo(byU[r], k.mul(x, g));
          });
        });
      }
      finish(byV, byU);
      for (let r = 0; r < rows; r++) k.advance(row, rowBytes);
      k.advance(left, -rows);
      k.againIf(again, k.less(rows - 1, left));
    });
  });
}
