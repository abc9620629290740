import { describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS } from "./options.js";
import { checkUsed } from "./unused-options.js";

describe("checkUsed", () => {
  it.each([
    [{ twoStepShare: 0.5 }, "twoStepShare 0.5 would change nothing: it is for calls 2"],
    [{ embeddings: "untied" }, 'embeddings "untied" would change nothing: it is for two calls'],
    [{ embeddings: "untied", calls: 2, objective: "direct" }, "it is for two calls"],
    [{ numeralSharpness: 5 }, "it is for compiled numerals"],
    [{ numeralRateFactor: 5, numerals: "frozen" }, "it is for numerals that are trained"],
    [{ numeralRateFactor: 5, operandHeads: "free" }, "it is for numerals that are trained"],
    [{ machineSteps: 5 }, 'machineSteps 5 would change nothing: it is for execution "superposition"'],
    [{ execution: "superposition", objective: "direct" }, "it is for a library's calls"],
  ])("refuses %j", (options, message) => {
    expect(() => checkUsed(options)).toThrow(message);
  });

  it.each([
    [{ twoStepShare: 0.5, embeddings: "untied", calls: 2 }],
    [{ numeralSharpness: 5, numeralRateFactor: 5, numerals: "flashed" }],
    [{ machineSteps: 5, selection: "entry points", execution: "superposition" }],
    [{ answerWeight: 2, output: "text", laterLayers: 1 }],
  ])("takes %j", (options) => {
    expect(() => checkUsed(options)).not.toThrow();
  });

  it("takes what stands for the default where nothing uses it", () => {
    expect(() =>
      checkUsed({ embeddings: "tied", selection: DEFAULT_OPTIONS.selection, answerWeight: 1 }),
    ).not.toThrow();
  });

  it("refuses what is impossible", () => {
    expect(() => checkUsed({ stepz: 5 })).toThrow('unknown training option "stepz"');
  });
});
