import type { PhraseTable } from "./program-phrases.js";

/** Primes. */
export const primesPhrases: PhraseTable = {
  "is-prime": {
    expressions: ["isprime({a})", "the primality of {a}"],
    commands: [
      "check whether {a} is prime",
      "test if {a} is a prime number",
      "decide whether {a} is a prime",
      "test the primality of {a}",
      "check {a} for being prime",
    ],
    questions: [
      "is {a} prime",
      "is {a} a prime number",
      "is the number {a} prime",
      "does {a} belong to the primes",
      "can one call {a} prime",
    ],
    heldOutExpressions: [],
    heldOutCommands: [
      "test whether {a} is prime",
      "check if {a} is a prime number",
      "check the primality of {a}",
      "decide if {a} is prime",
    ],
    heldOutQuestions: ["is {a} a prime", "can one call {a} a prime number"],
  },
  "next-prime": {
    expressions: [
      "the next prime after {a}",
      "the smallest prime above {a}",
      "nextprime({a})",
      "the first prime greater than {a}",
      "the prime following {a}",
      "the next larger prime than {a}",
      "the first prime that follows {a}",
      "the prime that comes after {a}",
    ],
    commands: [
      "find the next prime after {a}",
      "find the first prime above {a}",
      "search for the smallest prime greater than {a}",
      "look for the prime following {a}",
      "go from {a} to the next prime",
    ],
    questions: ["which prime comes next after {a}", "which prime follows {a}", "which prime is the first above {a}"],
    heldOutExpressions: [
      "the first prime after {a}",
      "the smallest prime greater than {a}",
      "the next prime above {a}",
    ],
    heldOutCommands: [
      "search for the next prime after {a}",
      "look for the smallest prime above {a}",
      "look for the first prime greater than {a}",
    ],
    heldOutQuestions: ["which prime comes after {a}"],
  },
  "prime-count": {
    expressions: [
      "the number of primes up to {a}",
      "the count of primes not above {a}",
      "the prime counting function at {a}",
      "primepi({a})",
      "the number of prime numbers through {a}",
      "the number of primes not exceeding {a}",
    ],
    commands: [
      "count the primes up to {a}",
      "count the prime numbers not above {a}",
      "evaluate the prime counting function at {a}",
      "count all primes through {a}",
      "find the count of prime numbers through {a}",
    ],
    questions: [
      "how many primes are there up to {a}",
      "how many prime numbers do not exceed {a}",
      "how many primes lie up to {a}",
      "how many prime numbers are not above {a}",
    ],
    heldOutExpressions: [
      "the count of primes up to {a}",
      "the number of prime numbers not above {a}",
      "the number of primes through {a}",
    ],
    heldOutCommands: ["count the prime numbers up to {a}", "count all primes not exceeding {a}"],
    heldOutQuestions: ["how many prime numbers are there up to {a}", "how many primes do not exceed {a}"],
  },
  "smallest-factor": {
    expressions: [
      "the smallest prime factor of {a}",
      "the least prime factor of {a}",
      "the smallest factor of {a} above one",
      "the lowest prime divisor of {a}",
      "the smallest prime dividing {a}",
      "the first prime that divides {a}",
    ],
    commands: [
      "find the smallest prime factor of {a}",
      "find the least factor of {a} above one",
      "search for the lowest prime divisor of {a}",
      "look for the first prime that divides {a}",
    ],
    questions: ["which prime is the smallest factor of {a}", "which is the least prime dividing {a}"],
    heldOutExpressions: ["the smallest prime divisor of {a}", "the lowest prime factor of {a}"],
    heldOutCommands: [
      "look for the least prime factor of {a}",
      "search for the smallest factor of {a} above one",
      "look for the smallest prime dividing {a}",
    ],
    heldOutQuestions: ["which prime is the least factor of {a}"],
  },
};
