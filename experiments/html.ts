/** HTML put together from text that is escaped unless it is HTML already. */
import { cleanText } from "./svg.js";

/** Markup, as opposed to text. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

/** What may stand in a template: text and numbers are escaped; lists are joined; nothing and `false` leave no trace. */
export type HtmlPart = string | number | Html | readonly HtmlPart[] | undefined | false;

/** A template whose holes are escaped, in text and in double-quoted attributes alike. */
export function html(strings: TemplateStringsArray, ...parts: HtmlPart[]): Html {
  return new Html(strings.reduce((text, string, i) => text + markupOf(parts[i - 1]) + string));
}

function markupOf(part: HtmlPart): string {
  if (part === undefined || part === false) return "";
  if (part instanceof Html) return part.markup;
  if (typeof part === "string" || typeof part === "number") return escapeHtml(String(part));
  return part.map(markupOf).join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return cleanText(text).replace(/[&<>"']/g, (symbol) => entities[symbol]);
}

/** A column of a table: its heading, and what its cells hold. Numbers stand to the right; prose gets room. */
export interface Column {
  heading: string;
  holds?: "numbers" | "prose";
}

/** A cell that reaches over several columns. */
export interface WideCell {
  columns: number;
  cell: HtmlPart;
}

/** A table that scrolls sideways by itself where the page is too narrow for it. */
export function table(columns: readonly Column[], rows: readonly (readonly (HtmlPart | WideCell)[])[]): Html {
  const classOf = (column: Column | undefined): HtmlPart => {
    return column?.holds !== undefined && html` class="${column.holds}"`;
  };
  const head = columns.map((column) => html`<th scope="col"${classOf(column)}>${column.heading}</th>`);
  const body = rows.map((cells) => {
    const written = cells.map((cell, i) =>
      isWide(cell)
        ? html`<td class="prose" colspan="${cell.columns}">${cell.cell}</td>`
        : html`<td${classOf(columns[i])}>${cell}</td>`,
    );
    return html`<tr>${written}</tr>
`;
  });
  return html`<div class="scroll"><table><thead><tr>${head}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

function isWide(cell: HtmlPart | WideCell): cell is WideCell {
  return typeof cell === "object" && "columns" in cell;
}
