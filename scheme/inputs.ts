import { SoftmachineError, suggestion } from "./errors.js";

/**
 * Checks that the given names are the wanted ones.
 * @throws SoftmachineError naming what is missing or extra, and the nearest name where one is misspelt.
 */
export function checkNames(wanted: readonly string[], given: readonly string[], noun = "input"): void {
  const extra = given.filter((name) => !wanted.includes(name));
  const missing = wanted.filter((name) => !given.includes(name));
  const list = (names: readonly string[]) => names.map((name) => `"${name}"`).join(", ");
  if (extra.length > 0) {
    const known = wanted.length === 0 ? `the program has no ${noun}s` : `the program's ${noun}s are ${list(wanted)}`;
    throw new SoftmachineError(
      `unknown ${noun} ${list(extra)}${suggestion(extra[0], missing.length > 0 ? missing : wanted)}; ${known}`,
    );
  }
  if (missing.length > 0)
    throw new SoftmachineError(`missing ${noun}${missing.length > 1 ? "s" : ""} ${list(missing)}`);
}
