/** Four f32 lanes as twice two f64 lanes, and back. */
import type { FunctionBuilder } from "../function-builder.js";
import type { Lanes, Value } from "../lanes.js";

const firstHalves = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const secondHalf = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

/** Lanes 0 and 1. */
export function widenLow({ code }: Lanes, x: Value): Value {
  return () => {
    x();
    code.emit("f64x2.promote_low_f32x4");
  };
}

/** Lanes 2 and 3. */
export function widenHigh({ code }: Lanes, x: Value): Value {
  return () => {
    x();
    x();
    code.emit("i8x16.shuffle", secondHalf).emit("f64x2.promote_low_f32x4");
  };
}

/** Each lane rounded to f32. */
export function narrow(code: FunctionBuilder, low: Value, high: Value): Value {
  return () => {
    low();
    code.emit("f32x4.demote_f64x2_zero");
    high();
    code.emit("f32x4.demote_f64x2_zero").emit("i8x16.shuffle", firstHalves);
  };
}
