import Papa from "papaparse";
import { messageOf, printNumber, SoftmachineError, suggestion } from "../scheme/index.js";
import { readNumber } from "./input-values.js";
import { nameOfFile, readTextFile } from "./text-file.js";

/** Rows of inputs by column name, as a file holds them. */
export interface DataTable {
  /** How the file is called in messages. */
  readonly name: string;
  readonly format: "csv" | "jsonl";
  readonly columns: readonly string[];
  readonly rows: readonly DataRow[];
}

export interface DataRow {
  /** The line of the file where the row begins, counted from 1. */
  readonly line: number;
  readonly cells: Readonly<Record<string, unknown>>;
}

/**
 * Reads a table: CSV (commas, semicolons or tabs) with a heading line, or JSON lines with one object each. The name's ending says which; without a
 * known one, a text that begins with a brace is JSON lines.
 *
 * @throws SoftmachineError naming the file and the line at fault.
 */
export async function readDataTable(file: string): Promise<DataTable> {
  const text = await readTextFile(file);
  const name = nameOfFile(file);
  const json = /\.(jsonl|ndjson|json)$/i.test(file) || (!/\.(csv|tsv)$/i.test(file) && /^\s*\{/.test(text));
  const table = json ? readJsonLines(text, name) : readCsv(text, name, /\.tsv$/i.test(file) ? "\t" : delimiterOf(text));
  if (table.rows.length === 0) throw new SoftmachineError(`${name} has no rows`);
  return table;
}

/** A comma, or where the heading line has none, a semicolon or a tab that it has. */
function delimiterOf(text: string): string {
  const heading = text.trimStart().split("\n", 1)[0];
  return [",", ";", "\t"].find((delimiter) => heading.includes(delimiter)) ?? ",";
}

function readCsv(text: string, name: string, delimiter: string): DataTable {
  const { data, errors } = Papa.parse<string[]>(text, { delimiter });
  const broken = errors.find((error) => error.type === "Quotes");
  if (broken)
    throw new SoftmachineError(`${name}, line ${(broken.row ?? 0) + 1}: a quoted cell is not closed as it should be`);
  const rows: DataRow[] = [];
  let columns: string[] | undefined;
  let line = 1;
  for (const cells of data) {
    const start = line;
    line += 1 + cells.reduce((breaks, cell) => breaks + cell.split("\n").length - 1, 0);
    if (cells.length === 1 && cells[0].trim() === "") continue;
    if (columns === undefined) {
      columns = cells.map((cell) => cell.trim());
      checkHeading(columns, name);
    } else {
      const heading = columns;
      if (cells.length !== heading.length) {
        throw new SoftmachineError(
          `${name}, ${rowAt(rows.length, start)} has ${cells.length} cells; the heading has ${heading.length}`,
        );
      }
      rows.push({ line: start, cells: Object.fromEntries(heading.map((column, j) => [column, cells[j]])) });
    }
  }
  return { name, format: "csv", columns: columns ?? [], rows };
}

function checkHeading(columns: readonly string[], name: string): void {
  const nameless = columns.indexOf("");
  if (nameless >= 0) throw new SoftmachineError(`${name}: column ${nameless + 1} has no name in the heading line`);
  const repeated = columns.find((column, j) => columns.indexOf(column) !== j);
  if (repeated !== undefined) throw new SoftmachineError(`${name}: two columns are named "${repeated}"`);
}

function readJsonLines(text: string, name: string): DataTable {
  const rows: DataRow[] = [];
  const columns = new Set<string>();
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    let cells: unknown;
    try {
      cells = JSON.parse(line);
    } catch (error) {
      throw new SoftmachineError(`${name}, ${rowAt(rows.length, i + 1)} is not JSON: ${messageOf(error)}`);
    }
    if (!isRecord(cells)) {
      throw new SoftmachineError(`${name}, ${rowAt(rows.length, i + 1)} must be an object, as {"x": 1.5}`);
    }
    for (const column of Object.keys(cells)) columns.add(column);
    rows.push({ line: i + 1, cells });
  }
  return { name, format: "jsonl", columns: [...columns], rows };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const rowAt = (index: number, line: number) => `row ${index + 1} (line ${line})`;

/** `"data.csv", row 2 (line 3)`: how a row is named in messages. */
export const nameOfRow = (table: DataTable, index: number) => `${table.name}, ${rowAt(index, table.rows[index].line)}`;

/**
 * A column's numbers, one for each row.
 *
 * @throws SoftmachineError when there is no such column, or naming the row whose cell is empty or no number.
 */
export function numbersOf(table: DataTable, column: string): Float64Array {
  if (!table.columns.includes(column)) {
    const known = table.columns.map((name) => `"${name}"`).join(", ");
    throw new SoftmachineError(
      `missing input "${column}": ${table.name} has no such column${suggestion(column, table.columns)}; it has ${known}`,
    );
  }
  return Float64Array.from(table.rows, ({ cells }, i) => {
    const cell = Object.hasOwn(cells, column) ? cells[column] : undefined;
    const value = typeof cell === "number" ? cell : typeof cell === "string" ? readNumber(cell) : undefined;
    if (value !== undefined) return value;
    const what =
      cell === undefined ? "is missing" : cell === "" ? "is empty" : `is ${JSON.stringify(cell)}, not a number`;
    throw new SoftmachineError(`${nameOfRow(table, i)}: "${column}" ${what}`);
  });
}

/** The rows with further columns behind their own, as lines of the table's own format. */
export function* tableLines(
  table: DataTable,
  added: readonly string[],
  cellsOf: (row: number) => readonly unknown[],
  asJson: (cells: unknown) => string,
): Iterable<string> {
  const headings = [...table.columns, ...added];
  if (table.format === "csv") yield csvLine(headings);
  for (const [i, { cells }] of table.rows.entries()) {
    const values = cellsOf(i);
    if (table.format === "csv") yield csvLine([...table.columns.map((column) => cells[column]), ...values]);
    else
      yield asJson({ ...numbersWithin(cells), ...Object.fromEntries(added.map((column, j) => [column, values[j]])) });
  }
}

/** Cells of a CSV file are text: those that are numerals become numbers where the format has numbers. */
const numbersWithin = (cells: DataRow["cells"]) =>
  Object.fromEntries(
    Object.entries(cells).map(([name, cell]) => [name, typeof cell === "string" ? (readNumber(cell) ?? cell) : cell]),
  );

const csvCell = (cell: unknown) => (typeof cell === "number" ? printNumber(cell) : String(cell));
const csvLine = (cells: readonly unknown[]) => Papa.unparse([cells.map(csvCell)], { newline: "\n" });
