import { z } from "zod";
import { fitMethods } from "../direct/index.js";

/** Most characters of a program that a call brings. */
const mostCharacters = 250_000;

const program = z
  .string()
  .min(1)
  .max(mostCharacters)
  .describe(
    "The program in a small first-order Scheme: definitions, if any, then an expression. Its free variables are its inputs. As (* 2 pi (sqrt (/ L g))).",
  );
const entry = z
  .string()
  .optional()
  .describe("The name of a function that the program defines: its parameters are then the inputs.");

const number = {
  anyOf: [{ type: "number" }, { enum: ["NaN", "Infinity", "-Infinity"] }],
};
const vector = { type: "array", items: number, minItems: 1 };
const value = { anyOf: [...number.anyOf, vector, { type: "array", items: vector, minItems: 1 }] };

/** Arguments that are checked where the calculation is, which has clearer words for them. */
const record = (description: string, additionalProperties: object) =>
  z.unknown().meta({ type: "object", description, additionalProperties });

/** What the tools take, by their names. */
export const toolArguments = {
  list_programs: z.strictObject({
    search: z.string().max(200).optional().describe("Words that the name, the subject or the documentation must hold."),
    subject: z.string().max(200).optional().describe("Programs of this subject only, as number-theory."),
  }),
  show_program: z.strictObject({ name: z.string().max(200).describe("The program's name, as list_programs has it.") }),
  run_program: z.strictObject({
    name: z.string().max(200).describe("The program's name, as list_programs has it."),
    operands: record("The operands by name: numbers, or arrays where the program's schema says so.", {
      anyOf: [{ type: "number" }, { type: "array" }],
    }),
  }),
  evaluate: z.strictObject({
    program,
    inputs: record(
      "Each input's value by name: a number, a vector [1, 2] or a matrix [[1, 2], [3, 4]].",
      value,
    ).optional(),
    entry,
    derivatives: z
      .enum(["none", "first", "second"])
      .default("first")
      .describe(
        "Exact derivatives with respect to each input: first gives the gradient (of an array the jacobian), second the hessian too.",
      ),
    strict: z
      .boolean()
      .default(false)
      .describe("Refuse what leaves an operation's domain, as (sqrt -1), instead of going on with NaN."),
  }),
  fit: z.strictObject({
    program,
    entry,
    data: record("Measurements: an array of numbers for each column, all of one length, or a number for all rows.", {
      anyOf: [{ type: "number" }, { type: "array", items: { type: "number" } }],
    }),
    target: z
      .string()
      .describe("The column that the program's value is to match. The other inputs are columns of their names."),
    parameters: z.record(z.string(), z.number()).describe("The inputs to find, each with a value to start from."),
    bounds: z
      .record(z.string(), z.tuple([z.number().nullable(), z.number().nullable()]))
      .optional()
      .describe("The lowest and the highest value of a parameter, null where there is none."),
    sigma: z.string().optional().describe("The column of the target's standard deviations."),
    method: z.enum(fitMethods).default("levenberg-marquardt").describe("The optimizer."),
    starts: z.int().min(1).max(1000).optional().describe("Points to descend from; 8, unless another number is given."),
    seed: z.int().min(0).default(1).describe("Chooses the further starts."),
  }),
} as const;

export type EvaluateArguments = z.infer<typeof toolArguments.evaluate>;
export type FitArguments = z.infer<typeof toolArguments.fit>;
