import { shapeOf, type Value } from "../scheme/index.js";

/** The shapes of those inputs that are arrays. */
export function arrayShapes(inputs: Readonly<Record<string, Value>>): Record<string, number[]> {
  const arrays = Object.entries(inputs).filter(([, value]) => typeof value !== "number");
  return Object.fromEntries(arrays.map(([name, value]) => [name, [...shapeOf(value)]]));
}
