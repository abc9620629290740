import type { PhraseTable } from "./program-phrases.js";

/** Divisors and multiples. */
export const divisorsPhrases: PhraseTable = {
  gcd: {
    expressions: [
      "the greatest common divisor of {a} and {b}",
      "gcd({a}, {b})",
      "the gcd of {a} and {b}",
      "the highest common factor of {a} and {b}",
      "the greatest common factor of {a} and {b}",
    ],
    commands: [
      "take the gcd of {a} and {b}",
      "find the highest common factor of {a} and {b}",
      "determine the greatest common divisor of {a} and {b}",
    ],
    heldOutExpressions: ["the highest common divisor of {a} and {b}", "gcd of {a} and {b}"],
    heldOutCommands: ["determine the greatest common factor of {a} and {b}"],
  },
  bezout: {
    expressions: [
      "the bezout coefficient of {a} with {b}",
      "the bezout coefficient belonging to {a} beside {b}",
      "bezout({a}, {b})",
      "the multiplier of {a} in the bezout identity with {b}",
      "the first bezout coefficient of {a} and {b}",
    ],
    commands: [
      "find the bezout coefficient of {a} beside {b}",
      "solve the bezout identity of {a} and {b} for the first coefficient",
      "work out the multiplier of {a} in the bezout identity with {b}",
      "take the first bezout coefficient of {a} and {b}",
    ],
    heldOutExpressions: [
      "the first coefficient in the bezout identity of {a} and {b}",
      "the bezout multiplier of {a} with {b}",
      "the bezout coefficient belonging to {a} with {b}",
    ],
    heldOutCommands: [
      "work out the first bezout coefficient of {a} and {b}",
      "work out the bezout coefficient of {a} with {b}",
    ],
  },
  lcm: {
    expressions: [
      "the least common multiple of {a} and {b}",
      "lcm({a}, {b})",
      "the lcm of {a} and {b}",
      "the lowest common multiple of {a} and {b}",
      "the smallest common multiple of {a} and {b}",
      "the smallest number that {a} and {b} both divide",
    ],
    commands: [
      "take the lcm of {a} and {b}",
      "find the lowest common multiple of {a} and {b}",
      "determine the least common multiple of {a} and {b}",
      "find the smallest number that {a} and {b} both divide",
    ],
    heldOutExpressions: ["the lowest number that {a} and {b} both divide", "lcm of {a} and {b}"],
    heldOutCommands: ["determine the smallest common multiple of {a} and {b}", "determine the lcm of {a} and {b}"],
  },
  "divisor-count": {
    expressions: [
      "the number of divisors of {a}",
      "the divisor count of {a}",
      "the number of numbers that divide {a}",
      "the count of factors of {a}",
      "tau({a})",
      "the number of factors that {a} has",
    ],
    commands: [
      "count the divisors of {a}",
      "count the factors of {a}",
      "count the numbers that divide {a}",
      "count how many divisors {a} has",
    ],
    questions: ["how many divisors does {a} have", "how many numbers divide {a}"],
    heldOutExpressions: ["the count of divisors of {a}", "the number of factors of {a}"],
    heldOutCommands: ["count how many numbers divide {a}", "count how many factors {a} has"],
    heldOutQuestions: ["how many factors does {a} have"],
  },
  "divisor-sum": {
    expressions: [
      "the sum of the proper divisors of {a}",
      "the aliquot sum of {a}",
      "the total of the proper divisors of {a}",
      "the sum of all divisors of {a} below itself",
      "the sum of the proper factors of {a}",
      "the aliquot total belonging to {a}",
    ],
    commands: [
      "add up the proper divisors of {a}",
      "sum the proper factors of {a}",
      "take the aliquot sum of {a}",
      "add up all divisors of {a} below itself",
      "total the proper divisors of {a}",
    ],
    heldOutExpressions: [
      "the total of the proper factors of {a}",
      "the sum of all proper divisors of {a}",
      "the sum of all factors of {a} below itself",
    ],
    heldOutCommands: [
      "sum the proper divisors of {a}",
      "add up the proper factors of {a}",
      "sum all divisors of {a} below itself",
    ],
  },
  "is-coprime": {
    expressions: ["iscoprime({a}, {b})"],
    commands: [
      "check whether {a} and {b} are coprime",
      "test if {a} and {b} are relatively prime",
      "decide whether {a} is coprime to {b}",
      "check that {a} and {b} share no factor",
    ],
    questions: [
      "are {a} and {b} coprime",
      "are {a} and {b} relatively prime",
      "is {a} coprime to {b}",
      "do {a} and {b} share no factor",
      "are {a} and {b} without a shared factor",
    ],
    heldOutExpressions: [],
    heldOutCommands: [
      "test whether {a} and {b} are coprime",
      "check if {a} is relatively prime to {b}",
      "decide whether {a} and {b} share no factor",
    ],
    heldOutQuestions: ["is {a} relatively prime to {b}"],
  },
  "is-multiple": {
    expressions: ["ismultiple({a}, {b})"],
    commands: [
      "check whether {a} is a multiple of {b}",
      "test if {a} is divisible by {b}",
      "decide whether {b} divides {a} evenly",
      "check that {b} goes into {a} without remainder",
    ],
    questions: [
      "is {a} a multiple of {b}",
      "is {a} divisible by {b}",
      "does {b} divide {a}",
      "can {a} be divided by {b} without remainder",
      "is {b} a divisor of {a}",
      "does {b} go into {a} evenly",
    ],
    heldOutExpressions: [],
    heldOutCommands: [
      "check whether {a} is divisible by {b}",
      "test if {a} is a multiple of {b}",
      "test whether {b} divides {a} without remainder",
    ],
    heldOutQuestions: [
      "does {b} divide {a} evenly",
      "does {b} go into {a} without remainder",
      "can {a} be divided by {b} evenly",
    ],
  },
  "is-perfect": {
    expressions: ["isperfect({a})"],
    commands: [
      "check whether {a} is perfect",
      "test if {a} is a perfect number",
      "decide whether {a} equals its aliquot sum",
      "check that {a} is the sum of its proper divisors",
    ],
    questions: [
      "is {a} a perfect number",
      "is {a} perfect",
      "does {a} equal the sum of its proper divisors",
      "do the proper divisors of {a} add up to it",
      "does {a} belong to the perfect numbers",
    ],
    heldOutExpressions: [],
    heldOutCommands: [
      "test whether {a} is perfect",
      "check if {a} is a perfect number",
      "decide whether {a} is the sum of its proper divisors",
    ],
    heldOutQuestions: ["does {a} equal its aliquot sum", "is {a} the sum of its proper divisors"],
  },
  totient: {
    expressions: [
      "the totient of {a}",
      "euler's totient of {a}",
      "phi({a})",
      "euler's phi of {a}",
      "the number of integers up to {a} coprime to it",
      "the totient function at {a}",
      "euler's function at {a}",
    ],
    commands: [
      "take the totient of {a}",
      "count the integers up to {a} coprime to it",
      "evaluate euler's phi at {a}",
      "evaluate the totient function at {a}",
    ],
    questions: ["how many integers up to {a} are coprime to it"],
    heldOutExpressions: ["euler's totient function at {a}", "the phi function at {a}", "the totient phi of {a}"],
    heldOutCommands: ["take euler's totient of {a}", "evaluate the totient of {a}", "take euler's phi of {a}"],
  },
};
