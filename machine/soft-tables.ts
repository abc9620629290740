/** A soft program as its kernels read it: the entries of each line and of each label that are not 0. */
import { operationCount } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { BinaryProgram } from "./binary-program.js";
import { type EncodedProgram, type EncodedSizes, isBinary, sizesOf } from "./encoded-program.js";
import { checkShape } from "./soft-arrays.js";
import { fieldBits, fieldStarts, vectorBytes } from "./soft-kernel/context.js";
import { checkFields, fieldNames, fieldWidth, type SoftMask, type SoftProgram } from "./soft-program.js";

/** Rows of entries (byte offset, weight). */
export interface SparseRows {
  /** [rows + 1]: where each row's entries begin. */
  readonly starts: Int32Array;
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

export interface ProgramTables {
  readonly lines: SparseRows;
  /** The label table's rows. */
  readonly labels: SparseRows;
  /** [|A|]: 1 for the operations that some line may execute. */
  readonly present: Int32Array;
}

/** The entries that a program's tables have at most. */
export function mostEntries(program: EncodedProgram): number {
  const sizes = sizesOf(program);
  const choices = fieldNames.reduce((sum, field) => sum + fieldWidth(field, sizes), 0);
  return program.lines * choices + sizes.labelRows * (program.labelTable === undefined ? 1 : program.lines);
}

/** @throws SoftmachineError when the program's arrays are not of its shape. */
export function programTables(program: EncodedProgram): ProgramTables {
  const sizes = sizesOf(program);
  checkTables(sizes);
  checkFields("the program's", sizes, program);
  const { lines, registers, labelRows } = sizes;
  const { labelTable, mixing = "distributions" } = program;
  const starts = fieldStarts(registers, operationCount(sizes));
  const present = new Int32Array(operationCount(sizes));
  const rows = new RowCollector(lines);
  for (let line = 0; line < lines; line++) {
    for (const field of fieldNames) {
      const width = fieldWidth(field, sizes);
      const values = program[field];
      for (let i = 0, at = line * width; i < width; i++, at++) {
        if (values[at] === 0) continue;
        rows.add((starts[field] + i) * vectorBytes, values[at]);
        if (field === "op") present[i] = 1;
      }
    }
    rows.endRow();
  }
  if (mixing === "logits") present.fill(1);
  else if (mixing !== "distributions")
    throw new SoftmachineError(`mixing must be "distributions" or "logits", not ${JSON.stringify(mixing)}`);
  const named = isBinary(program) ? labelledLines(program) : labelledValues(program);
  if (labelTable !== undefined) checkShape("the label table", labelTable, [labelRows, lines]);
  const labels = new RowCollector(labelRows);
  for (let row = 0; row < labelRows; row++) {
    if (labelTable === undefined) labels.add(named[row] * vectorBytes, 1);
    else {
      for (let line = 0; line < lines; line++) {
        const weight = labelTable[row * lines + line];
        if (weight !== 0) labels.add(line * vectorBytes, weight);
      }
    }
    labels.endRow();
  }
  return { lines: rows.finish(), labels: labels.finish(), present };
}

/** The line that each value names; where a table says it, what it says is not looked at. */
function labelledValues({ n, lines, labels, labelTable }: SoftProgram): Int32Array {
  if (labelTable !== undefined) return labels;
  checkShape("the labels", labels, [n]);
  for (const [value, line] of labels.entries()) checkLabel(value, line, lines);
  return labels;
}

/** The lines that the values in the list of labels name. */
function labelledLines({ bits, lines, labels }: BinaryProgram): Int32Array {
  for (const [value, line] of labels) {
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits)
      throw new SoftmachineError(`label ${value} is not a value of ${bits} bits`);
    checkLabel(value, line, lines);
  }
  return Int32Array.from(labels.values());
}

function checkLabel(value: number, line: number, lines: number): void {
  if (Number.isInteger(line) && line >= 0 && line < lines) return;
  throw new SoftmachineError(`label ${value} names line ${line} of ${lines} lines`);
}

/** @throws SoftmachineError for an operation's table that is not [n] or [n, n], or holds a value that is not of 0..n-1. */
function checkTables({ encoding, n: width, tables = [] }: EncodedSizes): void {
  const n = encoding === "unit" ? width : 2 ** width;
  for (const { name, operands, values } of tables) {
    checkShape(`the table of ${name}`, values, operands === 1 ? [n] : [n, n]);
    const stray = values.find((value) => value >= n);
    if (stray !== undefined) throw new SoftmachineError(`the table of ${name} holds ${stray}; n = ${n}`);
  }
}

class RowCollector {
  private offsets = new Int32Array(256);
  private weights = new Float64Array(256);
  private count = 0;
  private row = 0;
  private readonly starts: Int32Array;

  constructor(rows: number) {
    this.starts = new Int32Array(rows + 1);
  }

  add(offset: number, weight: number): void {
    if (this.count === this.offsets.length) this.grow();
    this.offsets[this.count] = offset;
    this.weights[this.count++] = weight;
  }

  endRow(): void {
    this.starts[++this.row] = this.count;
  }

  finish(): SparseRows {
    const { starts, offsets, weights, count } = this;
    return { starts, offsets: offsets.subarray(0, count), weights: weights.subarray(0, count) };
  }

  private grow(): void {
    const [offsets, weights] = [new Int32Array(2 * this.count), new Float64Array(2 * this.count)];
    offsets.set(this.offsets);
    weights.set(this.weights);
    this.offsets = offsets;
    this.weights = weights;
  }
}

/** [lines]: the fields of each line that are trained, a bit each. */
export function trainedBits(program: Pick<SoftProgram, "lines">, trained: boolean | SoftMask): Int32Array {
  const { lines } = program;
  const bits = new Int32Array(lines);
  for (const field of fieldNames) {
    const mask = typeof trained === "boolean" ? trained : trained[field];
    if (typeof mask === "object") checkShape(`the mask of "${field}"`, mask, [lines]);
    for (let line = 0; line < lines; line++) {
      if (typeof mask === "object" ? mask[line] : mask) bits[line] |= fieldBits[field];
    }
  }
  return bits;
}
