/**
 * The code of a kernel for products of float32 matrices. Both factors are copied, a block that fits the processor's cache at a
 * time, into panels in the order in which they are read, so that a transposed factor costs no more than a plain one (Goto and
 * van de Geijn, "Anatomy of High-Performance Matrix Multiplication", 2008).
 */
import type { FunctionBuilder, FunctionReference, Local } from "./function-builder.js";
import { ModuleBuilder } from "./module-builder.js";

/** Rows and columns of the tile of sums that stays in registers: eight vectors of them. */
export const tileRows = 4;
const tileColumns = 8;
/** Sizes of the blocks that are copied: of a, 128 KiB at most, of b, 512 KiB. Multiples of a tile. */
const blockRows = 128;
const blockDepth = 256;
const blockColumns = 512;

const panelsOfA = 0;
const panelsOfB = panelsOfA + blockRows * blockDepth * 4;
const tileAt = panelsOfB + blockColumns * blockDepth * 4;

/** Bytes of scratch memory that a product needs, whatever its size. */
export const matrixProductScratch = tileAt + tileRows * tileColumns * 4;

/** The parameters of the kernel's function, all i32: addresses and strides are in bytes, transposition is 1 or 0. */
export const parameterNames = [
  ...(["rows", "a", "b", "c", "scratch", "batch"] as const),
  // From one matrix of the batch to the next.
  ...(["strideA", "strideB", "strideC"] as const),
  // From one row of a matrix to the next, as it lies in memory.
  ...(["rowBytesA", "rowBytesB"] as const),
  ...(["depth", "columns", "transposeA", "transposeB"] as const),
] as const;

export type KernelParameters = Readonly<Record<(typeof parameterNames)[number], number>>;

/** The kernel's module: `matrixProduct`, of the parameters named, on an imported `env.memory`. */
export function matrixProductModule(shared = false): Uint8Array {
  const module = new ModuleBuilder().importMemory("env", "memory", { shared });
  const i32s = (count: number) => Array.from({ length: count }, () => "i32" as const);
  const panels = {
    across: module.function("panelAcross", i32s(5), [], writePanelAcross),
    along: module.function("panelAlong", i32s(5), [], writePanelAlong),
    partial: module.function("panelPartial", i32s(7), [], writePanelPartial),
  };
  const packA = module.function("packA", i32s(6), [], (code) => writePack(code, tileRows, panels));
  const packB = module.function("packB", i32s(6), [], (code) => writePack(code, tileColumns, panels));
  const tile = module.function("tile", i32s(6), [], writeTile);
  const copy = module.function("copyTile", i32s(6), [], writeCopyTile);
  module.function("matrixProduct", i32s(parameterNames.length), [], (code) =>
    writeProduct(code, { packA, packB, tile, copy }),
  );
  return module.build();
}

/** Copies `depth` rows of 4 numbers that lie side by side. Parameters: source, stride of rows, depth, target, its stride. */
function writePanelAcross(code: FunctionBuilder): void {
  const [source, stride, depth, target, step] = code.parameters;
  countDown(code, depth, 1, () => {
    code.get(target).get(source).emit("v128.load", unaligned).emit("v128.store", unaligned);
    advanceBy(code, source, stride);
    advanceBy(code, target, step);
  });
}

/** The same where the 4 numbers lie `stride` bytes apart and the rows side by side: 4 by 4 are transposed at a time. */
function writePanelAlong(code: FunctionBuilder): void {
  const [source, stride, depth, target, step] = code.parameters;
  const lanes = [source, code.local("i32"), code.local("i32"), code.local("i32")];
  for (let lane = 1; lane < 4; lane++) {
    code
      .get(lanes[lane - 1])
      .get(stride)
      .emit("i32.add")
      .set(lanes[lane]);
  }
  const vectors = lanes.map(() => code.local("v128"));
  const pairs = lanes.map(() => code.local("v128"));
  const shuffled = (first: Local, second: Local, words: readonly number[]) =>
    code
      .get(first)
      .get(second)
      .emit(
        "i8x16.shuffle",
        words.flatMap((word) => [4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3]),
      );
  const [lower, upper, lowPairs, highPairs] = [
    [0, 4, 1, 5],
    [2, 6, 3, 7],
    [0, 1, 4, 5],
    [2, 3, 6, 7],
  ];
  countDown(code, depth, 4, () => {
    for (const [i, vector] of vectors.entries()) {
      code.get(lanes[i]).emit("v128.load", unaligned).set(vector);
      advance(code, lanes[i], 16);
    }
    shuffled(vectors[0], vectors[1], lower).set(pairs[0]);
    shuffled(vectors[2], vectors[3], lower).set(pairs[1]);
    shuffled(vectors[0], vectors[1], upper).set(pairs[2]);
    shuffled(vectors[2], vectors[3], upper).set(pairs[3]);
    for (let row = 0; row < 4; row++) {
      const [first, second] = row < 2 ? [pairs[0], pairs[1]] : [pairs[2], pairs[3]];
      code.get(target);
      shuffled(first, second, row % 2 === 0 ? lowPairs : highPairs).emit("v128.store", unaligned);
      advanceBy(code, target, step);
    }
  });
  countDown(code, depth, 1, () => {
    for (const [i, lane] of lanes.entries()) {
      code
        .get(target)
        .get(lane)
        .emit("f32.load")
        .emit("f32.store", { offset: 4 * i });
      advance(code, lane, 4);
    }
    advanceBy(code, target, step);
  });
}

/** The same for fewer than 4 numbers, 0 or less included, in any strides, with zeros for those missing. */
function writePanelPartial(code: FunctionBuilder): void {
  const [source, laneStride, depthStride, lanes, depth, target, step] = code.parameters;
  countDown(code, depth, 1, () => {
    const from = code.local("i32");
    code.get(source).set(from);
    for (let lane = 0; lane < 4; lane++) {
      code.get(target);
      code.get(lanes).emit("i32.const", lane).emit("i32.gt_s");
      code.if(
        () => code.get(from).emit("f32.load"),
        () => code.emit("f32.const", 0),
        "f32",
      );
      code.emit("f32.store", { offset: 4 * lane });
      advanceBy(code, from, laneStride);
    }
    advanceBy(code, source, depthStride);
    advanceBy(code, target, step);
  });
}

interface Panels {
  readonly across: FunctionReference;
  readonly along: FunctionReference;
  readonly partial: FunctionReference;
}

/**
 * Copies a block into panels of `width` numbers, a multiple of 4, by `depth`, with zeros where there are no more. Parameters:
 * source, stride, whether it is the panel's width that lies `stride` bytes apart rather than its depth, how many numbers there
 * are across all panels, depth, target.
 */
function writePack(code: FunctionBuilder, width: number, panels: Panels): void {
  const [source, stride, apart, count, depth, target] = code.parameters;
  const laneStride = code.local("i32");
  const depthStride = code.local("i32");
  const panelBytes = code.local("i32");
  code.get(stride).emit("i32.const", 4).get(apart).select().set(laneStride);
  code.emit("i32.const", 4).get(stride).get(apart).select().set(depthStride);
  code
    .get(depth)
    .emit("i32.const", 4 * width)
    .emit("i32.mul")
    .set(panelBytes);
  code.loop((again) => {
    for (let at = 0; at < width; at += 4) {
      const toTarget = () => {
        code.get(target);
        if (at > 0) code.emit("i32.const", 4 * at).emit("i32.add");
        code.emit("i32.const", 4 * width);
      };
      code.get(count).emit("i32.const", 4).emit("i32.lt_s");
      code.if(
        () => {
          code.get(source).get(laneStride).get(depthStride).get(count).get(depth);
          toTarget();
          code.call(panels.partial);
        },
        () => {
          code.get(apart);
          code.if(
            () => {
              code.get(source).get(stride).get(depth);
              toTarget();
              code.call(panels.along);
            },
            () => {
              code.get(source).get(stride).get(depth);
              toTarget();
              code.call(panels.across);
            },
          );
        },
      );
      advance(code, count, -4);
      code.get(source).get(laneStride).emit("i32.const", 2).emit("i32.shl").emit("i32.add").set(source);
    }
    advanceBy(code, target, panelBytes);
    code.get(count).emit("i32.const", 0).emit("i32.gt_s").branchIf(again);
  });
}

/** The product of two panels, into a tile of c. Parameters: a, b, c, bytes of a row of c, depth, whether to add to what is there. */
function writeTile(code: FunctionBuilder): void {
  const [a, b, c, rowBytes, depth, accumulate] = code.parameters;
  const sums = Array.from({ length: tileRows * 2 }, () => code.local("v128"));
  const right = [code.local("v128"), code.local("v128")];
  const left = code.local("v128");
  const round = (k: number) => {
    for (const [half, vector] of right.entries()) {
      code
        .get(b)
        .emit("v128.load", { offset: 4 * tileColumns * k + 16 * half, align: 4 })
        .set(vector);
    }
    for (let row = 0; row < tileRows; row++) {
      code
        .get(a)
        .emit("v128.load32_splat", { offset: 4 * (tileRows * k + row) })
        .set(left);
      for (const [half, vector] of right.entries()) {
        const sum = sums[2 * row + half];
        code.get(sum).get(left).get(vector).emit("f32x4.mul").emit("f32x4.add").set(sum);
      }
    }
  };
  // Two rounds a turn, with the way out of an odd depth between them: in one stretch V8 would move all loads to its start, for
  // which there are too few registers.
  const [last, end] = [code.local("i32"), code.local("i32")];
  code
    .get(a)
    .get(depth)
    .emit("i32.const", 4 * tileRows)
    .emit("i32.mul")
    .emit("i32.add")
    .tee(end);
  code
    .emit("i32.const", 4 * tileRows)
    .emit("i32.sub")
    .set(last);
  code.block((done) => {
    code.loop((again) => {
      round(0);
      code.get(a).get(last).emit("i32.eq").branchIf(done);
      round(1);
      advance(code, a, 2 * 4 * tileRows);
      advance(code, b, 2 * 4 * tileColumns);
      code.get(a).get(end).emit("i32.ne").branchIf(again);
    });
  });
  const store = (add: boolean) => {
    for (let row = 0; row < tileRows; row++) {
      for (const half of right.keys()) {
        const access = { offset: 16 * half, align: 4 };
        code.get(c).get(sums[2 * row + half]);
        if (add) code.get(c).emit("v128.load", access).emit("f32x4.add");
        code.emit("v128.store", access);
      }
      advanceBy(code, c, rowBytes);
    }
  };
  code.get(accumulate).if(
    () => store(true),
    () => store(false),
  );
}

/** Copies part of a tile to c. Parameters: tile, c, bytes of a row of c, rows, columns, whether to add to what is there. */
function writeCopyTile(code: FunctionBuilder): void {
  const [tile, c, rowBytes, rows, columns, accumulate] = code.parameters;
  const [from, to, left] = [code.local("i32"), code.local("i32"), code.local("i32")];
  countDown(code, rows, 1, () => {
    code.get(tile).set(from).get(c).set(to).get(columns).set(left);
    countDown(code, left, 1, () => {
      code.get(to).get(from).emit("f32.load");
      code.get(accumulate).if(
        () => code.get(to).emit("f32.load"),
        // Adding -0 changes nothing, not even the sign of a zero.
        () => code.emit("f32.const", -0),
        "f32",
      );
      code.emit("f32.add").emit("f32.store");
      advance(code, from, 4);
      advance(code, to, 4);
    });
    advance(code, tile, 4 * tileColumns);
    advanceBy(code, c, rowBytes);
  });
}

interface Parts {
  readonly packA: FunctionReference;
  readonly packB: FunctionReference;
  readonly tile: FunctionReference;
  readonly copy: FunctionReference;
}

function writeProduct(code: FunctionBuilder, { packA, packB, tile, copy }: Parts): void {
  const [rows, a, b, c, scratch, batch, ...more] = code.parameters;
  const [strideA, strideB, strideC, bytesA, bytesB, depth, columns, transposeA, transposeB] = more;
  const rowBytes = code.local("i32");
  const [column, inner, row] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const [wide, deep, high] = [code.local("i32"), code.local("i32"), code.local("i32")];
  const [tileColumn, tileRow] = [code.local("i32"), code.local("i32")];
  const to = code.local("i32");
  code.get(columns).emit("i32.const", 2).emit("i32.shl").set(rowBytes);
  /** The address of an element of a factor whose rows are so long, its first index counting `first`. */
  const element = (matrix: Local, rowLength: Local, transposed: Local, first: Local, second: Local) => {
    code.get(matrix);
    code.get(second).get(first).get(transposed).select().get(rowLength).emit("i32.mul").emit("i32.add");
    code.get(first).get(second).get(transposed).select();
    code.emit("i32.const", 2).emit("i32.shl").emit("i32.add");
  };
  const panels = (offset: number) => code.get(scratch).emit("i32.const", offset).emit("i32.add");
  /** The panel that starts at a row or column: a number of it takes `deep` numbers. */
  const panelAt = (offset: number, index: Local) => {
    panels(offset).get(index).get(deep).emit("i32.mul").emit("i32.const", 2).emit("i32.shl").emit("i32.add");
  };
  const remaining = (total: Local, done: Local) => code.get(total).get(done).emit("i32.sub");
  const oneTile = () => {
    const whole = code.local("i32");
    remaining(high, tileRow).emit("i32.const", tileRows).emit("i32.ge_s");
    remaining(wide, tileColumn).emit("i32.const", tileColumns).emit("i32.ge_s").emit("i32.and").set(whole);
    code.get(c);
    code.get(row).get(tileRow).emit("i32.add").get(rowBytes).emit("i32.mul").emit("i32.add");
    code.get(column).get(tileColumn).emit("i32.add").emit("i32.const", 2).emit("i32.shl").emit("i32.add").set(to);
    panelAt(panelsOfA, tileRow);
    panelAt(panelsOfB, tileColumn);
    code.get(whole).if(
      () => code.get(to),
      () => panels(tileAt),
      "i32",
    );
    code
      .get(rowBytes)
      .emit("i32.const", 4 * tileColumns)
      .get(whole)
      .select();
    code.get(deep).get(inner).emit("i32.const", 0).get(whole).select().call(tile);
    code.get(whole).emit("i32.eqz");
    code.if(() => {
      panels(tileAt).get(to).get(rowBytes);
      least(code, () => remaining(high, tileRow), tileRows);
      least(code, () => remaining(wide, tileColumn), tileColumns);
      code.get(inner).call(copy);
    });
  };
  countDown(code, batch, 1, () => {
    countUp(code, column, columns, blockColumns, () => {
      least(code, () => remaining(columns, column), blockColumns).set(wide);
      countUp(code, inner, depth, blockDepth, () => {
        least(code, () => remaining(depth, inner), blockDepth).set(deep);
        element(b, bytesB, transposeB, inner, column);
        code.get(bytesB).get(transposeB).get(wide).get(deep);
        panels(panelsOfB).call(packB);
        countUp(code, row, rows, blockRows, () => {
          least(code, () => remaining(rows, row), blockRows).set(high);
          element(a, bytesA, transposeA, row, inner);
          code.get(bytesA).get(transposeA).emit("i32.eqz").get(high).get(deep);
          panels(panelsOfA).call(packA);
          countUp(code, tileColumn, wide, tileColumns, () => countUp(code, tileRow, high, tileRows, oneTile));
        });
      });
    });
    advanceBy(code, a, strideA);
    advanceBy(code, b, strideB);
    advanceBy(code, c, strideC);
  });
}

const unaligned = { align: 4 };

/** Pushes the lesser of what `value` pushes and a constant, as signed numbers. */
function least(code: FunctionBuilder, value: () => void, limit: number): FunctionBuilder {
  const kept = code.local("i32");
  value();
  code.set(kept);
  code.get(kept).emit("i32.const", limit);
  return code.get(kept).emit("i32.const", limit).emit("i32.lt_s").select();
}

/** for (index = 0; index < limit; index += step) body, with limit above 0 */
function countUp(code: FunctionBuilder, index: Local, limit: Local, step: number, body: () => void): void {
  code.emit("i32.const", 0).set(index);
  code.loop((again) => {
    body();
    advance(code, index, step);
    code.get(index).get(limit).emit("i32.lt_s").branchIf(again);
  });
}

/** while (counter >= step) { body; counter -= step } */
function countDown(code: FunctionBuilder, counter: Local, step: number, body: () => void): void {
  code.block((done) => {
    code.loop((again) => {
      code.get(counter).emit("i32.const", step).emit("i32.lt_u").branchIf(done);
      body();
      advance(code, counter, -step);
      code.branch(again);
    });
  });
}

function advance(code: FunctionBuilder, pointer: Local, bytes: number): void {
  code.get(pointer).emit("i32.const", bytes).emit("i32.add").set(pointer);
}

function advanceBy(code: FunctionBuilder, pointer: Local, bytes: Local): void {
  code.get(pointer).get(bytes).emit("i32.add").set(pointer);
}
