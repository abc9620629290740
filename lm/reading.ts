/** What a model reads in texts, out of the arrays that it computes for a batch of them. */
import type { Batch } from "./batch.js";
import type { CallTable } from "./tabulated-call.js";

/** A call that a model reads in a text, as probabilities. */
export interface CallReading {
  /** P(program), in the order of the table's programs. */
  readonly choice: Float32Array;
  /** For each operand slot P(value). */
  readonly operands: readonly Float32Array[];
  /** For each operand slot of a second call, how much of it is the first one's result. */
  readonly fromResult?: Float32Array;
  /** Where numbers are read by digits: those of the text, and for each operand slot P(number), in their order. */
  readonly pointed?: { readonly numbers: readonly string[]; readonly pointers: readonly Float32Array[] };
  /** The share of this call's result in the answer. */
  readonly weight: number;
}

/** What a model says of one text. */
export interface Reading {
  /** The calls read in it, first to last; none where the model uses no library. */
  readonly calls: readonly CallReading[];
  /** P(y) for every y: the soft answer. */
  readonly answers: ArrayLike<number>;
}

/** One call's arrays for a batch: [size, programs], [size, slots, n], [size, slots, length], of a second call [size, slots]. */
export interface CallArrays {
  readonly choice: Float32Array;
  readonly operands: Float32Array;
  readonly pointer: Float32Array;
  readonly fromResult?: Float32Array;
  /** P(y), [size, n], where the table does not tell it. */
  readonly answers?: Float32Array;
}

/**
 * The reading of the text in row `i` of a batch.
 *
 * @param first the share of the first call's result in the answer
 */
export function readingOf(
  table: CallTable,
  batch: Batch,
  calls: readonly CallArrays[],
  i: number,
  first: number,
): Reading {
  const { slots, n, programs } = table;
  const answers = new Float64Array(n);
  const readings = calls.map(({ choice, operands, pointer, fromResult, answers: known }, call): CallReading => {
    const weight = call === 0 ? first : 1 - first;
    const own =
      known?.subarray(i * n, (i + 1) * n) ?? table.answers(choice, operands, i * programs.length, i * slots * n);
    own.forEach((p, y) => {
      answers[y] += weight * p;
    });
    return {
      choice: choice.slice(i * programs.length, (i + 1) * programs.length),
      operands: Array.from({ length: slots }, (_, slot) =>
        operands.slice((i * slots + slot) * n, (i * slots + slot + 1) * n),
      ),
      ...(fromResult === undefined ? {} : { fromResult: fromResult.slice(i * slots, (i + 1) * slots) }),
      ...(batch.numbers === undefined ? {} : { pointed: pointedAt(batch, batch.numbers, pointer, i, slots) }),
      weight,
    };
  });
  return { calls: readings, answers };
}

/** What the slots of text `i` point at: its numbers, and the pointers' weights at their places. */
function pointedAt(batch: Batch, numbers: readonly string[], pointer: Float32Array, i: number, slots: number) {
  const rows = batch.numeralRows.subarray(i * batch.length, (i + 1) * batch.length);
  const places = Array.from(rows.keys()).filter((place) => rows[place] >= 0);
  return {
    numbers: places.map((place) => numbers[rows[place]]),
    pointers: Array.from({ length: slots }, (_, slot) =>
      Float32Array.from(places, (place) => pointer[(i * slots + slot) * batch.length + place]),
    ),
  };
}
