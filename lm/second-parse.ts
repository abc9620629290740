/** What a second call is, once the first one is known: where it takes the first one's result, and what it answers. */
import { likeliest } from "../machine/index.js";
import { type Parse, parse } from "./evaluate.js";
import type { Reading } from "./reading.js";
import { answerOf } from "./sentences.js";
import type { CallTable } from "./tabulated-call.js";

/** A second call made hard. */
export interface SecondParse extends Parse {
  /** Whether each operand is the first call's result. */
  readonly fromResult: readonly boolean[];
}

/** A share above this is more than all others together. */
const MOST = 0.5;

/**
 * The second call of a reading, on the first one's hard result.
 *
 * @returns undefined where there is none, or the answer is rather the first call's.
 */
export function parseSecond(table: CallTable, { calls }: Reading, first: Parse): SecondParse | undefined {
  const [, second] = calls;
  if (second === undefined || second.weight <= MOST) return undefined;
  const program = table.programs[likeliest(second.choice)];
  const fromResult = Array.from({ length: program.operands }, (_, slot) => (second.fromResult?.[slot] ?? 0) > MOST);
  const operands = fromResult.map((taken, slot) => (taken ? first.answer : likeliest(second.operands[slot])));
  return { program, operands, answer: answerOf(program, operands), fromResult };
}

/** What the likeliest calls of a reading answer; undefined where no library is used. */
export function parsedAnswer(table: CallTable, reading: Reading): number | undefined {
  const [call] = reading.calls;
  if (call === undefined) return undefined;
  const first = parse(table, call);
  return (parseSecond(table, reading, first) ?? first).answer;
}
