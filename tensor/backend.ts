/**
 * Which TensorFlow.js backend runs. Native backends are optional packages, imported only when they are wanted; the
 * WebAssembly backend comes with softmachine and runs anywhere.
 */
import { createRequire } from "node:module";
import path from "node:path";
import type * as TensorFlow from "@tensorflow/tfjs";
import { messageOf, SoftmachineError, suggestion } from "../scheme/index.js";
import { registerMissingKernels } from "./kernels.js";

/** The TensorFlow.js module, typed. Rooms import it as a type and get the value from `useBackend`. */
export type TensorFlowModule = typeof TensorFlow;

export const BACKEND_NAMES = ["auto", "tensorflow-gpu", "tensorflow", "wasm", "cpu"] as const;

/** What may be asked for: a backend, or `auto`, the first that loads of tensorflow-gpu, tensorflow, wasm, cpu. */
export type BackendName = (typeof BACKEND_NAMES)[number];

const NATIVE_PACKAGES = {
  "tensorflow-gpu": "@tensorflow/tfjs-node-gpu",
  tensorflow: "@tensorflow/tfjs-node",
} as const;

const require = createRequire(import.meta.url);
let loaded: TensorFlowModule | undefined;

/** TensorFlow.js, the same that the caller's tensors come from, on whatever backend runs; loaded when first asked for. */
export function tensorFlow(): TensorFlowModule {
  loaded ??= require("@tensorflow/tfjs") as TensorFlowModule;
  return loaded;
}

/** True when `name` can be given to `useBackend`. */
export function isBackendName(name: string): name is BackendName {
  return BACKEND_NAMES.some((known) => known === name);
}

/**
 * TensorFlow.js with the backend asked for, ready to use, and with the kernels that the backend lacks registered.
 * It prints nothing. Backends can be changed by calling it again; tensors stay with the backend that made them.
 *
 * @throws SoftmachineError for an unknown name, or a backend that was asked for and can't be loaded.
 */
export async function useBackend(name: BackendName = "auto"): Promise<TensorFlowModule> {
  if (!isBackendName(name)) {
    throw new SoftmachineError(
      `unknown backend "${String(name)}"${suggestion(String(name), BACKEND_NAMES)}; known: ${BACKEND_NAMES.join(", ")}`,
    );
  }
  // The native library logs to stderr as it is loaded, unless told otherwise.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "2";
  const tf = await import("@tensorflow/tfjs");
  // Production mode drops the banner and the warnings about registering a kernel again. It leaves results alone.
  tf.enableProdMode();
  if (name !== "auto") {
    await start(tf, name);
    return tf;
  }
  const failures: string[] = [];
  for (const candidate of BACKEND_NAMES.slice(1)) {
    try {
      await start(tf, candidate);
      return tf;
    } catch (error) {
      failures.push(messageOf(error));
    }
  }
  throw new SoftmachineError(`no TensorFlow.js backend can be loaded: ${failures.join("; ")}`);
}

async function start(tf: TensorFlowModule, name: BackendName): Promise<void> {
  if (name === "tensorflow-gpu" || name === "tensorflow") await loadNative(name);
  else if (name === "wasm") await loadWasm();
  const backend = name === "tensorflow-gpu" ? "tensorflow" : name;
  if (!(await quietly(() => tf.setBackend(backend)))) {
    throw new SoftmachineError(`the TensorFlow.js backend "${name}" can't be started on this machine`);
  }
  await tf.ready();
  registerMissingKernels(tf, backend);
}

async function loadNative(name: "tensorflow-gpu" | "tensorflow"): Promise<void> {
  const packageName: string = NATIVE_PACKAGES[name];
  try {
    await import(packageName);
  } catch (error) {
    const reason = messageOf(error).split("\n", 1)[0];
    throw new SoftmachineError(`backend "${name}" needs an optional package: npm install ${packageName} (${reason})`);
  }
}

async function loadWasm(): Promise<void> {
  const { setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  // Resolved from this file, so that the binaries are found whatever the working directory is.
  const entry = require.resolve("@tensorflow/tfjs-backend-wasm");
  setWasmPaths(`${path.dirname(entry)}${path.sep}`);
}

/**
 * Runs `action` and takes away the process-wide error listeners that it added: the WebAssembly loader installs some
 * that rethrow, and so would turn anyone's error into a page of its own minified source.
 */
async function quietly<T>(action: () => Promise<T>): Promise<T> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const before = new Map(events.map((event) => [event, new Set<unknown>(process.rawListeners(event))]));
  try {
    return await action();
  } finally {
    for (const event of events) {
      for (const listener of process.rawListeners(event)) {
        if (before.get(event)?.has(listener)) continue;
        process.removeListener(event, listener as (...values: unknown[]) => void);
      }
    }
  }
}
