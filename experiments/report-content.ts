/**
 * What a report shows, as plain data: numbers, strings and arrays, so that whoever ran something can fill it in without
 * this room knowing how it was run. A section that is absent is left out of the page; one that is there but empty says so.
 */

/** A list of numbers of any kind. */
export type Numbers = ArrayLike<number>;

/** One figure of a summary: what it is, what it came to, and a remark if one is needed. */
export interface Figure {
  label: string;
  /** Numbers are printed to at most six significant digits; a string as it stands, with its unit. */
  value: string | number;
  note?: string;
}

/** One program of the library and how its verification went. */
export interface LibraryRow {
  name: string;
  operands: readonly string[];
  description: string;
  instructions: number;
  registers: number;
  /** Steps of the exact machine over all checked inputs. */
  worstSteps?: number;
  meanSteps?: number;
  /** Inputs on which machine and reference were compared. */
  inputsChecked?: number;
  verified: boolean;
  /** Why it failed, or what was sampled. */
  note?: string;
}

export interface LibrarySection {
  /** The modulus: values are 0..n-1. */
  n?: number;
  description?: string;
  programs: readonly LibraryRow[];
}

/** One path's answer to one program. */
export interface PathResult {
  path: string;
  value?: number;
  /** ∂value/∂input by input name. */
  gradient?: Readonly<Record<string, number>>;
  /** Largest absolute difference, over value and gradient, from the reference. */
  difference?: number;
  /** Seconds for one evaluation. */
  seconds?: number;
  /** Why this path has no answer, or a remark on the one it has. */
  note?: string;
}

/** One program run on every path that can. */
export interface ComparisonSection {
  name?: string;
  source: string;
  inputs: Readonly<Record<string, number>>;
  description?: string;
  paths: readonly PathResult[];
}

/** One line of a line chart. */
export interface Series {
  name: string;
  x: Numbers;
  y: Numbers;
}

/** A bar's label and height. */
export interface Bar {
  label: string;
  value: number;
}

/** How well a model's certainty tells whether it is right; all numbers are fractions 0..1. */
export interface CalibrationCurves {
  /** Mean certainty and accuracy of questions of about the same certainty, ascending. */
  reliability: readonly { readonly certainty: number; readonly accuracy: number }[];
  /** The share of wrong answers among the answered, as more are answered. */
  riskCoverage: readonly { readonly coverage: number; readonly risk: number }[];
}

export interface TrainingSection {
  description?: string;
  /** Loss over steps, in nats an example. */
  loss: readonly Series[];
  /** Accuracies over steps, as fractions 0..1. */
  accuracy: readonly Series[];
  /** Held-out accuracy of each program, as a fraction 0..1. */
  programAccuracy?: readonly Bar[];
  calibration?: CalibrationCurves;
  figures?: readonly Figure[];
}

/** A choice and its probability. */
export interface Choice {
  choice: string | number;
  probability: number;
}

/** A sentence that was asked, and everything the model and the machine made of it. */
export interface AskedSentence {
  text: string;
  /** Most probable first: the one that ran, then runners-up. */
  programs: readonly Choice[];
  operands: readonly Choice[];
  /** The exact path's result on what was parsed. */
  exactAnswer: number | string;
  /** The soft path's most probable answer. */
  softAnswer: Choice;
  /** The right answer, where it is known. */
  expected?: number | string;
  /** The soft path's distribution over answers 0..n-1. */
  answers?: Numbers;
}

/** A distribution over values 0..n-1 at each step: `steps[t][v]` is the probability of v before step t. */
export type DistributionOverTime = readonly Numbers[];

/** One heat map: a register, a memory cell, or anything else that has a distribution at each step. */
export interface HeatPanel {
  name: string;
  steps: DistributionOverTime;
  /** Steps hold, in place of a distribution over values, the probability that each bit of a value is 1, the lowest first. */
  inBits?: boolean;
  /** What an exact run has there before each step; it may end early. */
  exact?: Numbers;
  /** The step before which the distribution first differs from being certain of that. */
  lost?: number;
}

/** A line of assembly as it is printed; a label, a directive or a comment alone has no line number. */
export interface AssemblyLine {
  line?: number;
  text: string;
}

/** A run of the soft machine, step by step. */
export interface SoftRunSection {
  name: string;
  /** What it was given. */
  description?: string;
  /** Sentences: what came of it, and of an exact run. */
  outcome?: readonly string[];
  assembly: readonly AssemblyLine[];
  /** The distribution over program lines at each step. */
  counter: DistributionOverTime;
  /** The line that an exact run is at before each step, and the step at which the counter first differs from it. */
  exactCounter?: Numbers;
  counterLost?: number;
  /** Sentences: at which step and where certainty was lost. */
  certainty?: readonly string[];
  registers: readonly HeatPanel[];
  /** One panel for each memory cell; those that never change are counted rather than drawn. */
  memory: readonly HeatPanel[];
  /** The probability of having halted, at each step. */
  halted?: Numbers;
}

export interface ReportContent {
  title: string;
  /** What was done, in a sentence or two. */
  summary?: string;
  figures: readonly Figure[];
  library?: LibrarySection;
  comparisons?: readonly ComparisonSection[];
  training?: TrainingSection;
  asked?: readonly AskedSentence[];
  softRuns?: readonly SoftRunSection[];
}
