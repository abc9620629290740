import { SoftmachineError, Source, SourceError, type Span, suggestion } from "../scheme/index.js";
import {
  type ArrayCells,
  type ArrayOperand,
  type Assembly,
  type AssemblyInstruction,
  type DataDirective,
  type Immediate,
  mostRegisters,
  registerPattern,
  symbolPattern,
} from "./assembly.js";
import { type Grid, gridOf, isGridOperation } from "./grid.js";
import { type Field, fieldsOf, isMnemonic, mnemonics } from "./instructions.js";

interface Token {
  readonly text: string;
  readonly span: Span;
}

const directives = [
  ".program",
  ".operands",
  ".grid",
  ".array",
  ".result",
  ".reserve",
  ".stack",
  ".entry",
  ".functions",
  ".data",
] as const;
type Directive = (typeof directives)[number];

const isDirective = (word: string): word is Directive => directives.some((directive) => directive === word);

/** Directives that a program may give more than once. */
const repeatable: readonly Directive[] = [".data", ".array"];

/** A message that quotes a longer word of the text is cut. */
const longestMessage = 300;

/**
 * Reads assembly text: `;` comments, `label:` lines, one instruction a line with its fields in the order of the
 * instruction table, registers `r0`, immediates `#5` or `@label`, and the directives `.program name`,
 * `.operands a b` (a is in r0, b in r1), `.grid values first step`, `.array name address size …` (an operand in memory, a
 * matrix with two sizes), `.result address size …` (the result is there), `.reserve cells`, `.stack r7`, `.entry label`,
 * `.functions label …` and `.data address value …`. A comment behind an instruction is kept with it; a comment on a line of
 * its own is not.
 *
 * @throws SourceError what is wrong, with line, column and a caret.
 */
export function parseAssembly(text: string, name = "<assembly>"): Assembly {
  return new Parser(new Source(text, name)).parse();
}

class Parser {
  private readonly source: Source;
  private name = "main";
  private operands: string[] = [];
  private readonly operandNames = new Set<string>();
  private readonly arrays: ArrayOperand[] = [];
  private grid: Grid | undefined;
  private result: ArrayCells | undefined;
  private reserved: number | undefined;
  private stackPointer: number | undefined;
  private entry: Token | undefined;
  private functions: readonly Token[] = [];
  private readonly data: DataDirective[] = [];
  private readonly labels = new Map<string, number>();
  private readonly labelSpans = new Map<string, Span>();
  private readonly instructions: AssemblyInstruction[] = [];
  private readonly references: Token[] = [];
  private onGrid: Token | undefined;
  private readonly seen = new Set<string>();

  constructor(source: Source) {
    this.source = source;
  }

  parse(): Assembly {
    const { text } = this.source;
    let start = 0;
    for (const { 0: lineBreak, index } of text.matchAll(/\r\n?|\n/g)) {
      this.line(start, text.slice(start, index));
      start = index + lineBreak.length;
    }
    this.line(start, text.slice(start));
    if (this.instructions.length === 0) {
      this.fail("a program needs at least one instruction", { start: 0, end: 1 });
    }
    if (this.onGrid !== undefined && this.grid === undefined) {
      this.fail(`"${this.onGrid.text}" needs a grid: .grid values first step`, this.onGrid.span);
    }
    for (const [label, line] of this.labels) {
      const span = this.labelSpans.get(label);
      if (line >= this.instructions.length && span !== undefined) {
        this.fail(`the label "${label}" names no line: no instruction follows it`, span);
      }
    }
    for (const { text: label, span } of this.references) {
      if (!this.labels.has(label)) {
        this.fail(`no label "${label}"${suggestion(label, this.labels.keys())}`, span);
      }
    }
    return {
      name: this.name,
      operands: this.operands,
      ...(this.grid === undefined ? {} : { grid: this.grid }),
      ...(this.arrays.length === 0 ? {} : { arrays: this.arrays }),
      ...(this.result === undefined ? {} : { result: this.result }),
      ...(this.reserved === undefined ? {} : { reserved: this.reserved }),
      ...(this.entry === undefined ? {} : { entry: this.entry.text }),
      ...(this.functions.length === 0 ? {} : { functions: this.functions.map(({ text }) => text) }),
      ...(this.stackPointer === undefined ? {} : { stackPointer: this.stackPointer }),
      data: this.data,
      labels: this.labels,
      instructions: this.instructions,
    };
  }

  private fail(what: string, span: Span): never {
    throw new SourceError(what.length > longestMessage ? `${what.slice(0, longestMessage)}…` : what, this.source, span);
  }

  private line(start: number, text: string): void {
    const semicolon = text.indexOf(";");
    const comment = semicolon < 0 ? "" : text.slice(semicolon + 1).trim();
    const tokens = tokenize(start, semicolon < 0 ? text : text.slice(0, semicolon));
    const first = tokens.findIndex((token) => !token.text.endsWith(":"));
    for (const token of first < 0 ? tokens : tokens.slice(0, first)) this.label(token);
    if (first < 0) return;
    const [head, args] = [tokens[first], tokens.slice(first + 1)];
    if (head.text.startsWith(".")) this.directive(head, args);
    else this.instruction(head, args, comment);
  }

  private label(token: Token): void {
    const label = token.text.slice(0, -1);
    this.symbol({ text: label, span: token.span }, "a label");
    if (this.labels.has(label)) this.fail(`the label "${label}" is defined twice`, token.span);
    this.labels.set(label, this.instructions.length);
    this.labelSpans.set(label, token.span);
  }

  private symbol(token: Token, what: string): string {
    if (!symbolPattern.test(token.text)) this.fail(`"${token.text}" can't be ${what}'s name`, token.span);
    return token.text;
  }

  private directive(head: Token, args: Token[]): void {
    const { text: directive } = head;
    if (!isDirective(directive)) {
      this.fail(`no directive "${directive}"${suggestion(directive, directives)}`, head.span);
    }
    if (!repeatable.includes(directive)) {
      if (this.seen.has(directive)) this.fail(`${directive} is given twice`, head.span);
      this.seen.add(directive);
    }
    switch (directive) {
      case ".program":
        this.name = this.symbol(this.only(head, args, "the program's name"), "a program");
        break;
      case ".operands":
        this.operands = args.map((token) => this.operand(token));
        break;
      case ".grid": {
        const [n, lo, step, ...more] = args.map((token) => this.number(token));
        if (step === undefined || more.length > 0) {
          this.fail(".grid needs a number of values, the first point and the step", head.span);
        }
        this.grid = this.checked(() => gridOf({ n, lo, step }), head.span);
        break;
      }
      case ".array": {
        const [name, ...cells] = args;
        if (name === undefined) this.fail(".array needs a name, an address and one or two sizes", head.span);
        this.arrays.push({ name: this.operand(name), ...this.cells(head, cells) });
        break;
      }
      case ".result":
        this.result = this.cells(head, args);
        break;
      case ".reserve":
        this.reserved = this.natural(this.only(head, args, "a number of cells"), "a number of cells");
        break;
      case ".stack":
        this.stackPointer = this.register(this.only(head, args, "a register"));
        break;
      case ".entry":
        this.entry = this.only(head, args, "a label");
        this.references.push(this.entry);
        break;
      case ".functions":
        if (args.length === 0) this.fail(".functions needs at least one label", head.span);
        this.functions = args;
        for (const label of args) this.references.push(label);
        break;
      case ".data": {
        if (args.length < 2) this.fail(".data needs an address and at least one value", head.span);
        const [address, ...values] = args;
        this.data.push({
          address: this.natural(address, "an address"),
          values: values.map((token) => this.integer(token)),
        });
      }
    }
  }

  private operand({ text, span }: Token): string {
    if (this.operandNames.has(text)) this.fail(`two operands are named "${text}"`, span);
    this.operandNames.add(text);
    return text;
  }

  /** An address and the sizes of a vector or a matrix. */
  private cells(head: Token, args: readonly Token[]): ArrayCells {
    if (args.length < 2 || args.length > 3) this.fail(`${head.text} needs an address and one or two sizes`, head.span);
    const [address, ...sizes] = args;
    const shape = sizes.map((token) => {
      const size = this.integer(token);
      return size > 0 ? size : this.fail("an array has at least one element", token.span);
    });
    return { address: this.natural(address, "an address"), shape };
  }

  private natural(token: Token, what: string): number {
    const value = this.integer(token);
    return value >= 0 ? value : this.fail(`${what} can't be negative`, token.span);
  }

  private only(head: Token, args: Token[], what: string): Token {
    if (args.length !== 1) this.fail(`${head.text} needs ${what}, and nothing more`, head.span);
    return args[0];
  }

  private instruction(head: Token, args: Token[], comment: string): void {
    const op = head.text;
    if (!isMnemonic(op) && !isGridOperation(op)) {
      this.fail(`no instruction "${op}"${suggestion(op, mnemonics)}`, head.span);
    }
    if (isGridOperation(op)) this.onGrid ??= head;
    const fields = fieldsOf(op);
    if (args.length !== fields.length) {
      const shape = fields.length === 0 ? "nothing" : fields.join(", ");
      this.fail(`${op} takes ${shape}; ${args.length} given`, head.span);
    }
    const registers = { a: 0, b: 0, out: 0 };
    let k: Immediate = 0;
    fields.forEach((field: Field, i) => {
      if (field === "k") k = this.immediate(args[i]);
      else registers[field] = this.register(args[i]);
    });
    this.instructions.push({ op, ...registers, k, ...(comment === "" ? {} : { comment }) });
  }

  private register(token: Token): number {
    const match = registerPattern.exec(token.text);
    if (match === null) this.fail(`"${token.text}" is not a register (r0, r1, …)`, token.span);
    const register = Number(match[1]);
    if (register >= mostRegisters)
      this.fail(`no register ${token.text}: r${mostRegisters - 1} is the last`, token.span);
    return register;
  }

  private immediate(token: Token): Immediate {
    if (token.text.startsWith("@")) {
      const label = token.text.slice(1);
      this.references.push({ text: label, span: token.span });
      return { label };
    }
    if (!token.text.startsWith("#")) this.fail(`"${token.text}" is not an immediate (#5 or @label)`, token.span);
    return this.integer({ text: token.text.slice(1), span: token.span });
  }

  private number(token: Token): number {
    const value = Number(token.text);
    return Number.isFinite(value) ? value : this.fail(`"${token.text}" is not a number`, token.span);
  }

  /** What a check says, with its place in the text. */
  private checked<T>(check: () => T, span: Span): T {
    try {
      return check();
    } catch (error) {
      if (!(error instanceof SoftmachineError)) throw error;
      return this.fail(error.message, span);
    }
  }

  private integer(token: Token): number {
    const value = Number(token.text);
    if (!/^-?[0-9]+$/.test(token.text) || !Number.isSafeInteger(value)) {
      this.fail(`"${token.text}" is not an integer`, token.span);
    }
    return value === 0 ? 0 : value;
  }
}

function tokenize(start: number, text: string): Token[] {
  const tokens: Token[] = [];
  for (const match of text.matchAll(/[^\s,]+/g)) {
    const from = start + match.index;
    tokens.push({ text: match[0], span: { start: from, end: from + match[0].length } });
  }
  return tokens;
}
