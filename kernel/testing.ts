// Never part of the package.
import { elementary, elementaryNames } from "./elementary/elementary.js";
import type { LaneType } from "./lanes.js";
import { ModuleBuilder } from "./module-builder.js";
import { compileModule, exportedFunction, instantiate, type WebAssemblyFunction } from "./web-assembly.js";

/** The kernels' elementary functions of one lane type, as functions of numbers, by their names in `Math`. */
function elementaryFunctions(type: LaneType): Record<string, (...args: number[]) => number> {
  const scalar = type === "f32x4" ? "f32" : "f64";
  const module = new ModuleBuilder();
  for (const name of elementaryNames) {
    const vector = elementary(module, name, type);
    const parameters = vector.parameters.map(() => scalar);
    module.function(name, parameters, [scalar], (code) => {
      for (const parameter of code.parameters) code.get(parameter).emit(`${type}.splat` as const);
      code.call(vector).emit(`${type}.extract_lane` as const, 0);
    });
  }
  const exports = instantiate(compileModule(module.build()));
  const numeric =
    (f: WebAssemblyFunction) =>
    (...args: number[]) =>
      Number(f(...args));
  return Object.fromEntries(
    elementaryNames.map((name) => [name === "expt" ? "pow" : name, numeric(exportedFunction(exports, name))]),
  );
}

const functions = new Map<LaneType, Record<string, (...args: number[]) => number>>();

/**
 * What `run` gives while JavaScript's elementary functions are the kernels': then whatever runs in JavaScript must equal
 * what a kernel computes to the last bit.
 */
export function withKernelFunctions<T>(type: LaneType, run: () => T): T {
  const replacements = functions.get(type) ?? elementaryFunctions(type);
  functions.set(type, replacements);
  const originals = Object.fromEntries(Object.keys(replacements).map((name) => [name, Reflect.get(Math, name)]));
  Object.assign(Math, replacements);
  try {
    return run();
  } finally {
    Object.assign(Math, originals);
  }
}
