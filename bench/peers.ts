import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { SoftmachineError } from "../scheme/index.js";
import type { BenchProgram } from "./programs.js";

/** What a peer took, in microseconds: the first value from its source on, then a value, then a value with gradient. */
export interface PeerTimes {
  readonly first: number;
  readonly value: number;
  readonly gradient: number;
  /** Of the values. */
  readonly mean: number;
}

/** A peer's answer by its name. */
export type PeerAnswers = Readonly<Record<string, PeerTimes | { readonly error: string }>>;

export interface PeerRequest {
  readonly program: BenchProgram;
  readonly rows: number;
  readonly dtype: "float32" | "float64";
  /** How long to time each. */
  readonly seconds: number;
}

export interface Peers {
  /** In words: which peers there are, and which are missing and why. */
  readonly notes: readonly string[];
  ask(request: PeerRequest): Promise<PeerAnswers>;
  close(): void;
}

interface Greeting {
  readonly peers: readonly { readonly name: string; readonly version: string; readonly threads: number }[];
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * Starts a Python that times PyTorch and JAX, as far as it has them. Where it dies of a program, as compilers do, that is
 * said, the program has no answer, and a new one takes its place.
 * @throws SoftmachineError where it can't be started.
 */
export async function startPeers(python: string): Promise<Peers> {
  let peers = await startPython(python);
  return {
    notes: peers.notes,
    ask: async (request) => {
      try {
        return await peers.ask(request);
      } catch (error) {
        if (!(error instanceof SoftmachineError)) throw error;
        console.log(`${request.program.name}, ${request.rows} rows of ${request.dtype}: ${error.message}`);
        peers = await startPython(python);
        return {};
      }
    },
    close: () => peers.close(),
  };
}

async function startPython(python: string): Promise<Peers> {
  const script = fileURLToPath(new URL("peers.py", import.meta.url));
  const child = spawn(python, [script], { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (text: Buffer) => {
    complaint = (complaint + text.toString()).slice(-2000);
  });
  const failure = new Promise<never>((_, reject) => {
    const fail = (why: string) => reject(new SoftmachineError(`the peers' Python, ${python}, ${why}`));
    child.on("error", (error) => fail(`does not start: ${error.message}`));
    child.on("exit", (status, signal) => {
      const last = complaint.trim().split("\n").pop();
      fail(`ended with ${signal ?? `status ${status}`}${last ? `: ${last}` : ""}`);
    });
    // Writing to one that ended; `exit` says so.
    child.stdin.on("error", () => {});
  });
  // It is awaited with each answer.
  failure.catch(() => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async <T>(): Promise<T> => {
    const line = await Promise.race([lines.next(), failure]);
    return line.done ? await failure : (JSON.parse(line.value) as T);
  };
  const { peers, missing } = await answer<Greeting>();
  return {
    notes: [
      ...peers.map(({ name, version, threads }) => `${name}: ${version}, ${threads} thread${threads === 1 ? "" : "s"}`),
      ...Object.entries(missing).map(([name, why]) => `${name}: not at hand: ${why}`),
    ],
    ask: ({ program: { name, source, inputs }, rows, dtype, seconds }) => {
      child.stdin.write(`${JSON.stringify({ name, source, inputs, rows, dtype, seconds })}\n`);
      return answer<PeerAnswers>();
    },
    close: () => {
      child.removeAllListeners("exit");
      child.stdin.end();
    },
  };
}
