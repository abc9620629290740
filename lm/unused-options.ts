/** Training options that only some runs have a use for, whatever they are trained on. */
import { SoftmachineError } from "../scheme/index.js";
import { completeOptions, DEFAULT_OPTIONS, type TrainOptions } from "./options.js";

type Use = readonly [isUsed: (options: TrainOptions) => boolean, what: string];

const secondCall: Use = [({ calls }) => calls === 2, "calls 2"];
const superposition: Use = [({ execution }) => execution === "superposition", 'execution "superposition"'];
const library: Use = [({ objective }) => objective !== "direct", "a library's calls"];

/** What uses an option. Those that are impossible where nothing uses them are not among these. */
const uses: { readonly [K in keyof TrainOptions]?: Use } = {
  twoStepShare: secondCall,
  twoStepTelling: secondCall,
  embeddings: [
    ({ calls, output, objective }) => output === "text" || (calls === 2 && objective !== "direct"),
    'two calls of a library or output "text"',
  ],
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
 * Checks that nothing that differs from the defaults is for other kinds of run.
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
