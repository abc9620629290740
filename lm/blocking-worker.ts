/**
 * A worker thread that is asked and waited for: work that can only be done asynchronously, given to callers that are
 * not. A model's reading and training are plain calls that return numbers, and stay so when an encoder is part of it.
 */
import { type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import { SoftmachineError } from "../scheme/index.js";

/** What the worker runs: the source of an asynchronous function of `data`, that returns the function to be asked. */
export interface BlockingWork {
  readonly source: string;
  readonly data: unknown;
}

/** How long a caller waits for one answer, in milliseconds: far longer than any takes, and yet not for ever. */
const PATIENCE = 600_000;

/** CommonJS, as `new Worker(source, { eval: true })` takes it. */
const workerSource = (source: string) => `
const { parentPort, workerData } = require("node:worker_threads");
const { port, signal, data } = workerData;
const text = (error) => (error instanceof Error ? error.message : String(error));
(${source})(data).then(
  (ask) => {
    port.on("message", async (question) => {
      let reply;
      try {
        reply = { answer: await ask(question) };
      } catch (error) {
        reply = { error: text(error) };
      }
      port.postMessage(reply);
      Atomics.store(signal, 0, 1);
      Atomics.notify(signal, 0);
    });
    parentPort.postMessage({});
  },
  (error) => parentPort.postMessage({ error: text(error) }),
);
`;

/** A worker that is set up, to be asked one question at a time. */
export class BlockingWorker<Question, Answer> {
  readonly #port: MessagePort;
  readonly #signal: Int32Array;

  private constructor(port: MessagePort, signal: Int32Array) {
    this.#port = port;
    this.#signal = signal;
  }

  /**
   * Starts a worker, which keeps no process from ending.
   *
   * @throws SoftmachineError with what the worker says when it can't be set up.
   */
  static async start<Question, Answer>({ source, data }: BlockingWork): Promise<BlockingWorker<Question, Answer>> {
    const { port1, port2 } = new MessageChannel();
    const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const worker = new Worker(workerSource(source), {
      eval: true,
      execArgv: [],
      workerData: { port: port2, signal, data },
      transferList: [port2],
    });
    const { error } = await new Promise<{ error?: string }>((resolve) => {
      worker.once("message", resolve);
      worker.once("error", (thrown) => resolve({ error: thrown.message }));
      worker.once("exit", () => resolve({ error: "it ended" }));
    });
    if (error !== undefined) {
      await worker.terminate();
      throw new SoftmachineError(error);
    }
    worker.unref();
    port1.unref();
    return new BlockingWorker(port1, signal);
  }

  /**
   * Asks, and waits for the answer.
   *
   * @throws SoftmachineError with what the worker says when it fails.
   */
  ask(question: Question): Answer {
    Atomics.store(this.#signal, 0, 0);
    this.#port.postMessage(question);
    Atomics.wait(this.#signal, 0, 0, PATIENCE);
    const reply = receiveMessageOnPort(this.#port)?.message as { answer: Answer } | { error: string } | undefined;
    if (reply === undefined) throw new SoftmachineError("it gave no answer");
    if ("error" in reply) throw new SoftmachineError(reply.error);
    return reply.answer;
  }
}
