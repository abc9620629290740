/** How sure descent is of each line of a program. */
import { adamStep, withMoments } from "../../direct/index.js";
import { seededRandom } from "../random-soft-program.js";
import { SoftMachine } from "../soft-machine.js";
import { randomly } from "./choices.js";
import { type Decompiled, decompile } from "./decompile.js";
import { lossGradient } from "./loss-gradient.js";
import { defaultAdaptation } from "./options.js";
import { distributionsOf, flashParameters, parametersGradient, type Trained, trainedMask } from "./parameters.js";
import { type AdaptationTask, drawExample, type HardProgram } from "./task.js";

/** Odds of a choice against another that descent begins with: e to this. */
const sharpness = 8;
const iterations = 60;
const batch = 4;

/**
 * A program with the probability that each of its lines has after a short descent of the loss, without that of time, from
 * where the program is likely but not certain. Lines that matter rise towards 1; what makes no difference stays as likely
 * as it began, and what could as well be otherwise falls.
 */
export function decompileWithConfidence(task: AdaptationTask, program: HardProgram, trained: Trained = {}): Decompiled {
  const parameters = flashParameters({ ...task, ...program }, sharpness);
  const mask = trainedMask(task.image, trained);
  const machine = new SoftMachine(distributionsOf(task, parameters).program, {
    ...{ batch, gradientSteps: task.steps, dtype: "float32" },
  });
  const moments = withMoments(parameters.all);
  const choose = randomly(seededRandom(1));
  const weights = { ...defaultAdaptation.weights, time: 0 };
  for (let i = 0; i < iterations; i++) {
    const examples = Array.from({ length: batch }, () => drawExample(task, choose));
    const of = { parameters, examples, weights, steps: task.steps, mask, trained };
    const { distributions, gradient } = lossGradient(task, machine, of);
    adamStep(moments, parametersGradient(task, distributions, gradient), defaultAdaptation.learningRate, i + 1);
  }
  return decompile(task, parameters, program);
}
