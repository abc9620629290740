/** The numbers of a question. */
import { SoftmachineError } from "../scheme/index.js";

/**
 * The numbers in a text, all of which must be operands: whole numbers in 0..n-1.
 *
 * @throws SoftmachineError when there are no words, no number, or a number that is no operand.
 */
export function numbersInText(text: string, n: number): number[] {
  if (text.trim() === "") throw new SoftmachineError("there is no question: the text is empty");
  const numbers: number[] = [];
  // A minus sign belongs to the number after it, unless a number stands before it, or it joins a word to the number.
  for (const { 0: found } of text.matchAll(/(?<![\p{N})]\s*)(?<!\p{L})-[0-9]+|[0-9]+(?:[.,][0-9]+)*/gu)) {
    const parts = /^[0-9]+(?:,[0-9]+)+$/.test(found) && !/,[0-9]{3}$/.test(found) ? found.split(",") : [found];
    for (const part of parts) {
      const value = Number(part);
      if (!(Number.isInteger(value) && value >= 0 && value < n)) {
        throw new SoftmachineError(`"${part}" can't be an operand: those are whole numbers from 0 to ${n - 1}`);
      }
      numbers.push(value);
    }
  }
  if (numbers.length === 0) {
    throw new SoftmachineError('there is no number in the question; write operands in digits, as in "add 3 and 4"');
  }
  return numbers;
}
