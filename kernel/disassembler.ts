/** A WebAssembly module as text, written from its bytes ("WebAssembly Core Specification" 2.0, 2022, section 6). */
import type { FunctionType } from "./function-builder.js";
import type { ReadInstruction } from "./instruction-reader.js";
import type { StructuralName } from "./instructions.js";
import type { MemoryLimits } from "./module-builder.js";
import { type ImportDescription, type ModuleContents, readModule } from "./module-reader.js";

const quoted = (text: string) =>
  `"${text.replace(/[\p{Cc}"\\]/gu, (letter) => `\\u{${letter.charCodeAt(0).toString(16)}}`)}"`;

/** An identifier made of a name: letters, digits and signs that the format allows, and no other's. */
function identifier(name: string, taken: Set<string>): string {
  const allowed = `$${name.replace(/[^\w!#$%&'*+\-./:<=>?@\\^`|~]/g, "_")}`;
  let unique = allowed === "$" ? "$_" : allowed;
  for (let count = 2; taken.has(unique); count++) unique = `${allowed}.${count}`;
  taken.add(unique);
  return unique;
}

/** Identifiers by index, for what has a name. */
function identifiers(names: ReadonlyMap<number, string>): ReadonlyMap<number, string> {
  const taken = new Set<string>();
  return new Map([...names].map(([index, name]) => [index, identifier(name, taken)]));
}

/** An identifier where there is one, else the index, in a comment where the format wants none. */
const reference = (names: ReadonlyMap<number, string>, index: number) => names.get(index) ?? String(index);
const definition = (names: ReadonlyMap<number, string>, index: number) => names.get(index) ?? `(;${index};)`;

const clause = (head: string, items: readonly string[]) => (items.length > 0 ? ` (${head} ${items.join(" ")})` : "");

function limitsText({ minimum = 0, maximum, shared }: MemoryLimits): string {
  return [minimum, maximum, shared ? "shared" : undefined].filter((part) => part !== undefined).join(" ");
}

class ModuleText {
  private readonly contents: ModuleContents;
  private readonly functionIds: ReadonlyMap<number, string>;
  private readonly lines: string[] = [];
  private indent = 1;

  constructor(contents: ModuleContents) {
    this.contents = contents;
    this.functionIds = identifiers(contents.functionNames);
  }

  text(): string {
    const { types, imports, functions, memories, globals, exports, bodies } = this.contents;
    for (const [i, { parameters, results }] of types.entries())
      this.line(`(type (;${i};) (func${clause("param", parameters)}${clause("result", results)}))`);
    let functionIndex = 0;
    let memoryIndex = 0;
    for (const { module, name, description } of imports) {
      const what = this.importText(description, () => ("type" in description ? functionIndex++ : memoryIndex++));
      this.line(`(import ${quoted(module)} ${quoted(name)} (${what}))`);
    }
    for (const limits of memories) this.line(`(memory (;${memoryIndex++};) ${limitsText(limits)})`);
    for (const [i, { type, code }] of globals.entries())
      this.line(`(global (;${i};) ${type} (${code.map(flat).join(" ")}))`);
    for (const { name, kind, index } of exports) {
      const what = kind === "memory" ? `memory ${index}` : `func ${reference(this.functionIds, index)}`;
      this.line(`(export ${quoted(name)} (${what}))`);
    }
    for (const [i, type] of functions.entries()) this.function(functionIndex + i, type, bodies[i]);
    return ["(module", ...this.lines, ")"].join("\n");
  }

  private line(text: string): void {
    this.lines.push("  ".repeat(this.indent) + text);
  }

  private importText(description: ImportDescription, index: () => number): string {
    if ("memory" in description) return `memory (;${index()};) ${limitsText(description.memory)}`;
    return `func ${definition(this.functionIds, index())} (type ${description.type})`;
  }

  private function(index: number, type: number, { locals, code }: ModuleContents["bodies"][number]): void {
    const signature: FunctionType = this.contents.types[type];
    const names = identifiers(this.contents.localNames.get(index) ?? new Map());
    const count = signature.parameters.length;
    const parameters = signature.parameters.map((one, i) =>
      names.has(i) ? ` (param ${definition(names, i)} ${one})` : ` (param ${one})`,
    );
    this.line(
      `(func ${definition(this.functionIds, index)} (type ${type})${parameters.join("")}${clause("result", signature.results)}`,
    );
    this.indent++;
    // Locals without a name stand together, with the index of the first.
    for (let i = 0; i < locals.length; ) {
      const named = names.has(count + i);
      let end = i + 1;
      while (!named && end < locals.length && end - i < localsInLine && !names.has(count + end)) end++;
      const what = named ? `${definition(names, count + i)} ${locals[i]}` : locals.slice(i, end).join(" ");
      this.line(named ? `(local ${what})` : `(local ${what}) ;; from ${count + i}`);
      i = end;
    }
    this.code(code, names);
    this.indent--;
    this.line(")");
  }

  private code(code: readonly ReadInstruction[], locals: ReadonlyMap<number, string>): void {
    /** Labels of the blocks around, the innermost last; undefined is the function's own. */
    const labels: string[] = [];
    let blocks = 0;
    for (const one of code) {
      if (one.kind === "table") {
        this.line(flat(one));
        continue;
      }
      const { name, operand, result } = one;
      switch (name) {
        case "block":
        case "loop":
        case "if":
          labels.push(`$${name}${blocks++}`);
          this.line(`${name} ${labels[labels.length - 1]}${result === undefined ? "" : ` (result ${result})`}`);
          this.indent++;
          break;
        case "else":
          this.indent--;
          this.line(name);
          this.indent++;
          break;
        case "end":
          this.indent--;
          this.line(`${name} ${labels.pop()}`);
          break;
        case "br":
        case "br_if":
          this.line(`${name} ${labels[labels.length - 1 - operand] ?? operand}`);
          break;
        case "call":
          this.line(`${name} ${reference(this.functionIds, operand)}`);
          break;
        case "local.get":
        case "local.set":
        case "local.tee":
          this.line(`${name} ${reference(locals, operand)}`);
          break;
        case "global.get":
          this.line(`${name} ${operand}${this.constantText(operand)}`);
          break;
        default:
          this.line(name satisfies Exclude<StructuralName, Placed>);
      }
    }
  }

  /** A constant's value in a comment, where it is used. */
  private constantText(index: number): string {
    const code = this.contents.globals[index]?.code ?? [];
    return ` ;; ${code.map((one) => (one.kind === "table" ? one.immediate : one.name)).join(" ")}`;
  }
}

/** Instructions that name a place. */
type Placed =
  | "block"
  | "loop"
  | "if"
  | "else"
  | "end"
  | "br"
  | "br_if"
  | "call"
  | "local.get"
  | "local.set"
  | "local.tee"
  | "global.get";

const localsInLine = 16;

const flat = (one: ReadInstruction) =>
  one.kind === "table" && one.immediate !== "" ? `${one.name} ${one.immediate}` : one.name;

/**
 * A module that a `ModuleBuilder` made as WebAssembly text: assembled again, it is the same module, byte for byte but for
 * its names. Functions and locals are called as its name section has them, if it has one.
 *
 * @throws SoftmachineError if the bytes are no module, or hold what can't be emitted here.
 */
export function disassemble(bytes: Uint8Array): string {
  return new ModuleText(readModule(bytes)).text();
}
