import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { type BackendName, isBackendName, useBackend } from "./index.js";

function installed(packageName: string): boolean {
  try {
    createRequire(import.meta.url).resolve(packageName);
    return true;
  } catch {
    return false;
  }
}

describe("useBackend", () => {
  it("prints nothing, wherever it is run from, and leaves the process's error listeners alone", async () => {
    const written: string[] = [];
    const streams = [process.stdout, process.stderr];
    const writes = streams.map((stream) => stream.write);
    const listeners = () => process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection");
    const before = listeners();
    const folder = mkdtempSync(path.join(tmpdir(), "softmachine-"));
    const from = process.cwd();
    try {
      for (const stream of streams) {
        stream.write = (chunk: string | Uint8Array) => {
          written.push(String(chunk));
          return true;
        };
      }
      process.chdir(folder);
      for (const backend of ["wasm", "cpu", "auto"] as const) {
        const tf = await useBackend(backend);
        expect(Array.from(tf.add(tf.tensor1d([1]), 2).dataSync())).toEqual([3]);
      }
    } finally {
      process.chdir(from);
      streams.forEach((stream, i) => {
        stream.write = writes[i];
      });
      rmSync(folder, { recursive: true, force: true });
    }
    expect(written.join("")).toBe("");
    expect(listeners()).toBe(before);
  });

  it("says which name is unknown and which is near", async () => {
    expect(isBackendName("wasm")).toBe(true);
    expect(isBackendName("wasn")).toBe(false);
    await expect(useBackend("wasn" as BackendName)).rejects.toThrow(/unknown backend "wasn".*did you mean "wasm"/);
  });

  it("says in one line how to get a native backend that is asked for and missing", async () => {
    for (const [name, packageName] of [
      ["tensorflow", "@tensorflow/tfjs-node"],
      ["tensorflow-gpu", "@tensorflow/tfjs-node-gpu"],
    ] as const) {
      if (installed(packageName)) {
        expect((await useBackend(name)).getBackend()).toBe("tensorflow");
        continue;
      }
      const error: unknown = await useBackend(name).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(SoftmachineError);
      expect((error as SoftmachineError).message).toContain(`npm install ${packageName}`);
      expect((error as SoftmachineError).message).not.toContain("\n");
    }
  });
});
