/** Functions that a module holds once, however many ask for them. */
import type { FunctionBuilder, FunctionReference } from "../function-builder.js";
import type { ValueType } from "../instructions.js";
import type { ModuleBuilder } from "../module-builder.js";

const definitions = new WeakMap<ModuleBuilder, Map<string, FunctionReference>>();

/** The module's function of that name, defined now if it is not yet; `write` may ask for others. */
export function defineOnce(
  module: ModuleBuilder,
  name: string,
  parameters: readonly ValueType[],
  results: readonly ValueType[],
  write: (code: FunctionBuilder) => void,
): FunctionReference {
  const known = definitions.get(module) ?? new Map<string, FunctionReference>();
  definitions.set(module, known);
  const found = known.get(name);
  if (found !== undefined) return found;
  const reference = module.declare(name, parameters, results);
  known.set(name, reference);
  module.define(reference, write);
  return reference;
}
