/** A training run in a safetensors file: parameters with Adam's moments, rows, history, options, and the library's tables. */

import { createHash } from "node:crypto";
import { z } from "zod";
import type { ProgramCode } from "../library/index.js";
import type { TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import {
  type BackendName,
  encodeSafetensors,
  type NamedArray,
  readSafetensors,
  useBackend,
  writeSafetensors,
} from "../tensor/index.js";
import { EVIDENCE } from "./certainty.js";
import { Model } from "./model.js";
import { completeOptions, type TrainOptions } from "./options.js";
import type { Run, Snapshot } from "./run.js";
import { parseSentences } from "./sentences.js";
import type { SparseRows } from "./sparse-rows.js";
import { superposedCall } from "./superposed-call.js";
import { NO_ENCODER, openTextInput, type TextInput } from "./text-input.js";
import { checkSame, LLAMA3 } from "./tokenizer.js";

const MEASUREMENTS = z.array(z.object({ step: z.number(), operands: z.number(), templates: z.number() }));

const CODE = z.object({
  n: z.number(),
  registers: z.number(),
  memory: z.number(),
  programs: z.array(z.object({ name: z.string(), assembly: z.string() })),
}) satisfies z.ZodType<ProgramCode>;
const CALIBRATION = z.object({
  step: z.number(),
  accuracy: z.number(),
  questions: z.number(),
  temperature: z.number().positive(),
  bias: z.number(),
  weights: z.array(z.number()).length(EVIDENCE.length),
  threshold: z.number(),
});

const FORMAT = "softmachine-checkpoint";
const VERSION = "2";
const DIGEST = "sha256";
/** What tensors of the best model so far are named with. */
const BEST = "best/";

export interface LoadOptions {
  /** Runs the model on this backend; otherwise on the one it was trained with. */
  readonly backend?: BackendName;
  /** Refuses a checkpoint that was made with another library. */
  readonly libraryHash?: string;
  /** Where the tokenizer's file lies now; otherwise it is looked for where it lay. */
  readonly tokenizer?: string;
  /** Where the encoder's folder lies now; otherwise it is looked for where it lay. */
  readonly encoder?: string;
}

/** Writes a run. Random numbers are functions of (seed, step), so the step is all there is of their state. */
export async function saveCheckpoint(file: string, run: Run): Promise<void> {
  const { model, options, history, sentences, libraryHash, best, calibration } = run;
  const tensors: Record<string, NamedArray> = {
    "history/losses": { shape: [history.losses.length], data: Float64Array.from(history.losses) },
  };
  Object.assign(tensors, modelTensors(model));
  for (const [name, array] of Object.entries(best?.tensors ?? {})) tensors[`${BEST}${name}`] = array;
  for (const { name, operands, n, values } of model.table.programs) {
    tensors[`program/${name}`] = { shape: new Array<number>(operands).fill(n), data: values };
  }
  const metadata = {
    format: FORMAT,
    version: VERSION,
    tokenizer: model.tokenizer.name,
    tokenizerSha256: model.tokenizer.sha256,
    encoderSha256: model.frozen?.encoder.sha256 ?? "",
    library: libraryHash,
    // The order of programs is that of the program head's columns.
    programs: JSON.stringify(model.table.programs.map(({ name }) => name)),
    n: String(model.table.n),
    // What runs in superposition; null where tables do.
    code: JSON.stringify(model.superposed?.code ?? null),
    options: JSON.stringify(options),
    step: String(model.step),
    // The step of the best measurement so far, where it is kept.
    ...(best === undefined ? {} : { best: String(best.step) }),
    seconds: String(history.seconds),
    measurements: JSON.stringify(history.measurements),
    sentences: sentences.map(({ text, answer }) => JSON.stringify({ text, answer })).join("\n"),
    // A model that went on learning has to be calibrated anew.
    ...(calibration?.step === model.step ? { calibration: JSON.stringify(calibration) } : {}),
  };
  await writeSafetensors(file, tensors, withDigest(tensors, metadata));
}

/** The model's parameters, with Adam's moments, as a file has them. */
function modelTensors(model: Model): Record<string, NamedArray> {
  const tensors: Record<string, NamedArray> = {};
  for (const [name, { value, first, second }] of model.dense) {
    const shape = model.shapes[name];
    tensors[`dense/${name}`] = { shape, data: value };
    tensors[`dense/${name}/first-moment`] = { shape, data: first };
    tensors[`dense/${name}/second-moment`] = { shape, data: second };
  }
  return { ...tensors, ...rowsToTensors("embedding", model.embedding), ...rowsToTensors("numerals", model.numerals) };
}

/** The model as it is now, which later steps leave alone. */
export function takeSnapshot(model: Model): Snapshot {
  const tensors = Object.entries(modelTensors(model)).map(([name, { shape, data }]): [string, NamedArray] => [
    name,
    { shape, data: data.slice() },
  ]);
  return { step: model.step, tensors: Object.fromEntries(tensors) };
}

/** Puts back what `takeSnapshot` gave. */
export function restoreSnapshot(model: Model, { step, tensors }: Snapshot): void {
  restoreModel(new Reader("the best model", { tensors: new Map(Object.entries(tensors)), metadata: {} }), model);
  model.step = step;
}

/** Metadata with the SHA-256 digest of all of a file's contents, so that no damage goes unnoticed. */
export function withDigest(
  tensors: ReadonlyMap<string, NamedArray> | Readonly<Record<string, NamedArray>>,
  metadata: Readonly<Record<string, string>>,
): Record<string, string> {
  const contents = { ...metadata };
  delete contents[DIGEST];
  return { ...contents, [DIGEST]: createHash("sha256").update(encodeSafetensors(tensors, contents)).digest("hex") };
}

/**
 * Reads a run.
 *
 * @throws SoftmachineError when the file is unreadable, damaged, of another version, or made with another
 *   library, or its tokenizer or encoder is missing or another one.
 */
export async function loadCheckpoint(file: string, load: LoadOptions = {}): Promise<Run> {
  const { backend, libraryHash } = load;
  const reader = new Reader(file, await readSafetensors(file));
  if (reader.text("format") !== FORMAT) throw new SoftmachineError(`${file} is not a checkpoint`);
  const version = reader.text("version");
  if (version !== VERSION) {
    throw new SoftmachineError(
      `${file} is a checkpoint of version ${version}; this softmachine reads version ${VERSION}`,
    );
  }
  reader.checkDigest();
  const made = reader.text("library");
  if (libraryHash !== undefined && libraryHash !== made) {
    throw new SoftmachineError(
      `${file} was trained with library ${made.slice(0, 12) || "unknown"}, and this is library ${libraryHash.slice(0, 12)}`,
    );
  }
  const options = moved(completeOptions(reader.json("options", z.record(z.string(), z.unknown()))), load, file);
  const { tokenizer, encoder } = await textInputOf(reader, options, file);
  const tf = await useBackend(backend ?? options.backend);
  const programs = programsOf(reader);
  const superposed = superposedCall(options, programs, reader.json("code", CODE.nullable()) ?? undefined);
  const model = new Model(tf, tokenizer, programs, options, options.seed, { encoder, superposed });
  restoreModel(reader, model);
  model.step = reader.number("step");
  const losses = reader.array("history/losses");
  const lines = reader.text("sentences");
  const best = reader.has("best") ? { step: reader.number("best"), tensors: reader.tensorsUnder(BEST) } : undefined;
  return {
    options,
    model,
    libraryHash: made,
    history: {
      losses: Array.from(losses.data),
      measurements: reader.json("measurements", MEASUREMENTS),
      seconds: reader.number("seconds"),
    },
    sentences: lines === "" ? [] : parseSentences(lines, `sentences in ${file}`),
    ...(best === undefined ? {} : { best }),
    ...(reader.has("calibration") ? { calibration: reader.json("calibration", CALIBRATION) } : {}),
  };
}

/** What asks for no file. */
const WITHOUT_FILE = { tokenizer: LLAMA3, encoder: NO_ENCODER } as const;

/** The options of the run, with files that were moved since where they are now. */
function moved(trained: TrainOptions, load: LoadOptions, file: string): TrainOptions {
  const options = { ...trained };
  for (const what of ["tokenizer", "encoder"] as const) {
    const now = load[what];
    if (now === undefined || now === trained[what]) continue;
    if (now === WITHOUT_FILE[what] || trained[what] === WITHOUT_FILE[what]) {
      throw new SoftmachineError(`${file} was trained with ${what} "${trained[what]}", not "${now}"`);
    }
    options[what] = now;
  }
  return options;
}

/** The tokenizer and the encoder that the run had. */
async function textInputOf(reader: Reader, options: TrainOptions, file: string): Promise<TextInput> {
  const what = options.encoder === NO_ENCODER ? "tokenizer" : "encoder";
  const made = reader.text("tokenizer");
  const digests = { tokenizer: reader.text("tokenizerSha256"), encoder: reader.text("encoderSha256") };
  try {
    const input = await openTextInput(options);
    if (input.encoder) checkSame("encoder", made, digests.encoder, input.encoder);
    checkSame("tokenizer", made, digests.tokenizer, input.tokenizer);
    return input;
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    throw new SoftmachineError(`${file}: ${error.message} (option ${what} says where it is now)`);
  }
}

/** A checked file, asked for its parts by name. */
class Reader {
  readonly #file: string;
  readonly #contents: Awaited<ReturnType<typeof readSafetensors>>;

  constructor(file: string, contents: Awaited<ReturnType<typeof readSafetensors>>) {
    this.#file = file;
    this.#contents = contents;
  }

  damaged(what: string): SoftmachineError {
    return new SoftmachineError(`${this.#file} is damaged: ${what}`);
  }

  checkDigest(): void {
    const { tensors, metadata } = this.#contents;
    if (withDigest(tensors, metadata)[DIGEST] === this.text(DIGEST)) return;
    throw this.damaged("its contents are not what was written");
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#contents.metadata, key);
  }

  /** The tensors whose names begin with `prefix`, by the rest of their names. */
  tensorsUnder(prefix: string): Record<string, NamedArray> {
    const under = [...this.#contents.tensors].filter(([name]) => name.startsWith(prefix));
    return Object.fromEntries(under.map(([name, array]) => [name.slice(prefix.length), array]));
  }

  text(key: string): string {
    const value = this.#contents.metadata[key];
    if (value !== undefined) return value;
    throw key === "format"
      ? new SoftmachineError(`${this.#file} is not a checkpoint`)
      : this.damaged(`it has no "${key}"`);
  }

  number(key: string): number {
    const value = Number(this.text(key));
    if (!(value >= 0)) throw this.damaged(`"${key}" is not a number`);
    return value;
  }

  json<T>(key: string, schema: z.ZodType<T>): T {
    let value: unknown;
    try {
      value = JSON.parse(this.text(key));
    } catch {
      throw this.damaged(`"${key}" is not JSON`);
    }
    const { success, data } = schema.safeParse(value);
    if (!success) throw this.damaged(`"${key}" is not what it should be`);
    return data;
  }

  array(name: string): NamedArray {
    const array = this.#contents.tensors.get(name);
    if (array === undefined) throw this.damaged(`it has no tensor "${name}"`);
    return array;
  }

  floats(name: string, shape?: readonly number[]): Float32Array {
    const array = this.array(name);
    if (!(array.data instanceof Float32Array)) throw this.damaged(`tensor "${name}" is not of 32-bit floats`);
    if (shape !== undefined && String(array.shape) !== String(shape)) {
      throw this.damaged(`tensor "${name}" has shape [${array.shape.join(", ")}] instead of [${shape.join(", ")}]`);
    }
    return array.data;
  }

  integers(name: string, size?: number): Int32Array {
    const { data } = this.array(name);
    if (!(data instanceof Int32Array)) throw this.damaged(`tensor "${name}" is not of 32-bit integers`);
    if (size !== undefined && data.length !== size) throw this.damaged(`tensor "${name}" has ${data.length} values`);
    return data;
  }
}

function programsOf(reader: Reader): TabulatedProgram[] {
  const names = reader.json("programs", z.array(z.string()));
  const n = reader.number("n");
  return names.map((name) => {
    const { shape, data } = reader.array(`program/${name}`);
    if (!(data instanceof Uint16Array)) throw reader.damaged(`the table of "${name}" is not of integers`);
    return { name, operands: shape.length, n, values: data };
  });
}

function restoreModel(reader: Reader, model: Model): void {
  for (const [name, moments] of model.dense) {
    const shape = model.shapes[name];
    moments.value.set(reader.floats(`dense/${name}`, shape));
    moments.first.set(reader.floats(`dense/${name}/first-moment`, shape));
    moments.second.set(reader.floats(`dense/${name}/second-moment`, shape));
  }
  restoreRows(reader, "embedding", model.embedding);
  restoreRows(reader, "numerals", model.numerals);
}

function rowsToTensors(name: string, rows: SparseRows): Record<string, NamedArray> {
  const { tokens, value, first, second, steps } = rows.save();
  const shape = [tokens.length, rows.width];
  return {
    [`${name}/tokens`]: { shape: [tokens.length], data: tokens },
    [`${name}/steps`]: { shape: [tokens.length], data: steps },
    [`${name}/value`]: { shape, data: value },
    [`${name}/first-moment`]: { shape, data: first },
    [`${name}/second-moment`]: { shape, data: second },
  };
}

function restoreRows(reader: Reader, name: string, rows: SparseRows): void {
  const tokens = reader.integers(`${name}/tokens`);
  const shape = [tokens.length, rows.width];
  rows.restore({
    tokens,
    value: reader.floats(`${name}/value`, shape),
    first: reader.floats(`${name}/first-moment`, shape),
    second: reader.floats(`${name}/second-moment`, shape),
    steps: reader.integers(`${name}/steps`, tokens.length),
  });
}
