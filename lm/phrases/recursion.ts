import type { PhraseTable } from "./program-phrases.js";

/** Sequences and recursions. */
export const recursionPhrases: PhraseTable = {
  fibonacci: {
    // The depths of "Algorithmic Language Models with Neurally Compiled Libraries" (2024).
    below: { c: 11 },
    expressions: [
      "the fibonacci function, starting from inputs {a} and {b}, to a recursion depth of {c}",
      "fibonacci({a}, {b}, {c})",
      "the fibonacci number at depth {c} with starts {a} and {b}",
      "fibonacci from {a} and {b} to depth {c}",
      "the fibonacci sequence from {a} and {b} after {c} steps",
    ],
    commands: [
      "run fibonacci from {a} and {b} to depth {c}",
      "run fibonacci from {a} and {b} for {c} steps",
      "start fibonacci with {a} and {b} and go to depth {c}",
      "start fibonacci with {a} and {b} and take {c} steps",
      "start fibonacci from {a} and {b} and run {c} steps",
      "compute fibonacci to depth {c} from {a} and {b}",
    ],
    heldOutExpressions: ["the fibonacci sequence from {a} and {b} to depth {c}"],
    heldOutCommands: [
      "start fibonacci with {a} and {b} and run {c} steps",
      "run fibonacci with {a} and {b} to depth {c}",
    ],
  },
  ackermann: {
    expressions: [
      "ackermann({a}, {b})",
      "the ackermann function of {a} and {b}",
      "the ackermann value at {a} and {b}",
      "ackermann's function at {a} and {b}",
      "the value of ackermann's function for {a} and {b}",
      "the ackermann number for {a} and {b}",
    ],
    commands: [
      "evaluate the ackermann function at {a} and {b}",
      "apply ackermann's function to {a} and {b}",
      "compute ackermann at {a} and {b}",
      "evaluate ackermann for {a}, {b}",
    ],
    heldOutExpressions: [
      "the ackermann number of {a} and {b}",
      "the value of the ackermann function at {a} and {b}",
      "ackermann's function for {a} and {b}",
    ],
    heldOutCommands: ["evaluate ackermann's function for {a} and {b}", "apply the ackermann function to {a} and {b}"],
  },
  "collatz-length": {
    expressions: [
      "the collatz length of {a}",
      "the number of collatz steps from {a}",
      "the length of the collatz sequence from {a}",
      "the number of steps that {a} takes to reach one",
      "the stopping time of {a}",
      "the collatz stopping time of {a}",
      "the steps in the hailstone sequence of {a}",
    ],
    commands: [
      "count the collatz steps from {a}",
      "count the steps that {a} takes to reach one",
      "follow the collatz sequence from {a} and count",
      "measure the collatz stopping time of {a}",
      "count the hailstone steps of {a}",
    ],
    questions: ["how many collatz steps does {a} take", "how many steps does {a} take to reach one"],
    heldOutExpressions: ["the number of hailstone steps from {a}", "the length of the hailstone sequence of {a}"],
    heldOutCommands: [
      "count the steps in the collatz sequence from {a}",
      "follow the hailstone sequence from {a} and count",
    ],
    heldOutQuestions: ["how many hailstone steps does {a} take", "how many collatz steps does {a} take to reach one"],
  },
  "hanoi-moves": {
    expressions: [
      "the number of moves for {a} discs in the tower of hanoi",
      "the hanoi moves for {a} discs",
      "the moves needed for a hanoi tower of {a} discs",
      "the tower of hanoi moves with {a} discs",
      "the number of moves that solve hanoi with {a} discs",
    ],
    commands: [
      "count the moves for a hanoi tower of {a} discs",
      "count the hanoi moves with {a} discs",
      "solve the tower of hanoi with {a} discs and count the moves",
    ],
    questions: [
      "how many moves does the tower of hanoi need with {a} discs",
      "how many moves solve hanoi for {a} discs",
    ],
    heldOutExpressions: [
      "the number of hanoi moves with {a} discs",
      "the moves needed for {a} discs in the tower of hanoi",
    ],
    heldOutCommands: ["count the tower of hanoi moves for {a} discs", "solve hanoi for {a} discs and count the moves"],
    heldOutQuestions: ["how many moves does hanoi need for {a} discs"],
  },
  "is-even": {
    expressions: ["iseven({a})"],
    commands: [
      "check whether {a} is even",
      "test if {a} is an even number",
      "decide whether {a} can be split in two equal halves",
      "check {a} for being even",
    ],
    questions: [
      "is {a} even",
      "is {a} an even number",
      "is the number {a} even",
      "can {a} be split into two equal halves",
      "does {a} belong to the even numbers",
    ],
    heldOutExpressions: [],
    heldOutCommands: ["test whether {a} is even", "check if {a} is an even number", "decide if {a} is even"],
    heldOutQuestions: ["can the number {a} be split in two equal halves", "is the number {a} an even number"],
  },
  "sum-of-powers": {
    expressions: [
      "the sum of the powers of {a} up to exponent {b}",
      "the sum of {a} to all powers through {b}",
      "the geometric sum with ratio {a} and last exponent {b}",
      "the geometric series of {a} up to exponent {b}",
      "the powers of {a} through exponent {b}, added up",
      "the total of the powers of {a} up to the exponent {b}",
    ],
    commands: [
      "add up the powers of {a} up to exponent {b}",
      "sum the geometric series of {a} through exponent {b}",
      "add up {a} to all powers through {b}",
      "sum all powers of {a} up to the exponent {b}",
    ],
    heldOutExpressions: [
      "the geometric sum of {a} up to exponent {b}",
      "the sum of all powers of {a} through exponent {b}",
      "the total of the geometric series of {a} up to exponent {b}",
    ],
    heldOutCommands: ["add up all powers of {a} through {b}", "sum the powers of {a} up to exponent {b}"],
  },
};
