/** A training run's figures in files: JSON lines, and an event file for TensorBoard. */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import writeFileAtomic from "write-file-atomic";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { makeFolder } from "../tensor/index.js";
import { fileStart, scalars } from "./event-file.js";
import type { Measurement } from "./run.js";

/** What is logged of a step. */
export interface StepFigures {
  readonly loss: number;
  readonly learningRate: number;
  /** The gradient's global norm, before it is clipped. */
  readonly gradientNorm: number;
  /** The share of one-operand programs that sentences were drawn with. */
  readonly oneOperandShare: number;
  /** Seconds that the step took, without measurements. */
  readonly seconds: number;
}

/** The file of JSON lines in a log's folder. */
const METRICS = "metrics.jsonl";

/** TensorBoard reads files with this in their names, in the names' order. */
const EVENTS = "events.out.tfevents";

/** Event files of ours; others may lie beside them. */
const OWN_EVENTS = /^events\.out\.tfevents\.[0-9]+\.softmachine\./;

const STEP_TAGS = {
  loss: "loss",
  learningRate: "learning-rate",
  gradientNorm: "gradient-norm",
  oneOperandShare: "one-operand-share",
  seconds: "seconds-a-step",
} as const satisfies Record<keyof StepFigures, string>;

const MEASUREMENT_TAGS = {
  operands: "held-out/operands",
  templates: "held-out/templates",
} as const satisfies Record<Exclude<keyof Measurement, "step">, string>;

/** Whether a folder holds a log. */
export const holdsLog = (folder: string): boolean => filesOf(folder).length > 0;

/** Writes a run's figures as they come; what is written is in the files at once, however the process ends. */
export class TrainingLog {
  readonly #metrics: string;
  readonly #events: string;

  /**
   * Goes on with the log of a run that has taken `steps` steps: lines of later steps are cut, and a new event file makes
   * TensorBoard forget them. With no step taken, whatever log the folder holds is replaced.
   *
   * @throws SoftmachineError when the folder can't be written to, or its `metrics.jsonl` is something else.
   */
  constructor(folder: string, steps: number) {
    this.#metrics = path.join(folder, METRICS);
    try {
      makeFolder(folder);
      if (steps === 0) for (const file of filesOf(folder)) rmSync(path.join(folder, file));
      const before = filesOf(folder).filter((file) => file !== METRICS).length;
      this.#events = path.join(folder, eventFileName(now(), before));
      if (existsSync(this.#metrics)) {
        writeFileAtomic.sync(this.#metrics, linesUpTo(steps, this.#metrics, readFileSync(this.#metrics, "utf8")));
      }
      appendFileSync(this.#events, fileStart(now(), steps + 1));
    } catch (error) {
      throw error instanceof SoftmachineError
        ? error
        : new SoftmachineError(`a log can't be written to "${folder}": ${messageOf(error)}`);
    }
  }

  /** One step's figures. */
  step(step: number, figures: StepFigures): void {
    this.#write("step", step, figures, STEP_TAGS);
  }

  /** Accuracies measured after a step. */
  measurement({ step, ...accuracies }: Measurement): void {
    this.#write("measurement", step, accuracies, MEASUREMENT_TAGS);
  }

  #write<Name extends string>(
    kind: "step" | "measurement",
    step: number,
    figures: Readonly<Record<Name, number>>,
    tags: Readonly<Record<Name, string>>,
  ): void {
    const tagged = Object.fromEntries((Object.keys(tags) as Name[]).map((name) => [tags[name], figures[name]]));
    const time = now();
    try {
      appendFileSync(this.#metrics, `${JSON.stringify({ kind, step, time, ...figures })}\n`);
      appendFileSync(this.#events, scalars(time, step, tagged));
    } catch (error) {
      throw new SoftmachineError(`the log "${this.#metrics}" can't be written: ${messageOf(error)}`);
    }
  }
}

/** The name of an event file: names are in order of time, those of one second in the order of their count. */
const eventFileName = (seconds: number, count: number) =>
  `${EVENTS}.${String(Math.floor(seconds)).padStart(10, "0")}.softmachine.${String(count).padStart(4, "0")}`;

/** Seconds since 1970. */
const now = () => Date.now() / 1000;

/** The names of a log's files in a folder. */
function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => name === METRICS || OWN_EVENTS.test(name));
}

/**
 * Those lines of a log that are of the first `steps` steps. A last line that was only half written goes too.
 *
 * @throws SoftmachineError for a line that no log has.
 */
function linesUpTo(steps: number, file: string, text: string): string {
  const lines = text.split("\n");
  const last = lines.pop();
  const kept = lines.filter((line, i) => {
    const step = stepOf(line);
    if (step === undefined) throw new SoftmachineError(`"${file}" is no training log: see its line ${i + 1}`);
    return step <= steps;
  });
  if (last !== undefined && last !== "" && !last.startsWith("{")) {
    throw new SoftmachineError(`"${file}" is no training log: see its line ${lines.length + 1}`);
  }
  return kept.map((line) => `${line}\n`).join("");
}

function stepOf(line: string): number | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== "object" || value === null || !("step" in value)) return undefined;
    return typeof value.step === "number" ? value.step : undefined;
  } catch {
    return undefined;
  }
}
