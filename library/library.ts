import { type Image, link, parseAssembly } from "../assembler/index.js";
import { LazyTable, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import type { AnswerCache } from "./answer-cache.js";
import type { Manifest, PackagedProgram } from "./manifest.js";

/** A verified library: its programs, and one image in which each has an entry. */
export class Library {
  readonly manifest: Manifest;
  /** Values are 0..n-1. */
  readonly n: number;
  /** In the order of their names. */
  readonly programs: readonly PackagedProgram[];
  readonly image: Image;
  /** SHA-256 of all that the library holds, in hexadecimal digits. */
  readonly hash: string;
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
    this.programs = programs;
    this.hash = hash;
    const assemblies = programs.map(({ name, assembly }) => parseAssembly(assembly, `${name}.asm`));
    this.image = link(assemblies, { n, registers, memory });
  }

  /**
   * The program of a name.
   * @throws SoftmachineError naming the nearest when there is none.
   */
  program(name: string): PackagedProgram {
    const program = this.programs.find((candidate) => candidate.name === name);
    if (program) return program;
    const names = this.programs.map((candidate) => candidate.name);
    throw new SoftmachineError(
      `no program "${name}" in the library${suggestion(name, names)}; it holds ${names.join(", ")}`,
    );
  }

  /**
   * The program's answers, each found by the exact machine when a tabulated call first needs it, then kept.
   * @throws SoftmachineError for an unknown program.
   */
  answers(name: string): LazyTable {
    let held = this.lazyTables.get(name);
    if (held === undefined) {
      const table = new LazyTable(this.image, this.program(name).name);
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
