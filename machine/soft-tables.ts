/** A soft program as its kernels read it: the entries of each line and of each label that are not 0. */
import { operationCount } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
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
  readonly labels: SparseRows;
  /** [|A|]: 1 for the operations that some line may execute. */
  readonly present: Int32Array;
}

/** The entries that a program's tables have at most. */
export function mostEntries(program: SoftProgram): number {
  const choices = fieldNames.reduce((sum, field) => sum + fieldWidth(field, program), 0);
  return program.lines * choices + program.n * (program.labelTable === undefined ? 1 : program.lines);
}

/** @throws SoftmachineError when the program's arrays are not of its shape. */
export function programTables(program: SoftProgram): ProgramTables {
  checkFields("the program's", program, program);
  const { n, lines, registers, labels, labelTable, mixing = "distributions" } = program;
  const starts = fieldStarts(registers, operationCount(program));
  const present = new Int32Array(operationCount(program));
  const rows = new RowCollector(lines);
  for (let line = 0; line < lines; line++) {
    for (const field of fieldNames) {
      const width = fieldWidth(field, program);
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
  if (labelTable !== undefined) checkShape("the label table", labelTable, [n, lines]);
  else checkLabels(labels, n, lines);
  const labelRows = new RowCollector(n);
  for (let value = 0; value < n; value++) {
    if (labelTable === undefined) labelRows.add(labels[value] * vectorBytes, 1);
    else {
      for (let line = 0; line < lines; line++) {
        const weight = labelTable[value * lines + line];
        if (weight !== 0) labelRows.add(line * vectorBytes, weight);
      }
    }
    labelRows.endRow();
  }
  return { lines: rows.finish(), labels: labelRows.finish(), present };
}

function checkLabels(labels: Int32Array, n: number, lines: number): void {
  checkShape("the labels", labels, [n]);
  const stray = labels.findIndex((line) => line < 0 || line >= lines);
  if (stray >= 0) throw new SoftmachineError(`label ${stray} names line ${labels[stray]} of ${lines} lines`);
}

/** @throws SoftmachineError for an operation's table that is not [n] or [n, n], or holds a value that is not of 0..n-1. */
export function checkTables({ n, tables = [] }: Pick<SoftProgram, "n" | "tables">): void {
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
