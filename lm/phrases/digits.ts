import type { PhraseTable } from "./program-phrases.js";

/** Decimal digits. */
export const digitsPhrases: PhraseTable = {
  "digit-count": {
    expressions: [
      "the number of decimal digits of {a}",
      "the digit count of {a}",
      "the number of digits in {a}",
      "the decimal length of {a}",
      "the count of digits in {a}",
    ],
    commands: ["count the digits of {a}", "count the decimal digits in {a}", "count how many digits {a} has"],
    questions: ["how many digits does {a} have", "how many decimal digits are in {a}", "how many digits long is {a}"],
    heldOutExpressions: ["the count of decimal digits of {a}", "the decimal digit count of {a}"],
    heldOutCommands: ["count the digits in {a}", "count how many decimal digits {a} has"],
    heldOutQuestions: ["how many decimal digits does {a} have"],
  },
  "digit-sum": {
    expressions: [
      "the digit sum of {a}",
      "the sum of the digits of {a}",
      "the sum of the decimal digits of {a}",
      "the cross sum of {a}",
      "the total of the digits of {a}",
      "the sum of all digits in {a}",
    ],
    commands: [
      "add up the digits of {a}",
      "sum the digits of {a}",
      "add up all decimal digits in {a}",
      "take the cross sum of {a}",
      "add the digits of {a} together",
    ],
    heldOutExpressions: ["the total of the decimal digits of {a}", "the sum of the digits in {a}"],
    heldOutCommands: ["sum the decimal digits of {a}", "add up all digits of {a}", "take the digit sum of {a}"],
  },
  "digital-root": {
    expressions: [
      "the digital root of {a}",
      "the repeated digit sum of {a}",
      "the single digit left of {a}",
      "the final digit sum of {a}",
      "the digital root belonging to {a}",
      "the iterated sum of digits of {a}",
    ],
    commands: [
      "take the digital root of {a}",
      "add the digits of {a} again and again",
      "sum the digits of {a} repeatedly",
      "reduce {a} to a single digit",
      "take the iterated digit sum of {a}",
    ],
    heldOutExpressions: ["the iterated digit sum of {a}", "the repeated sum of digits of {a}"],
    heldOutCommands: ["take the repeated digit sum of {a}", "sum the digits of {a} again and again"],
  },
  "reverse-digits": {
    expressions: [
      "{a} reversed",
      "{a} written backwards",
      "the digits of {a} in reverse order",
      "the reversal of {a}",
      "{a} with its digits reversed",
      "{a} read backwards",
      "the mirror image of {a}",
    ],
    commands: [
      "reverse {a}",
      "reverse the digits of {a}",
      "write {a} backwards",
      "turn the digits of {a} around",
      "read {a} in reverse",
    ],
    heldOutExpressions: ["{a} written in reverse", "the digits of {a} reversed", "{a} read in reverse order"],
    heldOutCommands: ["write the digits of {a} backwards", "write {a} in reverse", "read the digits of {a} backwards"],
  },
};
