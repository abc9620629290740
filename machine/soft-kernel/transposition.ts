/** Groups of machines in and out of arrays that hold one machine after the other. */
import type { FunctionReference, Local } from "../../kernel/index.js";
import { laneCounts, vectorBytes } from "./context.js";
import type { Emitter, KernelModule } from "./emitter.js";

/** (row, …, to, count): the arrays of as many machines as there are lanes become one of vectors. */
export function definePack(kernels: KernelModule): FunctionReference {
  return kernels.define("pack", parameterTypes(kernels), (k, ...parameters) => {
    const lanes = laneCounts[k.type];
    const [rows, [to, count]] = [parameters.slice(0, lanes), parameters.slice(lanes)];
    const square = rows.map(() => k.vector());
    k.repeat(count, lanes, [...steps(rows, vectorBytes), [to, lanes * vectorBytes]], (_, time) => {
      if (time > 0) return;
      rows.forEach((row, lane) => {
        k.set(square[lane], k.load(row));
      });
      transpose(k, square).forEach((column, i) => {
        k.store(to, column, i * vectorBytes);
      });
    });
    const value = k.vector();
    k.repeat(count, 1, [...steps(rows, vectorBytes / lanes), to], () => {
      rows.forEach((row, lane) => {
        k.code.get(value).get(row);
        if (k.type === "f32x4") k.code.emit("f32.load").emit("f32x4.replace_lane", lane);
        else k.code.emit("f64.load").emit("f64x2.replace_lane", lane);
        k.code.set(value);
      });
      k.store(to, value);
    });
  });
}

/**
 * (from, count, row, …): the way back. The first lanes are written last: a lane without a machine of its own may be given
 * the array of one before it.
 */
export function defineUnpack(kernels: KernelModule): FunctionReference {
  return kernels.define("unpack", parameterTypes(kernels), (k, from, count, ...rows) => {
    const lanes = laneCounts[k.type];
    const square = rows.map(() => k.vector());
    k.repeat(count, lanes, [...steps(rows, vectorBytes), [from, lanes * vectorBytes]], (_, time) => {
      if (time > 0) return;
      square.forEach((column, i) => {
        k.set(column, k.load(from, i * vectorBytes));
      });
      const results = transpose(k, square);
      for (let lane = lanes - 1; lane >= 0; lane--) k.store(rows[lane], results[lane]);
    });
    const value = k.vector();
    k.repeat(count, 1, [...steps(rows, vectorBytes / lanes), from], () => {
      k.set(value, k.load(from));
      for (let lane = lanes - 1; lane >= 0; lane--) {
        k.code.get(rows[lane]).get(value);
        if (k.type === "f32x4") k.code.emit("f32x4.extract_lane", lane).emit("f32.store");
        else k.code.emit("f64x2.extract_lane", lane).emit("f64.store");
      }
    });
  });
}

const parameterTypes = ({ type }: KernelModule) => Array.from({ length: laneCounts[type] + 2 }, () => "i32" as const);

const steps = (rows: readonly Local[], bytes: number) => rows.map((row) => [row, bytes] as const);

/** The columns of a square of as many vectors as there are lanes. */
function transpose(k: Emitter, square: readonly Local[]): Local[] {
  const shuffle = (x: Local, y: Local, ...lanes: readonly number[]): Local => {
    const size = vectorBytes / lanes.length;
    const bytes = lanes.flatMap((lane) => Array.from({ length: size }, (_, i) => lane * size + i));
    return k.vector(() => k.code.get(x).get(y).emit("i8x16.shuffle", bytes));
  };
  const [a, b, c, d] = square;
  if (k.type === "f64x2") return [shuffle(a, b, 0, 2), shuffle(a, b, 1, 3)];
  const [low, high] = [shuffle(a, b, 0, 4, 1, 5), shuffle(c, d, 0, 4, 1, 5)];
  const [lowRest, highRest] = [shuffle(a, b, 2, 6, 3, 7), shuffle(c, d, 2, 6, 3, 7)];
  return [
    shuffle(low, high, 0, 1, 4, 5),
    shuffle(low, high, 2, 3, 6, 7),
    shuffle(lowRest, highRest, 0, 1, 4, 5),
    shuffle(lowRest, highRest, 2, 3, 6, 7),
  ];
}
