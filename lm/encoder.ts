/**
 * A frozen pretrained encoder, whose last hidden states take the place of the embedding: it has read far more than our
 * sentences, and is not trained here. Its folder is one that Transformers.js runs, with a `tokenizer.json`, a
 * `config.json` and `onnx/model.onnx`, and is all that is read; nothing is downloaded.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { BlockingWorker } from "./blocking-worker.js";

/** From token ids, of its own tokenizer, to a state each. */
export interface Encoder {
  /** The place of its folder, as given. */
  readonly name: string;
  /** SHA-256 of its weights, in hexadecimal. */
  readonly sha256: string;
  /** Numbers in a state. */
  readonly width: number;
  /**
   * The last hidden states of a sequence: [ids.length, width], the same whenever it is asked.
   *
   * @throws SoftmachineError when the sequence is more than it can take.
   */
  states(ids: readonly number[]): Float32Array;
}

/** The packages that run encoders: either will do. They are optional peers, imported when an encoder is asked for. */
export const ENCODER_PACKAGES = ["@huggingface/transformers", "@xenova/transformers"] as const;

/** A model's weights, as Transformers.js names them by their precision. The first that is there is taken. */
const WEIGHTS = [
  { file: "model.onnx", dtype: "fp32", quantized: false },
  { file: "model_quantized.onnx", dtype: "q8", quantized: true },
] as const;

/** Characters of a package's own message that are passed on. */
const LONGEST_REASON = 300;

const CONFIG_FILE = "config.json";

/** What the worker does: loads the model from its folder alone, then runs it on one sequence at a time. */
const workSource = `async ({ module, parent, folder, dtype, quantized }) => {
  const imported = await import(module);
  const { AutoModel, Tensor, env } = imported.AutoModel ? imported : imported.default;
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = parent;
  const model = await AutoModel.from_pretrained(folder, { dtype, quantized, local_files_only: true });
  return async (ids) => {
    const dims = [1, ids.length];
    const output = await model({
      input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), dims),
      attention_mask: new Tensor("int64", new BigInt64Array(ids.length).fill(1n), dims),
    });
    const states = output.last_hidden_state;
    if (states === undefined) throw new Error("it gives no last_hidden_state, but " + Object.keys(output).join(", "));
    return Float32Array.from(states.data);
  };
}`;

/**
 * Opens an encoder.
 *
 * @param folder holds `config.json`, and `onnx/model.onnx` or `onnx/model_quantized.onnx`.
 * @param packages any of which runs it.
 * @throws SoftmachineError when the folder is not one, no package is installed, or the model can't be loaded.
 */
export async function openEncoder(folder: string, packages: readonly string[] = ENCODER_PACKAGES): Promise<Encoder> {
  if (!existsSync(folder)) {
    throw new SoftmachineError(
      `there is no encoder "${folder}": it is a folder with a pretrained model for Transformers.js; none is downloaded`,
    );
  }
  if (!existsSync(path.join(folder, CONFIG_FILE)))
    throw new SoftmachineError(`encoder "${folder}" has no ${CONFIG_FILE}`);
  const weights = WEIGHTS.find(({ file }) => existsSync(path.join(folder, "onnx", file)));
  if (weights === undefined) {
    throw new SoftmachineError(`encoder "${folder}" has no ${WEIGHTS.map(({ file }) => `onnx/${file}`).join(" or ")}`);
  }
  const { file, dtype, quantized } = weights;
  const module = installed(packages);
  const sha256 = await digestOf(path.join(folder, "onnx", file));
  const absolute = path.resolve(folder);
  const failed = (error: unknown) => new SoftmachineError(`encoder "${folder}" failed: ${oneLine(error)}`);
  try {
    const worker = await BlockingWorker.start<readonly number[], Float32Array>({
      source: workSource,
      data: { module, parent: path.dirname(absolute), folder: path.basename(absolute), dtype, quantized },
    });
    // Any vocabulary has an id 0.
    const width = worker.ask([0]).length;
    return {
      name: folder,
      sha256,
      width,
      states(ids) {
        try {
          return worker.ask(ids);
        } catch (error) {
          throw failed(error);
        }
      },
    };
  } catch (error) {
    throw failed(error);
  }
}

/** The first of the packages that is installed, as what a worker can import. */
function installed(packages: readonly string[]): string {
  const { resolve } = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      return pathToFileURL(resolve(name)).href;
    } catch {
      // Not this one.
    }
  }
  const [first, ...others] = packages;
  const or = others.length === 0 ? "" : ` (or ${others.join(", ")})`;
  throw new SoftmachineError(`an encoder needs an optional package: npm install ${first}${or}`);
}

/** The digest of weights, with those in a file beside them where they are too large for one. */
async function digestOf(file: string): Promise<string> {
  const digest = createHash("sha256");
  for (const part of [file, `${file}_data`]) {
    if (existsSync(part)) await pipeline(createReadStream(part), digest, { end: false });
  }
  return digest.digest("hex");
}

/** The first sentence or two of what may be a page. */
const oneLine = (error: unknown) => messageOf(error).trim().replaceAll(/\s+/g, " ").slice(0, LONGEST_REASON);
