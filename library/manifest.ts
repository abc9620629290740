import { createHash } from "node:crypto";
import { z } from "zod";

/** What the manifest calls its format, and the version of it that is written and read. */
export const formatName = "softmachine-library";
export const formatVersion = 1;

const count = z.int().min(0);
const sha256Text = z.string().regex(/^[0-9a-f]{64}$/, "64 hexadecimal digits are expected");
const coverage = z.strictObject({ n: z.int().min(2), inputs: count, exhaustive: z.boolean() });

const programSchema = z.strictObject({
  name: z.string().min(1),
  subject: z.string(),
  documentation: z.string(),
  operands: z.array(z.strictObject({ name: z.string(), documentation: z.string() })),
  result: z.string(),
  examples: z.array(z.strictObject({ text: z.string(), arguments: z.array(z.number()), result: z.number() })),
  /** Where the algorithm comes from. */
  origin: z.string().optional(),
  /** The program's file. */
  source: z.string(),
  sourceHash: sha256Text,
  assembly: z.string(),
  /** The line of the linked image where a run begins. */
  entry: count,
  verification: z.strictObject({
    instructions: count,
    registers: count,
    steps: z.strictObject({ worst: count, mean: z.number() }),
    examples: count,
    exact: coverage,
    image: coverage,
    soft: coverage,
  }),
});

/** The manifest of a library package, without its hash. */
const contentSchema = z.strictObject({
  format: z.literal(formatName),
  version: z.literal(formatVersion),
  n: z.int().min(2),
  registers: z.int().min(1),
  memory: z.int().min(1),
  weights: z.strictObject({
    file: z
      .string()
      .regex(/^weights-[0-9a-f]{16}\.safetensors$/, "weights-<16 hexadecimal digits>.safetensors expected"),
    hash: sha256Text,
  }),
  programs: z.array(programSchema).min(1),
});

export const manifestSchema = contentSchema.extend({ hash: sha256Text });

export type ManifestContent = z.infer<typeof contentSchema>;
export type Manifest = z.infer<typeof manifestSchema>;

/** A program as the package holds it. */
export type PackagedProgram = Readonly<z.infer<typeof programSchema>>;

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
