/** What a training run is, and what it leaves for a plot. */
import type { NamedArray } from "../tensor/index.js";
import type { Calibration } from "./calibration.js";
import type { Model } from "./model.js";
import type { TrainOptions } from "./options.js";
import type { Sentence } from "./sentences.js";

/** Held-out accuracies after some step, from 0 to 1. */
export interface Measurement {
  readonly step: number;
  /** On operand tuples that training never sees, in templates that it does. */
  readonly operands: number;
  /** On templates that training never sees. */
  readonly templates: number;
}

/** What a plot of a run needs. */
export interface History {
  /** The loss of each step, the mean of -ln P(answer). */
  readonly losses: number[];
  readonly measurements: Measurement[];
  /** Seconds spent training, over all parts of an interrupted run. */
  seconds: number;
}

/** A model's parameters, with what the optimizer keeps of them, as they were after some step. */
export interface Snapshot {
  readonly step: number;
  readonly tensors: Readonly<Record<string, NamedArray>>;
}

/** A run's state: enough to continue it to the same numbers. */
export interface Run {
  readonly options: TrainOptions;
  readonly model: Model;
  readonly history: History;
  /** Own sentences that are trained on beside those of templates. */
  readonly sentences: readonly Sentence[];
  /** The hash of the library that the programs come from, if it has one. */
  readonly libraryHash: string;
  /** The model at its best measurement so far, while a run with `patience` is under way. */
  best?: Snapshot;
  /** When it should abstain, once that was settled for the model as it stands. */
  readonly calibration?: Calibration;
}
