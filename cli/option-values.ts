import { type Command, InvalidArgumentError, Option } from "commander";
import { suggestion } from "../scheme/index.js";
import { readNumber, readShapes } from "./input-values.js";

const grouped = new Intl.NumberFormat("en-US");

/** Reads an option's value as a whole number from `low` to `high`. */
export function wholeNumber(low: number, high = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= low && value <= high) return value;
    const range = high === Number.MAX_SAFE_INTEGER ? `from ${low}` : `from ${low} to ${grouped.format(high)}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}.`);
  };
}

/** Reads an option's value as a number from `low` to `high`. */
export function realNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(
      Number.isFinite(high) ? `It must be a number from ${low} to ${high}.` : `It must be a number from ${low}.`,
    );
  };
}

/** Reads an option's value as one of a few words. */
export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const choice = choices.find((known) => known === text);
    if (choice !== undefined) return choice;
    throw new InvalidArgumentError(`It must be one of ${choices.join(", ")}${suggestion(text, choices)}.`);
  };
}

/** An option that takes one of a few words. */
export function choice<T extends string>(
  flags: string,
  description: string,
  choices: readonly T[],
  initial?: T,
): Option {
  const option = new Option(flags, `${description} (${choices.join(", ")})`).argParser(oneOf(choices));
  return initial === undefined ? option : option.default(initial);
}

/** The option for the machine's size: values are 0..n-1. */
export const sizeOption = (initial = 16, most = 65536) =>
  new Option("--n <size>", "values of the machine are 0..n-1").argParser(wholeNumber(2, most)).default(initial);

/** The option for real numbers on the machine. */
export const fixedPointOption = () =>
  new Option("--fixed-point <lo:hi>", "real numbers, on a grid of n points from lo to hi").argParser((text: string) => {
    const [lo, hi, ...more] = text.split(":").map(readNumber);
    if (lo !== undefined && hi !== undefined && more.length === 0 && lo < hi) return { lo, hi };
    throw new InvalidArgumentError("It must be two numbers, the smaller first, as -2:2.");
  });

/** A grid's ends. */
export interface GridRange {
  readonly lo: number;
  readonly hi: number;
}

export const jsonOption = () => new Option("--json", "print JSON on stdout, for machines");

export const expressionOption = () => new Option("-e, --expression <text>", "the program's text");

export const entryOption = () =>
  new Option("--entry <name>", "run this function of the program: its parameters are the inputs");

export const shapesOption = () =>
  new Option("--shapes <list>", "shapes of inputs that are arrays, as v=3,M=2x4").argParser(readShapes);

/** Options that limit how long a program may run. */
export function addBudgetOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--iterations <count>", "loop iterations and calls that a run may take").argParser(wholeNumber(1)),
    )
    .addOption(new Option("--frames <count>", "calls that may be under way at once").argParser(wholeNumber(1)));
}

/** Examples under a command's help. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}
