/** Training options that only some runs have a use for. */
import { SoftmachineError } from "../scheme/index.js";
import { completeOptions, DEFAULT_OPTIONS, type TrainOptions } from "./options.js";

type Use = readonly [isUsed: (options: TrainOptions) => boolean, what: string];

const secondCall: Use = [({ calls }) => calls === 2, "calls 2"];
const superposition: Use = [({ execution }) => execution === "superposition", 'execution "superposition"'];
const library: Use = [({ objective }) => objective !== "direct", "a library's calls"];

/** What uses an option; one that stands not here is always of use, or refused where it is not. */
const uses: { readonly [K in keyof TrainOptions]?: Use } = {
  twoStepShare: secondCall,
  twoStepTelling: secondCall,
  embeddings: [({ calls, output }) => calls === 2 || output === "text", 'calls 2 or output "text"'],
  answerWeight: [({ output }) => output === "text", 'output "text"'],
  numeralSharpness: [({ numerals }) => numerals !== "learned", "compiled numerals"],
  numeralRateFactor: [
    ({ numerals, operandHeads, objective }) =>
      numerals !== "frozen" && operandHeads === "pointing" && objective !== "direct",
    "numerals that are trained and pointed at",
  ],
  operandHeads: library,
  execution: library,
  selection: superposition,
  machineSteps: superposition,
};

/**
 * Checks that a run has a use for everything that differs from the defaults.
 *
 * @throws SoftmachineError naming an option that would change nothing, or whatever makes the options impossible.
 */
export function checkUsed(given: Partial<TrainOptions> | Readonly<Record<string, unknown>>): void {
  const options = completeOptions(given);
  for (const [name, value] of Object.entries(given)) {
    const key = name as keyof TrainOptions;
    const use = uses[key];
    if (use === undefined || value === undefined || value === DEFAULT_OPTIONS[key]) continue;
    const [isUsed, what] = use;
    if (!isUsed(options)) {
      throw new SoftmachineError(`${name} ${JSON.stringify(value)} would change nothing: it is for ${what}`);
    }
  }
}
