import { type Image, link, parseAssembly } from "../assembler/index.js";
import { type TabulatedProgram, tabulate } from "../machine/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
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
  private readonly tables = new Map<string, TabulatedProgram>();

  /** @throws SoftmachineError when the manifest's assembly can't be read or linked. */
  constructor(manifest: Manifest) {
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
   * The program's answers on all operands, by the exact machine; made when first asked for, then kept.
   * @throws SoftmachineError for an unknown program or one with too many operands; BudgetError where a run doesn't end.
   */
  table(name: string): TabulatedProgram {
    let table = this.tables.get(name);
    if (table === undefined) {
      table = tabulate(this.image, this.program(name).name);
      this.tables.set(name, table);
    }
    return table;
  }
}
