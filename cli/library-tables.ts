import type { Operand, ProgramReport } from "../library/index.js";
import { secondsText } from "../scheme/index.js";
import { type Cell, textTable } from "./text-table.js";

/** What is shown of a program, whether it is in a package or only in its file. */
export interface ShownProgram {
  readonly name: string;
  readonly subject: string;
  readonly documentation: string;
  readonly operands: readonly Operand[];
  readonly result: string;
  readonly examples: readonly { readonly text: string }[];
  readonly origin?: string | undefined;
  readonly source: string;
  readonly assembly: string;
}

/** The programs of a library, one a line. */
export function listTable(programs: readonly Omit<ShownProgram, "source" | "assembly">[]): string {
  const rows = programs.map(({ name, subject, operands, documentation }): Cell[] => [
    name,
    operands.map((operand) => operand.name).join(" "),
    subject,
    firstSentence(documentation),
  ]);
  return textTable(["program", "operands", "subject", "what it does"], rows);
}

/** What was checked of each program, and how it went. */
export function reportTable(reports: readonly ProgramReport[]): string {
  const headings = [
    "program",
    "verified",
    "lines",
    "registers",
    "worst steps",
    "mean steps",
    "examples",
    "exact = reference",
    "soft = exact",
    "in the image",
    "time",
  ];
  const rows = reports.map((report): Cell[] => {
    const time = secondsText(report.milliseconds / 1000);
    if (!report.ok)
      return headings.map((_, j) => (j === 0 ? report.name : j === 1 ? "no" : j === 10 ? time : undefined));
    const { instructions, registers, steps, examples, exact, image, soft } = report.verification;
    return [
      report.name,
      "yes",
      instructions,
      registers,
      steps.worst,
      Number(steps.mean.toFixed(1)),
      examples,
      covered(exact),
      covered(soft),
      covered(image),
      time,
    ];
  });
  return textTable(headings, rows);
}

/** On which inputs a check held: `all 256, n = 16`, or `256 of a sample, n = 32`. */
const covered = ({ inputs, exhaustive, n }: { inputs: number; exhaustive: boolean; n: number }) =>
  `${exhaustive ? `all ${inputs}` : `${inputs} sampled`}, n = ${n}`;

/** A program as it is documented, with its source and assembly. */
export function describeProgram(program: ShownProgram): string {
  const { name, documentation, operands, result, examples, origin, source, assembly } = program;
  const terms = [
    ...operands.map((operand) => [operand.name, operand.documentation]),
    ["result", result],
    ...(origin === undefined ? [] : [["origin", origin]]),
  ];
  const width = Math.max(...terms.map(([term]) => term.length));
  return [
    `(${[name, ...operands.map((operand) => operand.name)].join(" ")})`,
    documentation,
    terms.map(([term, text]) => `${term.padEnd(width)}  ${text}`).join("\n"),
    examples.map(({ text }) => text).join("\n"),
    withoutHeader(source),
    assembly.trim(),
  ].join("\n\n");
}

/** A program's text without the comments that document it, which have been shown. */
const withoutHeader = (source: string) => source.replace(/^(\s*;;;[^\n]*\n)+/, "").trim();

export const firstSentence = (text: string) => /^.*?[.](?=\s|$)/s.exec(text)?.[0].replace(/\s+/g, " ") ?? text;
