import { existsSync, readdirSync, readFileSync, truncateSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { json, output, softmachine, temporaryFolder } from "./testing.js";
import type { TrainingSummary } from "./training-results.js";

const folder = temporaryFolder({
  "increment.scm":
    ";;; One more.\n;;;\n;;; operand a: a number\n;;; result: a + 1\n;;; example: (increment 3) => 4\n\n(define (increment a) (+ a 1))\n",
  "max-of.scm":
    ";;; The larger one.\n;;;\n;;; operand a: a number\n;;; operand b: a number\n;;; result: the larger\n;;; example: (max-of 1 2) => 2\n\n(define (max-of a b) (max a b))\n",
});
const at = (...names: string[]) => path.join(folder, ...names);
const settings = [
  ...["--library", "package", "--batch", "4", "--hidden", "8", "--heads", "1", "--key-value-heads", "1"],
  ...["--feed-forward", "8", "--layers", "1", "--evaluate-sentences", "8", "--evaluate-every", "40"],
  ...["--checkpoint-every", "40", "--backend", "wasm", "--target", "2"],
];
const train = (...words: string[]) => softmachine(["train", ...words, "--test", "20"], { cwd: folder });

interface Seeds {
  readonly runs: readonly (TrainingSummary & { seed: number; checkpoint: string; error?: string })[];
  readonly mean: { steps: number };
  readonly worst: { heldOutOperands: number };
}

/** What a run came to, its time aside. */
const figures = ({ outcome, steps, loss, measurements, heldOutTemplates }: TrainingSummary) => ({
  outcome,
  steps,
  loss,
  measurements,
  heldOutTemplates,
});
const linesOf = (log: string) =>
  readFileSync(at(log, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => ({ ...(JSON.parse(line) as object), time: 0, seconds: 0 }));

/** Waits until a run's log has this many lines. */
async function untilLogged(log: string, lines: number): Promise<void> {
  const file = at(log, "metrics.jsonl");
  while (!existsSync(file) || readFileSync(file, "utf8").split("\n").length < lines) await setTimeout(5);
}

let alone: TrainingSummary;
beforeAll(async () => {
  await output(["library", "build", "--programs", ".", "--out", "package", "--n", "8", "--check-n", "8"], {
    cwd: folder,
  });
  const words = ["train", ...settings, "--steps", "120", "--seed", "7", "--checkpoint", "alone.safetensors"];
  alone = await json<TrainingSummary>([...words, "--log", "alone", "--test", "20", "--json"], { cwd: folder });
});

describe("a training run", () => {
  it("killed in the middle, is resumed to the same numbers and the same log", async () => {
    const words = ["train", ...settings, "--steps", "120", "--seed", "7", "--checkpoint", "killed.safetensors"];
    const killed = await softmachine([...words, "--log", "killed"], {
      cwd: folder,
      onStart: async (child) => {
        await untilLogged("killed", 50);
        child.kill("SIGKILL");
      },
    });
    expect(killed).toMatchObject({ code: null, stdout: "" });
    const resumed = ["train", "--resume", "--checkpoint", "killed.safetensors", "--log", "killed", "--json"];
    expect(figures(await json<TrainingSummary>([...resumed, "--test", "20"], { cwd: folder }))).toEqual(figures(alone));
    expect(linesOf("killed")).toEqual(linesOf("alone"));
    expect(readdirSync(at("killed"))).toHaveLength(3);
  });

  it("keeps a log that is there, unless it is told to replace it", async () => {
    const again = [...settings, "--steps", "2", "--checkpoint", "again.safetensors", "--log", "alone"];
    expect(await train(...again)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("alone holds a log already: --overwrite replaces it"),
    });
    expect(linesOf("alone").length).toBeGreaterThan(120);
    expect(existsSync(at("again.safetensors"))).toBe(false);
  });
});

describe("several seeds", () => {
  const seeds = ["--seeds", "2", "--seed", "7", "--jobs", "2", "--checkpoint", "runs/model.safetensors"];

  it("stopped and resumed, are each what they are alone; a table compares them", async () => {
    const stopped = await softmachine(["train", ...settings, "--steps", "120", ...seeds, "--log", "logs"], {
      cwd: folder,
      onStart: async (child) => {
        await untilLogged("logs/seed-7", 10);
        child.kill("SIGINT");
      },
    });
    expect(stopped).toMatchObject({
      code: 130,
      stdout: "",
      stderr: expect.stringMatching(/stopped, 0 of 2 runs done; train --resume with the same --seeds/),
    });
    expect(readdirSync(at("runs"))).toEqual(["model-seed-7.safetensors", "model-seed-8.safetensors"]);
    const resumed = ["train", "--resume", ...seeds, "--log", "logs", "--test", "20"];
    const { runs, mean, worst } = await json<Seeds>([...resumed, "--json"], { cwd: folder });
    expect(runs.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(figures(runs[0])).toEqual(figures(alone));
    expect(figures(runs[1])).toMatchObject({ outcome: "all steps taken", steps: 120 });
    expect(runs[1].loss).not.toBe(alone.loss);
    expect(linesOf("logs/seed-7")).toEqual(linesOf("alone"));
    expect(mean.steps).toBe(120);
    expect(worst.heldOutOperands).toBe(Math.min(...runs.map(({ heldOutOperands }) => heldOutOperands.accuracy)));
    // Nothing is left to do; and where one run's checkpoint is damaged, the other's result is shown all the same.
    truncateSync(at("runs", "model-seed-8.safetensors"), 1000);
    const damaged = await softmachine(resumed, { cwd: folder });
    expect(damaged.stdout).toMatch(/^seed +steps .*\n[- ]+\n7 +120 .*\n8 +- .* failed\nmean +120 .*\nworst +120 /);
    expect(damaged).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^seed 8: .*model-seed-8\.safetensors is damaged[\s\S]*error: 1 of 2 runs failed; .*: seed 8$/m,
      ),
    });
  });

  it.each([
    [["--jobs", "2"], 2, "--seeds says how many there are"],
    [["--seeds", "2", "--seed", "4294967295"], 2, '"seed" is 4294967296'],
    [["--seeds", "2", "--resume", "--checkpoint", "none.safetensors"], 1, "none-seed-1.safetensors to resume"],
    [["--seeds", "2", "--seed", "7", "--checkpoint", "runs/model.safetensors"], 2, "model-seed-7.safetensors is there"],
    [["--log", "package/manifest.json"], 2, "is a file"],
  ])("refuse %j", async (words, code, message) => {
    expect(await train(...words)).toMatchObject({ code, stdout: "", stderr: expect.stringContaining(message) });
  });
});
