import {
  type Coverage,
  type Operand,
  type ProgramDifference,
  type ProgramReport,
  printValueType,
  type Result,
} from "../library/index.js";
import { secondsText } from "../scheme/index.js";
import { type Cell, textTable } from "./text-table.js";

/** What is shown of a program, whether it is in a package or only in its file. */
export interface ShownProgram {
  readonly name: string;
  readonly subject: string;
  readonly documentation: string;
  readonly operands: readonly Operand[];
  readonly result: Result;
  readonly examples: readonly { readonly text: string }[];
  readonly complexity?: string | undefined;
  readonly origin?: string | undefined;
  readonly source: string;
  /** Absent of a program for the exact path alone. */
  readonly assembly?: string | undefined;
}

/** The programs of a library, one a line. */
export function listTable(programs: readonly Omit<ShownProgram, "source" | "assembly">[]): string {
  const rows = programs.map(({ name, subject, operands, result, documentation }): Cell[] => [
    name,
    operands.map((operand) => `${operand.name}${typeText(operand)}`).join(" "),
    typeText(result).trim(),
    subject,
    firstSentence(documentation),
  ]);
  return textTable(["program", "operands", "result", "subject", "what it does"], rows);
}

/** A type behind what it is of; nothing where it is any whole number. */
function typeText({ type }: Result): string {
  const text = printValueType(type);
  return text === "0.." || text === "whole" ? "" : ` (${text})`;
}

/** The columns of the table of a build: what was found of a program of whole numbers, and of one of real numbers. */
const columns: readonly {
  readonly heading: string;
  readonly machine: (verification: Found<"machine">) => Cell;
  readonly direct?: (verification: Found<"direct">) => Cell;
}[] = [
  { heading: "lines", machine: ({ instructions }) => instructions },
  { heading: "registers", machine: ({ registers }) => registers },
  { heading: "cells", machine: ({ memory }) => memory },
  { heading: "worst steps", machine: ({ steps }) => steps.worst },
  { heading: "mean steps", machine: ({ steps }) => Number(steps.mean.toFixed(1)) },
  { heading: "examples", machine: ({ examples }) => examples, direct: ({ examples }) => examples },
  { heading: "n", machine: ({ exact }) => exact.n },
  { heading: "exact = reference", machine: ({ exact }) => covered(exact) },
  { heading: "soft = exact", machine: ({ soft }) => covered(soft) },
  { heading: "circuit = exact", machine: ({ circuit }) => circuit },
  { heading: "tabulated = exact", machine: ({ tabulated }) => tabulated },
  { heading: "direct = reference", machine: ({ paths }) => paths, direct: ({ paths }) => paths },
  { heading: "slopes", machine: ({ gradient }) => gradient, direct: ({ gradient }) => gradient },
  { heading: "in the image", machine: ({ image }) => `${covered(image)}, n = ${image.n}` },
];

type Found<Kind> = Extract<Extract<ProgramReport, { ok: true }>["verification"], { kind: Kind }>;

/** What was checked of each program, and how it went; below, what is wrong with those that failed. */
export function reportTable(reports: readonly ProgramReport[]): string {
  const headings = ["program", "verified", ...columns.map(({ heading }) => heading), "bytes", "certificate", "time"];
  const rows = reports.map((report): Cell[] => {
    const time = secondsText(report.milliseconds / 1000);
    if (!report.ok) return [report.name, "no", ...columns.map(() => undefined), undefined, undefined, time];
    const { verification, bytes, certificate } = report;
    const cells = columns.map(({ machine, direct }) =>
      verification.kind === "machine" ? machine(verification) : direct?.(verification),
    );
    return [report.name, "yes", ...cells, bytes, certificate.slice(0, 8), time];
  });
  const left = reports.flatMap((report) =>
    report.ok ? [] : `"${report.name}" is left out: ${report.failure.message}`,
  );
  return [textTable(headings, rows), ...left].join("\n");
}

/** On which inputs a check held: `all 256`, or `4096 sampled`. */
const covered = ({ inputs, exhaustive }: Coverage) => (exhaustive ? `all ${inputs}` : `${inputs} sampled`);

/** What became of programs from one library to another, one a line. */
export function differenceTable(differences: readonly ProgramDifference[]): string {
  const rows = differences.map((difference): Cell[] => [
    difference.name,
    difference.change,
    difference.change === "changed" ? difference.parts.join(", ") : "",
  ]);
  return textTable(["program", "change", "in"], rows);
}

/** A program as it is documented, with its source and assembly. */
export function describeProgram(program: ShownProgram): string {
  const { name, documentation, operands, result, examples, complexity, origin, source, assembly } = program;
  const terms = [
    ...operands.map((operand) => [`${operand.name}${typeText(operand)}`, operand.documentation]),
    [`result${typeText(result)}`, result.documentation],
    ...(complexity === undefined ? [] : [["complexity", complexity]]),
    ...(origin === undefined ? [] : [["origin", origin]]),
  ];
  const width = Math.max(...terms.map(([term]) => term.length));
  return [
    `(${[name, ...operands.map((operand) => operand.name)].join(" ")})`,
    documentation,
    terms.map(([term, text]) => `${term.padEnd(width)}  ${text}`).join("\n"),
    examples.map(({ text }) => text).join("\n"),
    withoutHeader(source),
    ...(assembly === undefined ? [] : [assembly.trim()]),
  ].join("\n\n");
}

/** A program's text without the comments that document it, which have been shown. */
const withoutHeader = (source: string) =>
  source
    .replace(/^[^\S\n]*;;;.*\n/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();

export const firstSentence = (text: string) => /^.*?[.](?=\s|$)/s.exec(text)?.[0].replace(/\s+/g, " ") ?? text;
