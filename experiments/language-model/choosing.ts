/** Choosing among many programs of the library by words alone: 20 of them, and every one that a model can call. */
import type { TrainData, TrainOptions } from "../../lm/index.js";
import { paperSizes } from "./arithmetic.js";
import { baselines } from "./baselines.js";
import { everyProgram, libraryData } from "./library-tables.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";
import type { Training } from "./training.js";

const twentyPrograms = [
  ...["add", "subtract", "multiply", "quotient", "remainder", "max", "min", "increment", "decrement", "double"],
  ...[
    "power",
    "gcd",
    "lcm",
    "absolute-difference",
    "average",
    "factorial",
    "is-prime",
    "digit-sum",
    "popcount",
    "clamp",
  ],
];

const common: Partial<TrainOptions> = {
  wordDropout: 0.2,
  numbers: "digits",
  numerals: "frozen",
  evaluateEvery: 200,
  evaluateSentences: 512,
  target: 2,
};

export const choosing: Task = {
  name: "choosing",
  title: "choosing among the library's programs",
  choosingSeeds,
  trainings: (quick) => {
    const n = quick ? 8 : 32;
    const programs: readonly [string, Partial<TrainOptions>, () => Promise<TrainData>][] = [
      [
        "20 programs",
        { ...paperSizes, learningRate: 2e-3, steps: 2400 },
        () => libraryData(quick ? twentyPrograms.slice(0, 4) : twentyPrograms, n),
      ],
      [
        "all programs",
        { learningRate: 3e-3, steps: 4800, programChoice: "fitting" },
        () => (quick ? libraryData(twentyPrograms.slice(0, 6), n) : everyProgram(n)),
      ],
    ];
    return programs.flatMap(([name, own, data]): Training[] => {
      const sized = (options: Partial<TrainOptions>) => ({ ...options, ...own, ...(quick ? quickOptions : {}) });
      const options = sized(common);
      const scratch = sized({ ...common, numbers: "placeholders", numerals: "learned" });
      return [
        { variant: `${name}, digits compiled`, data, options },
        { variant: `${name}, numerals from scratch`, data, options: scratch },
        ...baselines({ data, options }).map((baseline) => ({
          ...baseline,
          variant: `${name}, ${baseline.variant}`,
        })),
      ];
    });
  },
};
