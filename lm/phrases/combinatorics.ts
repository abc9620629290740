import type { PhraseTable } from "./program-phrases.js";

/** Counting ways. */
export const combinatoricsPhrases: PhraseTable = {
  factorial: {
    expressions: [
      "{a} factorial",
      "the factorial of {a}",
      "{a}!",
      "factorial({a})",
      "the factorial of the number {a}",
      "the number {a} factorial",
      "the factorial number of {a}",
    ],
    commands: [
      "take the factorial of {a}",
      "compute the factorial of {a}",
      "work out {a} factorial",
      "find the factorial of {a}",
    ],
    heldOutExpressions: ["the factorial {a}!"],
    heldOutCommands: ["take {a} factorial", "take the factorial of the number {a}"],
  },
  binomial: {
    expressions: [
      "{a} choose {b}",
      "the binomial coefficient of {a} over {b}",
      "binomial({a}, {b})",
      "the number of ways to choose {b} of {a} things",
      "the number of combinations of {b} out of {a}",
      "the entry {b} in row {a} of pascal's triangle",
      "the binomial of {a} and {b}",
    ],
    commands: [
      "count the ways to choose {b} of {a} things",
      "count the combinations of {b} out of {a}",
      "look up entry {b} in row {a} of pascal's triangle",
      "take the binomial of {a} over {b}",
    ],
    questions: [
      "how many ways are there to choose {b} of {a} things",
      "in how many ways can {b} things be picked out of {a}",
    ],
    heldOutExpressions: [
      "the binomial coefficient {a} choose {b}",
      "the number of ways to choose {b} out of {a}",
      "the binomial coefficient of {a} and {b}",
    ],
    heldOutCommands: [
      "count the ways to choose {b} things out of {a}",
      "take the binomial coefficient of {a} over {b}",
    ],
    heldOutQuestions: ["how many combinations of {b} out of {a} are there"],
  },
  catalan: {
    expressions: [
      "the catalan number of {a}",
      "catalan({a})",
      "catalan number {a}",
      "the number of ways to bracket {a} products",
      "the number of binary trees with {a} nodes",
      "the catalan number at index {a}",
      "the number of balanced strings of {a} brackets",
    ],
    commands: [
      "count the binary trees with {a} nodes",
      "look up catalan number {a}",
      "count the balanced strings of {a} brackets",
      "take the catalan number of {a}",
    ],
    questions: ["how many binary trees have {a} nodes", "in how many ways can one bracket {a} products"],
    heldOutExpressions: ["the number of ways one can bracket {a} products", "the catalan number with index {a}"],
    heldOutCommands: [
      "count the ways to bracket {a} products",
      "look up the catalan number at index {a}",
      "take catalan number {a}",
    ],
  },
  partitions: {
    expressions: [
      "the number of partitions of {a}",
      "the partition number of {a}",
      "the number of ways to write {a} as a sum",
      "the partition count of {a}",
      "the number of integer partitions of {a}",
      "the partition function at {a}",
    ],
    commands: [
      "count the partitions of {a}",
      "count the ways to write {a} as a sum",
      "evaluate the partition function at {a}",
      "count the integer partitions of {a}",
    ],
    questions: ["how many partitions does {a} have", "in how many ways is {a} a sum of integers"],
    heldOutExpressions: [
      "the count of partitions of {a}",
      "the number of ways to write {a} as a sum of integers",
      "the integer partition count of {a}",
    ],
    heldOutCommands: ["count the ways to write {a} as a sum of integers", "evaluate the partition count of {a}"],
    heldOutQuestions: ["how many integer partitions does {a} have"],
  },
  queens: {
    expressions: [
      "the number of ways to place {a} queens",
      "the number of solutions of the {a} queens problem",
      "the solutions for {a} queens on a board",
      "the number of placements of {a} peaceful queens",
      "the {a} queens problem's number of solutions",
    ],
    commands: [
      "count the ways to place {a} queens",
      "solve the {a} queens problem and count the solutions",
      "count the placements of {a} peaceful queens on a board",
    ],
    questions: [
      "how many solutions does the {a} queens problem have",
      "in how many ways can {a} queens be placed",
      "how many placements of {a} peaceful queens are there",
    ],
    heldOutExpressions: ["the number of solutions for {a} queens", "the number of ways to place {a} peaceful queens"],
    heldOutCommands: [
      "count the solutions of the {a} queens problem",
      "count the ways to place {a} peaceful queens on a board",
    ],
    heldOutQuestions: [
      "how many ways are there to place {a} queens",
      "in how many ways can {a} peaceful queens be placed",
    ],
  },
};
