import { type Operand, type ProgramReport, printValueType, type Result } from "../library/index.js";
import { type Cell, duration, textTable } from "./text-table.js";

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
    [...operands.map((operand) => `${operand.name}${typeText(operand)}`), `=>${typeText(result)}`].join(" "),
    subject,
    firstSentence(documentation),
  ]);
  return textTable(["program", "operands and result", "subject", "what it does"], rows);
}

/** A type behind what it is of; nothing where it is any whole number. */
function typeText({ type }: Result): string {
  const text = printValueType(type);
  return text === "0.." || text === "whole" ? "" : ` (${text})`;
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
    const time = duration(report.milliseconds / 1000);
    if (!report.ok)
      return headings.map((_, j) => (j === 0 ? report.name : j === 1 ? "no" : j === 10 ? time : undefined));
    if (report.verification.kind === "direct") {
      const { examples, paths, gradient } = report.verification;
      const row = new Array<Cell>(headings.length).fill(undefined);
      const known: [string, Cell][] = [
        ["program", report.name],
        ["verified", "yes"],
        ["examples", examples],
        ["exact = reference", `${paths} drawn, ${gradient} slopes`],
        ["time", time],
      ];
      for (const [heading, cell] of known) row[headings.indexOf(heading)] = cell;
      return row;
    }
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
const withoutHeader = (source: string) => source.replace(/^(\s*;;;[^\n]*\n)+/, "").trim();

export const firstSentence = (text: string) => /^.*?[.](?=\s|$)/s.exec(text)?.[0].replace(/\s+/g, " ") ?? text;
