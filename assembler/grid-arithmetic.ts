import { printNumber } from "../scheme/index.js";
import { type Grid, isOnGrid, lastPoint, nearestOnGrid, operandsOfOperation, wholeAt } from "./grid.js";
import type { Arithmetic } from "./primitive-lowering.js";
import { constantOf } from "./virtual-code.js";

/** Real numbers on a grid: each operation is a table. 0 is false there too, as the point nearest to it. */
export function gridArithmetic(grid: Grid): Arithmetic {
  const zero = isOnGrid(grid, 0) ? nearestOnGrid(grid, 0) : undefined;
  return {
    constant(value) {
      if (isOnGrid(grid, value)) return nearestOnGrid(grid, value);
      const range = `${printNumber(grid.lo)} to ${printNumber(lastPoint(grid))}`;
      return { fault: `${printNumber(value)} is outside the grid, which goes from ${range}` };
    },
    lowering(op) {
      const operation = `grid.${op}` as const;
      const operands = operandsOfOperation(operation);
      return (e, [a, b], out) => {
        if (operands === 1) e.emit(operation, out, e.register(a));
        else e.emit(operation, out, e.register(a), e.register(b));
      };
    },
    whole: (constant) => wholeAt(grid, constant),
    index(e, value) {
      const index = e.temporary();
      e.emit("grid.index", index, value);
      return index;
    },
    isTrue: (constant) => constant !== zero,
    falsehood(e, value) {
      if (zero === undefined) return undefined;
      if (zero === 0) return { register: value, is: 0 };
      const flag = e.temporary();
      e.emit("eq", flag, value, e.register(constantOf(zero)));
      return { register: flag, is: 1 };
    },
  };
}
