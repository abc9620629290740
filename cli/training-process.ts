/** A process that goes on with one training run of several: see `training-seeds.ts`, which starts it. */
import { resume, type TrainHooks } from "../lm/index.js";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import { calibrateCheckpoint } from "./calibration-results.js";
import { calibratedSummary, evaluateHeldOut } from "./training-results.js";
import type { TrainingNews, TrainingTask } from "./training-seeds.js";

const controller = new AbortController();

/** Says something to whoever started this process, if that is still there. */
const say = (news: TrainingNews) =>
  new Promise<void>((resolve) => {
    if (process.connected) process.send?.(news, () => resolve());
    else resolve();
  });

async function work({ test, accuracy, load, ...files }: TrainingTask): Promise<TrainingNews> {
  try {
    const { signal } = controller;
    const hooks: TrainHooks = { signal, ...files, onProgress: (progress) => void say({ progress }) };
    const result = await resume(files.checkpoint, hooks, load);
    if (result.outcome === "stopped") return { stopped: result.model.step };
    const heldOut = evaluateHeldOut(result, test);
    return {
      summary: calibratedSummary(result, heldOut, await calibrateCheckpoint(files.checkpoint, result, { accuracy })),
    };
  } catch (error) {
    return {
      error: `${messageOf(error)}${error instanceof SoftmachineError ? "" : " (a fault of softmachine itself)"}`,
    };
  }
}

process.on("message", async (message: TrainingTask | "stop") => {
  if (message === "stop") return controller.abort();
  await say(await work(message));
  if (process.connected) process.disconnect();
});
// Whoever started this is gone: the run ends with a checkpoint.
process.on("disconnect", () => controller.abort());
