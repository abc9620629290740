import { existsSync } from "node:fs";
import {
  type BuildResult,
  differences,
  findPrograms,
  findProgramsAt,
  type Library,
  loadPackage,
  type PackagedProgram,
  type ProgramReport,
  type ProgramText,
  writePackage,
} from "../library/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { given } from "./evaluators.js";
import { UsageError } from "./failures.js";
import { buildWithProgress, defaultPackage } from "./library-source.js";
import { differenceTable, reportTable } from "./library-tables.js";
import { note, writeJson, writeText } from "./output.js";
import { checkFolder } from "./text-file.js";

export interface BuildOptions {
  readonly programs?: string;
  readonly out: string;
  readonly n: number;
  readonly registers?: number;
  readonly checkN?: number;
  readonly json?: boolean;
}

/** `softmachine library build`: the package of a folder of programs. */
export async function build(options: BuildOptions): Promise<void> {
  checkFolder(options.out);
  const { n, registers, checkN } = options;
  if (checkN !== undefined && checkN > n)
    note(`--check-n ${checkN} is more than --n ${n}: programs are verified on the library's own values, 0 to ${n - 1}`);
  const programs = await findPrograms(options.programs);
  const built = await buildWithProgress({ programs, n, ...given({ registers, checkN }) });
  await write(options.out, built, options.json);
}

export interface AddOptions {
  readonly library?: string;
  readonly out?: string;
  readonly replace?: boolean;
  readonly json?: boolean;
}

/** `softmachine library add`: a package with the programs of a file or a folder besides its own. */
export async function add(place: string, options: AddOptions): Promise<void> {
  const { library: folder = defaultPackage, out = folder, replace = false } = options;
  checkFolder(out);
  const known = await loadPackage(folder);
  const added = await findProgramsAt(place);
  const names = new Set(added.map(({ name }) => name));
  const clash = known.programs.find(({ name }) => names.has(name));
  if (clash !== undefined && !replace)
    throw new UsageError(`${folder} has a program "${clash.name}" already: --replace takes the new one`);
  const kept = known.programs.filter(({ name }) => !names.has(name)).map(textOf);
  const programs = [...kept, ...added].sort((a, b) => (a.name < b.name ? -1 : 1));
  const built = await buildWithProgress({ programs, known, ...sizesOf(known) });
  const isNew = ({ name }: ProgramReport) => names.has(name);
  const [failed] = built.reports.filter((report) => !report.ok && !isNew(report));
  if (failed !== undefined && !failed.ok)
    throw new SoftmachineError(`with what was added, "${failed.name}" fails: ${failed.failure.message}`);
  const reports = built.reports.filter(isNew);
  if (!reports.some(({ ok }) => ok)) {
    await (options.json ? writeJson({ programs: reports }) : writeText(reportTable(reports)));
    throw new SoftmachineError(`nothing was added to ${folder}: ${failuresOf(reports)}`);
  }
  await write(out, { library: built.library, reports }, options.json);
}

/** `softmachine library verify`: a package, checked whole and built again from its own texts. */
export async function verify(options: { readonly library?: string; readonly json?: boolean }): Promise<void> {
  const folder = options.library ?? (existsSync(defaultPackage) ? defaultPackage : undefined);
  const packaged = folder === undefined ? undefined : await loadPackage(folder);
  const sources = packaged === undefined ? {} : { programs: packaged.programs.map(textOf), ...sizesOf(packaged) };
  const { library, reports } = await buildWithProgress(sources);
  const identical = packaged === undefined ? undefined : packaged.hash === library.hash;
  if (options.json) await writeJson({ folder, identical, hash: library.hash, programs: reports });
  else await writeText(reportTable(reports));
  if (reports.some(({ ok }) => !ok)) throw new SoftmachineError(`not verified: ${failuresOf(reports)}`);
  if (identical) note(`${folder}: built again from its sources, it is the same to the byte`);
  else if (identical === false)
    note(`${folder}: all programs hold; it was built with other limits, so that its hash differs`);
}

/** `softmachine library diff`: what was added, removed and changed from one package to another. */
export async function diff(before: string, after: string, options: { readonly json?: boolean }): Promise<void> {
  const [old, now] = [await loadPackage(before), await loadPackage(after)];
  const found = differences(old, now);
  const sizes = { before: sizesOf(old), after: sizesOf(now) };
  if (options.json) return writeJson({ identical: old.hash === now.hash, ...sizes, programs: found });
  if (old.hash === now.hash) return writeText("the packages are the same");
  const lines = Object.entries(sizes.before).flatMap(([size, value]) => {
    const other = sizesOf(now)[size as keyof Sizes];
    return value === other ? [] : [`${size}: ${value} before, ${other} after`];
  });
  await writeText([...lines, ...(found.length === 0 ? ["no program differs"] : [differenceTable(found)])].join("\n"));
}

/** Writes what was built, and tells what was not. */
async function write(folder: string, { library, reports }: BuildResult, json = false): Promise<void> {
  await writePackage(folder, library);
  const { n, hash, programs } = library;
  await (json ? writeJson({ folder, n, hash, programs: reports }) : writeText(reportTable(reports)));
  const lines = library.hasImage ? library.image.lines : 0;
  note(`wrote ${folder}: ${programs.length} programs, ${lines} instructions, hash ${hash.slice(0, 12)}`);
  if (reports.some(({ ok }) => !ok)) throw new SoftmachineError(`left out: ${failuresOf(reports)}`);
}

const failuresOf = (reports: readonly ProgramReport[]) =>
  reports.flatMap(({ ok, name }) => (ok ? [] : `"${name}"`)).join(", ");

const textOf = ({ name, subject, text }: PackagedProgram): ProgramText => ({
  name,
  subject,
  file: `${name}.scm`,
  text,
});

type Sizes = ReturnType<typeof sizesOf>;

const sizesOf = ({ manifest: { n, registers, memory } }: Library) => ({ n, registers, memory });
