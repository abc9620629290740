/** A cell of a table: text, or a number, which is set flush right. */
export type Cell = string | number | undefined;

/**
 * Rows as text in aligned columns, a heading first. Columns that hold only numbers are flush right.
 *
 * @param rows as long as `headings` each; `undefined` is an empty cell.
 */
export function textTable(headings: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map((cell) => (cell === undefined ? "" : String(cell))));
  const widths = headings.map((heading, j) =>
    texts.reduce((width, row) => Math.max(width, lengthOf(row[j])), lengthOf(heading)),
  );
  const right = headings.map((_, j) => rows.length > 0 && rows.every((row) => typeof (row[j] ?? 0) === "number"));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, j) => {
        const space = " ".repeat(widths[j] - lengthOf(cell));
        return right[j] ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return [line(headings), line(widths.map((width) => "-".repeat(width))), ...texts.map(line)].join("\n");
}

const lengthOf = (text: string) => [...text].length;
