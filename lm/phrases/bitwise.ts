import type { PhraseTable } from "./program-phrases.js";

/** Operations on binary digits with two operands. */
export const bitwisePhrases: PhraseTable = {
  "bit-at": {
    expressions: [
      "bit {b} of {a}",
      "the bit of {a} at position {b}",
      "the binary digit of {a} at index {b}",
      "the bit at place {b} in {a}",
      "the bit {b} places from the right of {a}",
      "binary digit {b} of {a}",
    ],
    commands: [
      "read bit {b} of {a}",
      "get the bit of {a} at position {b}",
      "look up the binary digit of {a} at index {b}",
      "extract bit {b} from {a}",
    ],
    questions: ["is bit {b} of {a} set", "what stands at position {b} of {a} in binary"],
    heldOutExpressions: [
      "the bit of {a} at index {b}",
      "the binary digit at position {b} in {a}",
      "the bit at position {b} of {a}",
    ],
    heldOutCommands: ["get bit {b} of {a}", "extract the bit at position {b} from {a}"],
    heldOutQuestions: ["is the bit of {a} at position {b} set"],
  },
  "bitwise-and": {
    expressions: [
      "the bitwise and of {a} with {b}",
      "{a} & {b}",
      "{a} AND {b}",
      "the bits common to {a} and {b}",
      "the bitwise conjunction of {a} and {b}",
      "the conjunction {a} & {b}",
      "the bits set in both {a} and {b}",
    ],
    commands: [
      "mask {a} with {b}",
      "take the bitwise and of {a} with {b}",
      "keep the bits set in both {a} and {b}",
      "keep the bits that {a} and {b} have in common",
      "AND the bits of {a} and {b}",
    ],
    heldOutExpressions: [
      "the conjunction of the bits of {a} and {b}",
      "the bitwise {a} & {b}",
      "the bits in common to {a} and {b}",
    ],
    heldOutCommands: [
      "mask the bits of {a} with {b}",
      "take the bitwise conjunction of {a} and {b}",
      "keep the bits common to {a} and {b}",
    ],
  },
  "bitwise-or": {
    expressions: [
      "the bitwise or of {a} with {b}",
      "{a} OR {b}",
      "the bits set in {a} or {b}",
      "the bitwise disjunction of {a} and {b}",
      "the inclusive or of {a} with {b}",
      "the disjunction {a} OR {b}",
      "the bits set in at least one of {a} and {b}",
    ],
    commands: [
      "take the bitwise or of {a} with {b}",
      "merge the bits of {a} and {b}",
      "set the bits of {b} in {a}",
      "OR the bits of {a} with {b}",
      "take the inclusive or of {a} with {b}",
    ],
    heldOutExpressions: [
      "the bitwise {a} OR {b}",
      "the disjunction of the bits of {a} and {b}",
      "the bitwise inclusive or of {a} with {b}",
    ],
    heldOutCommands: [
      "take the bitwise disjunction of {a} and {b}",
      "merge the bits of {a} with {b}",
      "OR the bits of {a} and {b}",
    ],
  },
  "bitwise-xor": {
    expressions: [
      "the bitwise xor of {a} and {b}",
      "{a} xor {b}",
      "the exclusive or of {a} and {b}",
      "the bits in which {a} and {b} differ",
      "xor({a}, {b})",
      "the exclusive or {a} xor {b}",
      "the differing bits of {a} and {b}",
    ],
    commands: [
      "xor {a} with {b}",
      "take the exclusive or of {a} and {b}",
      "flip the bits of {a} that are set in {b}",
      "xor the bits of {a} and {b}",
      "flip in {a} the bits set in {b}",
    ],
    heldOutExpressions: [
      "the bitwise exclusive or of {a} and {b}",
      "the xor of {a} and {b}",
      "the bits that differ in {a} and {b}",
    ],
    heldOutCommands: [
      "take the bitwise xor of {a} and {b}",
      "xor the bits of {a} with {b}",
      "take the xor of {a} with {b}",
    ],
  },
  "shift-left": {
    expressions: [
      "{a} << {b}",
      "{a} shifted left by {b}",
      "{a} doubled {b} times",
      "the left shift of {a} by {b} bits",
      "{a} moved {b} bits to the left",
      "{a} with {b} zeros after its bits",
    ],
    commands: [
      "shift {a} left by {b}",
      "shift {a} to the left by {b} places",
      "double {a} again and again, {b} times",
      "move {a} left by {b} places",
      "put {b} zeros after the bits of {a}",
    ],
    heldOutExpressions: [
      "{a} shifted {b} places to the left",
      "{a} shifted left by {b} bits",
      "the left shift {a} << {b}",
    ],
    heldOutCommands: [
      "shift {a} left by {b} bits",
      "move the bits of {a} to the left by {b}",
      "shift the bits of {a} left {b} times",
    ],
  },
  "shift-right": {
    expressions: [
      "{a} >> {b}",
      "{a} shifted right by {b}",
      "{a} halved {b} times",
      "the right shift of {a} by {b} bits",
      "{a} moved {b} bits to the right",
      "{a} without its last {b} bits",
    ],
    commands: [
      "shift {a} right by {b}",
      "shift {a} to the right by {b} places",
      "halve {a} again and again, {b} times",
      "move {a} right by {b} places",
      "drop the last {b} bits of {a}",
    ],
    heldOutExpressions: [
      "{a} shifted {b} places to the right",
      "{a} shifted right by {b} bits",
      "the right shift {a} >> {b}",
    ],
    heldOutCommands: [
      "shift {a} right by {b} bits",
      "move the bits of {a} to the right by {b}",
      "shift the bits of {a} right {b} times",
    ],
  },
};
