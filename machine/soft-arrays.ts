import { SoftmachineError, sizeOf } from "../scheme/index.js";

/** The most numbers that one array of a soft run may hold: 2 GiB of them. */
const mostNumbers = 2 ** 28;

/**
 * Zeros of a shape.
 *
 * @param what names them in the message, in the plural.
 * @throws SoftmachineError when there would be too many of them to hold.
 */
export function zeros(what: string, shape: readonly number[]): Float64Array {
  const size = sizeOf(shape);
  if (size <= mostNumbers) return new Float64Array(size);
  throw new SoftmachineError(
    `${what} [${shape.join(", ")}] are ${size.toLocaleString("en-US")} numbers, more than the ${mostNumbers.toLocaleString("en-US")} that a soft run may hold; take a smaller n, memory or batch`,
  );
}

/** Checks that a flat array has a shape. */
export function checkShape(what: string, array: ArrayLike<unknown>, shape: readonly number[]): void {
  if (array.length === sizeOf(shape)) return;
  throw new SoftmachineError(`${what} must be [${shape.join(", ")}]; got ${array.length} numbers`);
}
