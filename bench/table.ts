/** A cell: text, or a number that is cut to three digits; undefined where there is nothing to say. */
export type Cell = string | number | undefined;

const text = (cell: Cell): string => {
  if (cell === undefined) return "-";
  if (typeof cell === "string") return cell;
  return cell >= 1000 ? Math.round(cell).toLocaleString("en-US") : String(Number(cell.toPrecision(3)));
};

/** Prints rows of cells as they come, under a head whose words are as wide as their columns are. */
export class Table {
  private readonly widths: readonly number[];

  constructor(head: readonly string[], widths: readonly number[]) {
    this.widths = widths;
    this.row(head);
    this.row(widths.map((width) => "-".repeat(width)));
  }

  /** Text to the left, numbers to the right. */
  row(cells: readonly Cell[]): void {
    const padded = cells.map((cell, i) =>
      typeof cell === "string" && i < 2 ? text(cell).padEnd(this.widths[i]) : text(cell).padStart(this.widths[i]),
    );
    console.log(padded.join("  ").trimEnd());
  }
}
