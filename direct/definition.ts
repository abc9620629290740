import { SoftmachineError } from "../scheme/index.js";
import { type CompileOptions, compile } from "./compile.js";
import type { DirectModule } from "./module.js";

/** How a module was made: what makes an equal one again. */
export type Definition =
  | { readonly source: string; readonly options: CompileOptions }
  | { readonly compose: Definition; readonly parts: Readonly<Record<string, Definition>> }
  | { readonly derivative: string; readonly of: Definition };

/** The module that a definition makes; the way back from a saved layer to `compile`. Throws as `compile`. */
export function moduleOf(definition: Definition): DirectModule {
  if ("source" in definition) return compile(definition.source, definition.options);
  if ("derivative" in definition) return moduleOf(definition.of).derivative(definition.derivative);
  const parts = Object.entries(definition.parts).map(([name, part]) => [name, moduleOf(part)] as const);
  return moduleOf(definition.compose).compose(Object.fromEntries(parts));
}

/** The definition of the same with strict mode's checks. */
export function strictly(definition: Definition): Definition {
  if ("source" in definition) return { ...definition, options: { ...definition.options, domain: "strict" } };
  if ("derivative" in definition) return { ...definition, of: strictly(definition.of) };
  const parts = Object.entries(definition.parts).map(([name, part]) => [name, strictly(part)] as const);
  return { compose: strictly(definition.compose), parts: Object.fromEntries(parts) };
}

/** What JSON has no number for. */
const isSpecial = (value: unknown): value is number =>
  typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0));

/**
 * Data as text that TensorFlow.js's files keep as it is: they rewrite capitals and underscores of all strings but names, from
 * one language's habits to the other's.
 */
export function encodeText(data: unknown): string {
  const json = JSON.stringify(data, (_, value: unknown) =>
    isSpecial(value) ? { number: Object.is(value, -0) ? "-0" : String(value) } : value,
  );
  return json.replace(/[A-Z_%]|[^ -~]/gu, (character) =>
    character < "\x7f" ? `%${character.charCodeAt(0).toString(16)}` : encodeURIComponent(character).toLowerCase(),
  );
}

/**
 * The data of such a text.
 * @throws SoftmachineError if it is damaged.
 */
export function decodeText(text: string): unknown {
  try {
    return JSON.parse(decodeURIComponent(text), (_, value: unknown) => {
      const number = typeof value === "object" && value !== null && "number" in value ? value.number : undefined;
      return typeof number === "string" ? Number(number) : value;
    });
  } catch {
    throw new SoftmachineError("a program's layer is damaged: its text can't be read");
  }
}
