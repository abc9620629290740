import { type DerivativeClass, type OpName, printNumber } from "../scheme/index.js";

/** The numbers that something may be, ends included; undefined where it never has a value. */
export interface Extent {
  /** Undefined where it can only be NaN. */
  readonly range?: readonly [low: number, high: number];
  readonly mayBeNaN: boolean;
}

/** An operation of the program's text. */
export interface Place {
  readonly op: OpName;
  readonly line: number;
  readonly column: number;
  /** The text of the operation, or the beginning of it. */
  readonly text: string;
}

/** An operation that may leave its domain. */
export interface Fault extends Place {
  /** What is wrong, in the words of strict mode. */
  readonly what: string;
  /** Which argument it is about, counted from 1, and where that may be. */
  readonly argument: number;
  readonly interval: Extent;
}

/** An operation whose slope jumps (`kinked`) or that has none because it is piecewise constant (`step`). */
export interface Kink extends Place {
  readonly derivative: Exclude<DerivativeClass, "smooth">;
  /** Whether these ranges may reach a kink or a jump of it. */
  readonly reached: boolean;
}

/** Why an input has no slope: nothing depends on it, or only by way of steps, or its slope is 0 all over these ranges. */
export type FlatReason = "unused" | "steps" | "flat";

/** What interval analysis says of a program whose inputs stay within ranges. */
export interface Explanation {
  readonly ranges: Readonly<Record<string, readonly [low: number, high: number]>>;
  readonly value: Extent;
  /** The slope in each input. */
  readonly slopes: Readonly<Record<string, Extent>>;
  readonly faults: readonly Fault[];
  /**
   * Operations that may give an infinity or NaN though their arguments are finite and within their domain, as the inverse of
   * a matrix that is singular.
   */
  readonly overflows: readonly Place[];
  /** Operations whose slope may be infinite or undefined though they stay within their domain, as the square root at 0. */
  readonly steep: readonly Place[];
  readonly kinks: readonly Kink[];
  /** Inputs that carry no gradient. */
  readonly flat: Readonly<Record<string, FlatReason>>;
}

/** For each input a number or [low, high]. Inputs that are left out may be any finite number. */
export type Ranges = Readonly<Record<string, number | readonly [low: number, high: number]>>;

/** The end of a range that was not given: any finite number. */
export const greatest = Number.MAX_VALUE;

const at = ({ line, column, text }: Place) => `${line}:${column} ${text}`;

/** An end of a range in six digits, rounded away from the range. */
function printEnd(x: number, side: -1 | 1): string {
  if (!Number.isFinite(x) || Number.isSafeInteger(x)) return printNumber(x);
  const near = Number(x.toPrecision(6));
  if (side * near >= side * x) return printNumber(near);
  const digit = 10 ** (Math.floor(Math.log10(Math.abs(x))) - 5);
  return printNumber(Number((near + side * digit).toPrecision(6)));
}

/** `[0, 1] or NaN`. */
export function printExtent({ range, mayBeNaN }: Extent): string {
  if (!range) return mayBeNaN ? "NaN" : "none";
  const [low, high] = range;
  const numbers = low === high ? printNumber(low) : `[${printEnd(low, -1)}, ${printEnd(high, 1)}]`;
  return mayBeNaN ? `${numbers} or NaN` : numbers;
}

const flatReasons: Readonly<Record<FlatReason, string>> = {
  unused: "the value does not depend on it",
  steps: "the value depends on it only through steps: comparisons, rounding, tests",
  flat: "the slope is 0 all over these ranges",
};

/** `= 3`, or `in [0, 1]`. */
const within = (extent: Extent) =>
  extent.range && extent.range[0] === extent.range[1] && !extent.mayBeNaN
    ? `= ${printNumber(extent.range[0])}`
    : `in ${printExtent(extent)}`;

/** A line for each input; one for elements of an array that follow one another and differ in nothing, as `v[0] to v[9]`. */
function gathered<T>(record: Readonly<Record<string, T>>, print: (name: string, item: T) => string): string[] {
  const runs: { readonly first: string; readonly line: string; last: string; readonly item: T }[] = [];
  const arrayOf = (name: string) => /^(.*?)\[/.exec(name)?.[1];
  for (const [name, item] of Object.entries(record)) {
    const before = runs.at(-1);
    const line = print("", item);
    if (before && before.line === line && arrayOf(name) !== undefined && arrayOf(name) === arrayOf(before.first))
      before.last = name;
    else runs.push({ first: name, line, last: name, item });
  }
  return runs.map(({ first, last, item }) => print(first === last ? first : `${first} to ${last}`, item));
}

/** An explanation as text. */
export function explanationText(explanation: Explanation): string {
  const { ranges, value, slopes, faults, overflows, steep, kinks, flat } = explanation;
  const lines: string[] = [];
  const section = (title: string, items: readonly string[]) => {
    if (items.length > 0) lines.push(title, ...items.map((item) => `  ${item}`));
  };
  section(
    "inputs",
    gathered(ranges, (name, [low, high]) =>
      low === -greatest && high === greatest
        ? `${name}: any number`
        : `${name} ${within({ range: [low, high], mayBeNaN: false })}`,
    ),
  );
  section("value", [value.range || value.mayBeNaN ? printExtent(value) : "none: no run of it ends"]);
  section(
    "slope",
    gathered(slopes, (name, one) => `d/d${name} ${within(one)}`),
  );
  if (faults.length === 0) lines.push("domain: no operation leaves it");
  section(
    faults.length === 0 ? "" : "domain: these operations may leave it",
    faults.map(
      (fault) => `${at(fault)}: ${fault.what}; argument ${fault.argument} is in ${printExtent(fault.interval)}`,
    ),
  );
  section("may be infinite or NaN", overflows.map(at));
  section("slope may be infinite or undefined", steep.map(at));
  const kinksOf = (derivative: Kink["derivative"]) =>
    kinks
      .filter((kink) => kink.derivative === derivative)
      .map((kink) => `${at(kink)}${kink.reached ? "" : ": not met in these ranges"}`);
  section("kinks", kinksOf("kinked"));
  section("steps", kinksOf("step"));
  section(
    "no gradient",
    gathered(flat, (name, reason) => `${name}: ${flatReasons[reason]}`),
  );
  return lines.join("\n");
}
