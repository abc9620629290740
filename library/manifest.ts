import { createHash } from "node:crypto";
import { z } from "zod";
import { parseValueType, printValueType } from "./value-type.js";

/** What the manifest calls its format, and the version of it that is written and read. */
export const formatName = "softmachine-library";
export const formatVersion = 2;

const count = z.int().min(0);
const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits are expected");
const coverage = z.strictObject({
  n: z.int().min(2),
  inputs: count,
  exhaustive: z.boolean(),
  first: count.optional(),
});

/** A type as a program's file writes it. */
const typeText = z.string().refine((text) => {
  const type = parseValueType(text);
  return typeof type !== "string" && printValueType(type) === text;
}, "a type is expected, such as 0..20, 6 of 0..9 or real, m/s");

const vector = z.array(z.number()).readonly();
const value = z.union([z.number(), vector, z.array(vector).readonly()]);

const common = {
  name: z.string().min(1),
  subject: z.string(),
  documentation: z.string(),
  operands: z.array(z.strictObject({ name: z.string(), type: typeText, documentation: z.string() })),
  result: z.strictObject({ type: typeText, documentation: z.string() }),
  examples: z.array(z.strictObject({ text: z.string(), arguments: z.array(value).readonly(), result: value })),
  complexity: z.string().optional(),
  /** Where the algorithm comes from. */
  origin: z.string().optional(),
  /** The program's file. */
  text: z.string(),
  /** The other programs whose texts are part of it, in their order: those that it calls, and those that these call. */
  calls: z.array(z.string()),
  /** The hash of its text and those that are part of it, one after another with a line's end between them. */
  sourceHash: sha256Text,
  /** What the program takes up: its source, its assembly, and the weights of the lines that no earlier program has. */
  bytes: count,
  /** See `certificateOf`. */
  certificate: sha256Text,
};

const machineVerification = z.strictObject({
  instructions: count,
  registers: count,
  memory: count,
  steps: z.strictObject({ worst: count, mean: z.number() }),
  examples: count,
  exact: coverage,
  image: coverage,
  soft: coverage,
  circuit: count.optional(),
  tabulated: count.optional(),
  gradient: count,
  paths: count,
});

const directVerification = z.strictObject({ examples: count, paths: count, gradient: count });

/** A program of whole numbers, which is in the image. */
const machineProgram = z.strictObject({
  kind: z.literal("machine"),
  ...common,
  assembly: z.string(),
  /** The line of the linked image where a run begins. */
  entry: count,
  verification: machineVerification,
});

/** A program of real numbers, for the exact path alone. */
const directProgram = z.strictObject({
  kind: z.literal("direct"),
  ...common,
  verification: directVerification,
});

/** The manifest of a library package, without its hash. */
const contentSchema = z.strictObject({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  n: z.int().min(2),
  registers: z.int().min(1),
  memory: z.int().min(1),
  /** The image's, where the machine runs some program. */
  weights: z
    .strictObject({
      file: z
        .string()
        .regex(/^weights-[0-9a-f]{16}\.safetensors$/, "weights-<16 hexadecimal digits>.safetensors expected"),
      hash: sha256Text,
    })
    .optional(),
  programs: z.array(z.discriminatedUnion("kind", [machineProgram, directProgram])).min(1),
});

export const manifestSchema = contentSchema.extend({ hash: sha256Text });

export type ManifestContent = z.infer<typeof contentSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** A program as the package holds it. */
export type ManifestProgram = Manifest["programs"][number];

/**
 * The certificate that a program's paths agree: a hash over its name, its source, its assembly, if it has any, and what was
 * compared on how many inputs. Whoever checks the same program in the same way gets the same.
 */
export function certificateOf(program: Certified): string {
  const { name, sourceHash, verification } = program;
  const compared =
    program.kind === "machine" ? machineVerification.parse(verification) : directVerification.parse(verification);
  const assembly = program.kind === "machine" ? program.assembly : "";
  return sha256(JSON.stringify([name, sourceHash, assembly, compared]));
}

type Certified = ManifestProgram extends infer Each
  ? Each extends ManifestProgram
    ? Pick<Each, Extract<keyof Each, "kind" | "name" | "sourceHash" | "assembly" | "verification">>
    : never
  : never;

/** The SHA-256 of text or bytes, in hexadecimal digits. */
export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The hash of all that a manifest states, the weights through their own hash. The schema's order is that of the keys. */
export function contentHash(content: ManifestContent): string {
  return sha256(JSON.stringify(contentSchema.parse(content)));
}

/** The manifest with its hash, its keys in the schema's order. */
export function sealed(content: ManifestContent): Manifest {
  return manifestSchema.parse({ ...content, hash: contentHash(content) });
}
