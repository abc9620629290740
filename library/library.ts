import { type Image, link, parseAssembly } from "../assembler/index.js";
import { LazyTable, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError, sizeOf, suggestion } from "../scheme/index.js";
import type { AnswerCache } from "./answer-cache.js";
import type { Manifest, ManifestProgram } from "./manifest.js";
import { isCallable, isTabulable } from "./operands.js";
import type { Operand, Result } from "./program-file.js";
import { parseValueType, type ValueType } from "./value-type.js";

/** A program as the package holds it, its types read. */
export type PackagedProgram = ManifestProgram extends infer Each
  ? Each extends ManifestProgram
    ? Readonly<Omit<Each, "operands" | "result">> & {
        readonly operands: readonly Operand[];
        readonly result: Result;
        /** The text of the whole program: its own, then those of the other programs that it calls. */
        readonly source: string;
      }
    : never
  : never;

/** Names that a message lists at most. */
const mostNames = 16;

/** That a library has no program of a name: the nearest, and those that it has, or some of them. */
export function noProgram(name: string, names: readonly string[]): string {
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : "";
  const held = `${names.slice(0, mostNames).join(", ")}${more}`;
  return `no program "${name}" in the library${suggestion(name, names)}; it holds ${held}`;
}

/** A verified library: its programs, and one image in which each has an entry. */
export class Library {
  readonly manifest: Manifest;
  /** Values are 0..n-1. */
  readonly n: number;
  /** In the order of their names. */
  readonly programs: readonly PackagedProgram[];
  /** Those that a model can learn to call: of a few whole numbers of all values 0..n-1. */
  readonly callable: readonly PackagedProgram[];
  /** SHA-256 of all that the library holds, in hexadecimal digits. */
  readonly hash: string;
  private readonly linked: Image | undefined;
  private readonly lazyTables = new Map<string, { readonly table: LazyTable; kept: number }>();
  private readonly tables = new Map<string, TabulatedProgram>();

  /**
   * @param cache where answers are kept from one process to the next.
   * @throws SoftmachineError when the manifest's assembly can't be read or linked.
   */
  constructor(
    manifest: Manifest,
    private readonly cache?: AnswerCache,
  ) {
    const { n, registers, memory, programs, hash } = manifest;
    this.manifest = manifest;
    this.n = n;
    this.programs = programs.map((program) => completed(program, programs));
    this.callable = this.programs.filter((program) => isCallable(program, n));
    this.hash = hash;
    const assemblies = programs.flatMap((program) =>
      program.kind === "machine" ? parseAssembly(program.assembly, `${program.name}.asm`) : [],
    );
    this.linked = assemblies.length === 0 ? undefined : link(assemblies, { n, registers, memory });
  }

  /**
   * The programs that the machine runs, linked.
   * @throws SoftmachineError when there is none.
   */
  get image(): Image {
    if (this.linked !== undefined) return this.linked;
    throw new SoftmachineError("no program of this library is for the machine: all are of real numbers");
  }

  /** Whether the machine runs some program of the library. */
  get hasImage(): boolean {
    return this.linked !== undefined;
  }

  /**
   * The program of a name.
   * @throws SoftmachineError naming the nearest when there is none.
   */
  program(name: string): PackagedProgram {
    const program = this.programs.find((candidate) => candidate.name === name);
    if (program) return program;
    const names = this.programs.map((candidate) => candidate.name);
    throw new SoftmachineError(noProgram(name, names));
  }

  /**
   * The program's answers, each found by the exact machine when a tabulated call first needs it, then kept.
   * @throws SoftmachineError for an unknown program, or one whose answers no table holds: of real numbers, of
   * too many numbers, or with an array as its result.
   */
  answers(name: string): LazyTable {
    let held = this.lazyTables.get(name);
    if (held === undefined) {
      const program = this.program(name);
      if (!isTabulable(program, this.n)) {
        const count = program.operands.reduce((sum, { type }) => sum + sizeOf(type.shape), 0);
        const why =
          program.kind === "direct"
            ? "is a program of real numbers"
            : program.result.type.shape.length > 0
              ? "gives an array"
              : `takes ${count} numbers, whose combinations are too many`;
        throw new SoftmachineError(`"${name}" ${why}: it has no table of answers`);
      }
      const table = new LazyTable(this.image, name);
      this.cache?.read(table);
      held = { table, kept: table.known };
      this.lazyTables.set(name, held);
    }
    return held.table;
  }

  /**
   * The program's answers on all operands, made when first asked for, then kept.
   * @throws SoftmachineError for an unknown program or one with too many operands; BudgetError where a run doesn't end.
   */
  table(name: string): TabulatedProgram {
    let table = this.tables.get(name);
    if (table === undefined) {
      table = this.answers(name).complete();
      this.tables.set(name, table);
    }
    return table;
  }

  /** Writes the answers found since they were read or written last into the package's folder, if the library has one. */
  async saveAnswers(): Promise<void> {
    for (const held of this.lazyTables.values()) {
      if (this.cache === undefined || held.table.known === held.kept) continue;
      await this.cache.write(held.table);
      held.kept = held.table.known;
    }
  }
}

/** A program with its types read, which the schema has seen that they can be, and its text made whole. */
function completed(program: ManifestProgram, programs: readonly ManifestProgram[]): PackagedProgram {
  const operands = program.operands.map((operand) => ({ ...operand, type: typeOf(operand.type) }));
  const texts = program.calls.map((name) => {
    const called = programs.find((each) => each.name === name);
    if (called === undefined) throw new SoftmachineError(`"${program.name}" calls "${name}", which is not there`);
    return called.text;
  });
  const source = [program.text, ...texts].join("\n");
  return { ...program, operands, result: { ...program.result, type: typeOf(program.result.type) }, source };
}

function typeOf(text: string): ValueType {
  const type = parseValueType(text);
  if (typeof type === "string") throw new SoftmachineError(type);
  return type;
}
