/** How many templates of each program a model must see to understand held-out ones: arithmetic, digits compiled. */
import { arithmeticPrograms, compiledDigits } from "./arithmetic.js";
import { libraryData } from "./library-tables.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";

/** The most templates of each program; the last is more than any has. */
const templates = [1, 2, 5, 20, 1000];

export const ablations: Task = {
  name: "ablations",
  title: "arithmetic modulo 128 from few templates, digits compiled",
  choosingSeeds,
  trainings: (quick) =>
    templates.map((most) => ({
      variant: most === templates.at(-1) ? "all templates" : most === 1 ? "1 template" : `${most} templates`,
      data: () => libraryData(arithmeticPrograms, quick ? 8 : 128),
      options: { ...compiledDigits, templates: most, ...(quick ? quickOptions : {}) },
      mostSeeds: 2,
    })),
};
