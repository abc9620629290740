import { compile } from "../direct/index.js";
import { type Answer, ask, type BitMachine, type Calibration, type Likely, type Run } from "../lm/index.js";
import { messageOf, percentText, printNumber, SoftmachineError } from "../scheme/index.js";

/** A program's text and the names of its operands. */
export interface AskedProgram {
  readonly name: string;
  readonly source: string;
  readonly operands: readonly { readonly name: string }[];
}

/** A call that the model parsed, with the exact path's value of it. */
interface ExactCall {
  /** Names of the operands parsed. */
  readonly operandNames: readonly string[];
  /** The exact path's value, not modulo anything. */
  readonly exact?: number;
  /** The same modulo n, as the machine and the soft path count. */
  readonly modulo: number;
  /** Why there is no exact value. */
  readonly reason?: string;
}

/** An answer of the model with the exact path's value of the calls that it parsed. */
export interface FullAnswer extends ExactCall {
  readonly answer: Answer;
  /** The call after the first, on the first one's exact value, where the answer takes two. */
  readonly second?: ExactCall;
  /** What the model abstains by. */
  readonly calibration?: Calibration;
}

/**
 * Asks a run's model a sentence and runs what it parsed on the exact path.
 *
 * @param programs where the exact path finds the programs' texts.
 * @param machine what runs the calls of a model that reads numbers by digits.
 */
export function askFully(
  run: Pick<Run, "model" | "sentences" | "calibration"> & Partial<Pick<Run, "options">>,
  text: string,
  programs: readonly AskedProgram[],
  machine?: BitMachine,
): FullAnswer {
  const { calibration } = run;
  const answer = ask(run.model, text, { ...run, ...(machine && { machine }) });
  const first = { ...(calibration && { calibration }), ...runExactly(answer.call, programs) };
  const { second } = answer;
  if (second === undefined) return { answer, ...first };
  // Composed: the second call takes what the first one is exactly, not modulo n.
  const operands = second.operands.map(({ value, fromResult }) => (fromResult ? (first.exact ?? value) : value));
  const call = { program: second.program.value, operands, answer: second.answer };
  return { answer, ...first, second: runExactly(call, programs) };
}

/** Runs a call on the exact path. */
function runExactly({ program: name, operands, answer: modulo }: Answer["call"], programs: readonly AskedProgram[]) {
  const program = programs.find(
    (candidate) => candidate.name === name && candidate.operands.length === operands.length,
  );
  if (program === undefined) {
    const operandNames = operands.map((_, i) => "abc".charAt(i));
    return { operandNames, modulo, reason: `the library here has no program "${name}"` };
  }
  const operandNames = program.operands.map((operand) => operand.name);
  try {
    const module = compile(program.source, { name: `${name}.scm`, entry: name });
    const exact = module.evaluate(Object.fromEntries(operandNames.map((operand, i) => [operand, operands[i]])));
    return { operandNames, exact, modulo };
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    return { operandNames, modulo, reason: messageOf(error) };
  }
}

/** An answer as text: what was parsed, which program ran, both paths' results, and whether it is but a guess. */
export function answerText(full: FullAnswer, n: number): string {
  const { answer, second: secondExact, ...first } = full;
  const { text, program, runnersUp, operands, second, written, soft, doubts } = answer;
  const lines = [
    text,
    `  program   ${programText(program, runnersUp)}`,
    `  operands  ${operandsText(operands, first.operandNames)}`,
    `  ${second === undefined ? "exact   " : "result  "}  ${exactText(first, n)}`,
    ...(second === undefined || secondExact === undefined
      ? []
      : [
          `  then      ${programText(second.program, second.runnersUp)}`,
          `  operands  ${operandsText(second.operands, secondExact.operandNames)}`,
          `  exact     ${exactText(secondExact, n)}`,
        ]),
    `  soft      ${soft.value} (${percentText(soft.probability)})`,
    ...(written === undefined ? [] : [`  written   ${written}`]),
    ...certaintyLines(full),
    ...doubts.map((doubt) => `  doubtful  ${doubt}`),
  ];
  return lines.join("\n");
}

function programText(program: Likely<string>, runnersUp: readonly Likely<string>[]): string {
  const others = runnersUp.map(({ value, probability }) => `${value} ${percentText(probability)}`).join(", ");
  return `${program.value} (${percentText(program.probability)})${others === "" ? "" : `; then ${others}`}`;
}

function operandsText(
  operands: readonly (Likely<number> & { readonly fromResult?: boolean })[],
  names: readonly string[],
): string {
  return operands
    .map(({ value, probability, fromResult }, i) => {
      return `${names[i]} = ${fromResult ? "the result" : value} (${percentText(probability)})`;
    })
    .join(", ");
}

function exactText({ exact, modulo, reason }: ExactCall, n: number): string {
  if (exact === undefined) return `${modulo} modulo ${n}: ${reason}`;
  return exact === modulo ? printNumber(exact) : `${printNumber(exact)}, ${modulo} modulo ${n}`;
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

const exactJson = ({ exact, modulo }: Pick<ExactCall, "exact" | "modulo">) =>
  exact === undefined ? { modulo } : { value: exact, modulo };

/** An answer as data. */
export function answerJson({ answer, second: secondExact, calibration, ...first }: FullAnswer, n: number) {
  const { text, program, runnersUp, operands, second, written, soft, distribution, bits, confidence } = answer;
  const { certainty, abstained, doubts } = answer;
  const call = (
    parsed: { program: Likely<string>; runnersUp: readonly Likely<string>[]; operands: readonly Likely<number>[] },
    { operandNames, exact, modulo }: ExactCall,
  ) => ({
    program: { name: parsed.program.value, probability: parsed.program.probability },
    runnersUp: parsed.runnersUp.map(({ value, probability }) => ({ name: value, probability })),
    operands: parsed.operands.map((operand, i) => ({ name: operandNames[i], ...operand })),
    exact: exactJson({ exact, modulo }),
  });
  return {
    text,
    n,
    // The last call's, of which there may be two.
    answer: exactJson(secondExact ?? first),
    ...call({ program, runnersUp, operands }, first),
    ...(second === undefined || secondExact === undefined
      ? {}
      : { second: { ...call(second, secondExact), weight: second.weight } }),
    ...(written === undefined ? {} : { written }),
    soft: { value: soft.value, probability: soft.probability },
    ...(bits === undefined ? { distribution } : { bits }),
    confidence,
    ...(certainty === undefined ? {} : { certainty, threshold: calibration?.threshold }),
    abstained,
    doubts,
  };
}
