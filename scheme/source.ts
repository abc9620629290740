/** A stretch of a source's text: offsets in UTF-16 units, `end` excluded. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A program's text with its name, for positions in messages. */
export class Source {
  readonly text: string;
  /** A file's path, or a name such as `<expression>`. */
  readonly name: string;
  private lineStarts: number[] | undefined;

  constructor(text: string, name = "<program>") {
    this.text = text;
    this.name = name;
  }

  /** The text that a span is from, and where it stands there: this one, unless it is of several. */
  origin(span: Span): { readonly source: Source; readonly span: Span } {
    return { source: this, span };
  }

  /** Line and column of an offset, both counted from 1. */
  position(offset: number): { line: number; column: number } {
    const starts = this.starts();
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] + 1 };
  }

  /** `line:column` of a span's start. */
  at(span: Span): string {
    const { line, column } = this.position(span.start);
    return `${line}:${column}`;
  }

  /** The text of a line, counted from 1. */
  line(number: number): string {
    const starts = this.starts();
    return this.text.slice(starts[number - 1] ?? this.text.length, starts[number]).replace(/[\r\n]+$/, "");
  }

  private starts(): number[] {
    if (this.lineStarts === undefined) {
      this.lineStarts = [0];
      for (const { 0: end, index } of this.text.matchAll(/\r\n?|\n/g)) this.lineStarts.push(index + end.length);
    }
    return this.lineStarts;
  }
}

/** Texts one after another; a place is named as in the text that it is from. */
export class JoinedSource extends Source {
  /** Where each text begins. */
  readonly offsets: readonly number[];
  private readonly parts: readonly Source[];

  /** @param name by default those of the texts. */
  constructor(parts: readonly Source[], name = [...new Set(parts.map((part) => part.name))].join(" + ")) {
    super(parts.map(({ text }) => text).join("\n"), name);
    this.parts = parts;
    let offset = 0;
    this.offsets = parts.map(({ text }) => {
      const own = offset;
      offset += text.length + 1;
      return own;
    });
  }

  override origin({ start, end }: Span): { readonly source: Source; readonly span: Span } {
    const i = this.offsets.findLastIndex((offset) => offset <= start);
    return this.parts[i].origin({ start: start - this.offsets[i], end: end - this.offsets[i] });
  }

  override at(span: Span): string {
    const { source, span: own } = this.origin(span);
    return `${source.name}:${source.at(own)}`;
  }
}

const widest = 100;

/** The source line of a span, cut to a readable width, and a line of carets under the span. */
export function caret(source: Source, span: Span): string {
  const { line, column } = source.position(span.start);
  const text = source.line(line).replace(/\p{Cc}/gu, " ");
  const from = Math.max(0, Math.min(column - 1 - widest / 2, text.length - widest));
  const shown = text.slice(from, from + widest);
  const before = from > 0 ? "…" : "";
  const after = from + widest < text.length ? "…" : "";
  const offset = column - 1 - from;
  const length = Math.max(1, Math.min(span.end - span.start, shown.length - offset));
  return `  ${before}${shown}${after}\n  ${" ".repeat(before.length + offset)}${"^".repeat(length)}`;
}
