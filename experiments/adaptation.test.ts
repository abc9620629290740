import { describe, expect, it } from "vitest";
import { genericProgram, prove } from "../machine/index.js";
import {
  type AdaptationRun,
  adaptationSummaries,
  adaptationTasks,
  adaptTasks,
  newAdaptationRun,
  readAdaptationRun,
} from "./index.js";

/** States of the generic programs, averaged over the inputs. */
const genericStates = { access: 6, increment: 40, incrementLong: 40, swap: 10, listK: 15, addition: 20, sort: 37.158 };

describe("the paper's generic programs", () => {
  it.each(adaptationTasks)("$program is right on every input, in as many steps as the paper's", (task) => {
    const verdict = prove(task, genericProgram(task));
    expect(verdict).toMatchObject({ proved: true, exhaustive: true });
    expect(Object.entries(genericStates)).toContainEqual([task.program, expect.closeTo(1 + verdict.meanSteps, 3)]);
  });
});

describe("the adaptation experiment", () => {
  const settings = { tasks: ["access", "swap"], starts: 1, seed: 1, iterations: 400 };

  /** A run that is stopped after so many reports, and goes on from its file. */
  async function interrupted(run: AdaptationRun, reports: number): Promise<AdaptationRun> {
    const controller = new AbortController();
    let left = reports;
    const onProgress = () => {
      if (--left === 0) controller.abort();
    };
    const stopped = await adaptTasks(run, { signal: controller.signal, onProgress });
    return readAdaptationRun(JSON.stringify(stopped), "run.json");
  }

  it("gives the same results when it is stopped and goes on", async () => {
    const whole = await adaptTasks(newAdaptationRun(settings));
    expect(whole.results.map(({ task, starts }) => [task, starts.length])).toEqual([
      ["access", 1],
      ["swap", 1],
    ]);
    let run = await interrupted(newAdaptationRun(settings), 15);
    expect(run.underWay).toMatchObject({ task: "access", state: { start: 0, cycles: expect.any(Number) } });
    run = await interrupted(run, 15);
    expect(run.underWay?.task).toBe("swap");
    run = await adaptTasks(run);
    expect(run.underWay).toBeUndefined();
    expect(JSON.parse(JSON.stringify(run))).toEqual(JSON.parse(JSON.stringify(whole)));
  });

  it("sums up what starts have found", async () => {
    const [access] = adaptationSummaries(await adaptTasks(newAdaptationRun({ ...settings, tasks: ["access"] })));
    expect(access).toMatchObject({ task: "access", starts: 1, paper: { learned: 4 } });
    expect(access.bestStates).toBeLessThanOrEqual(access.meanStates);
    expect(access.meanStates).toBeLessThanOrEqual(access.genericStates);
    expect(access.byDescent).toBeGreaterThanOrEqual(0);
    expect(access.byDescent).toBeLessThanOrEqual(1);
    expect(access.text).toMatch(/^; access begins with r0 = \d, r1 = \d, r2 = \d\n\.program access\n/);
  });

  it("refuses files that are not its own", () => {
    expect(() => readAdaptationRun("{", "x.json")).toThrow("x.json is damaged: it is not JSON");
    expect(() => readAdaptationRun('{"settings": {}}', "x.json")).toThrow("x.json is damaged: settings.tasks");
  });
});
