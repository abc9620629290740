import { compile } from "../direct/index.js";
import { type Answer, ask, type BitMachine, type Calibration, type Run } from "../lm/index.js";
import { messageOf, percentText, printNumber, SoftmachineError } from "../scheme/index.js";

/** A program's text and the names of its operands. */
export interface AskedProgram {
  readonly name: string;
  readonly source: string;
  readonly operands: readonly { readonly name: string }[];
}

/** An answer of the model with the exact path's value of the call that it parsed. */
export interface FullAnswer {
  readonly answer: Answer;
  /** Names of the operands parsed. */
  readonly operandNames: readonly string[];
  /** The exact path's value, not modulo anything. */
  readonly exact?: number;
  /** The same modulo n, as the machine and the soft path count. */
  readonly modulo: number;
  /** Why there is no exact value. */
  readonly reason?: string;
  /** What the model abstains by. */
  readonly calibration?: Calibration;
}

/**
 * Asks a run's model a sentence and runs what it parsed on the exact path.
 *
 * @param programs where the exact path finds the programs' texts.
 * @param machine what runs the calls of a model that reads numbers by digits.
 */
export function askFully(run: Run, text: string, programs: readonly AskedProgram[], machine?: BitMachine): FullAnswer {
  const { calibration } = run;
  const calibrated = calibration === undefined ? {} : { calibration };
  const answer = ask(run.model, text, { ...run, ...(machine === undefined ? {} : { machine }) });
  const { program: name, operands, answer: modulo } = answer.call;
  const program = programs.find(
    (candidate) => candidate.name === name && candidate.operands.length === operands.length,
  );
  if (program === undefined) {
    const operandNames = operands.map((_, i) => "abc".charAt(i));
    return { ...calibrated, answer, operandNames, modulo, reason: `the library here has no program "${name}"` };
  }
  const operandNames = program.operands.map((operand) => operand.name);
  try {
    const module = compile(program.source, { name: `${name}.scm`, entry: name });
    const exact = module.evaluate(Object.fromEntries(operandNames.map((operand, i) => [operand, operands[i]])));
    return { ...calibrated, answer, operandNames, exact, modulo };
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    return { ...calibrated, answer, operandNames, modulo, reason: messageOf(error) };
  }
}

/** An answer as text: what was parsed, which program ran, both paths' results, and whether it is but a guess. */
export function answerText(full: FullAnswer, n: number): string {
  const { answer, operandNames, exact, modulo, reason } = full;
  const { text, program, runnersUp, operands, soft, doubts } = answer;
  const others = runnersUp.map(({ value, probability }) => `${value} ${percentText(probability)}`).join(", ");
  const parsed = operands.map(
    ({ value, probability }, i) => `${operandNames[i]} = ${value} (${percentText(probability)})`,
  );
  const exactText =
    exact === undefined
      ? `${modulo} modulo ${n}: ${reason}`
      : exact === modulo
        ? printNumber(exact)
        : `${printNumber(exact)}, ${modulo} modulo ${n}`;
  const lines = [
    text,
    `  program   ${program.value} (${percentText(program.probability)})${others === "" ? "" : `; then ${others}`}`,
    `  operands  ${parsed.join(", ")}`,
    `  exact     ${exactText}`,
    `  soft      ${soft.value} (${percentText(soft.probability)})`,
    ...certaintyLines(full),
    ...doubts.map((doubt) => `  doubtful  ${doubt}`),
  ];
  return lines.join("\n");
}

/** How certain a calibrated model is, and that it abstains if that is not enough. */
function certaintyLines({ answer: { certainty, abstained }, calibration }: FullAnswer): string[] {
  if (certainty === undefined || calibration === undefined) return [];
  const { threshold, accuracy } = calibration;
  const needed = threshold === 1 ? "it answers nothing" : `it answers above ${percentText(threshold)}`;
  return [
    `  certain   ${percentText(certainty)}`,
    ...(abstained
      ? [`  abstains  the above is a guess: to be right ${percentText(accuracy)} of the time ${needed}`]
      : []),
  ];
}

/** An answer as data. */
export function answerJson({ answer, operandNames, exact, modulo, calibration }: FullAnswer, n: number) {
  const { text, program, runnersUp, operands, soft, distribution, bits, confidence, certainty, abstained, doubts } =
    answer;
  return {
    text,
    n,
    program: { name: program.value, probability: program.probability },
    runnersUp: runnersUp.map(({ value, probability }) => ({ name: value, probability })),
    operands: operands.map(({ value, probability }, i) => ({ name: operandNames[i], value, probability })),
    exact: exact === undefined ? { modulo } : { value: exact, modulo },
    soft: { value: soft.value, probability: soft.probability },
    ...(bits === undefined ? { distribution } : { bits }),
    confidence,
    ...(certainty === undefined ? {} : { certainty, threshold: calibration?.threshold }),
    abstained,
    doubts,
  };
}
