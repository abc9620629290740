import { SoftmachineError } from "../scheme/index.js";
import { type CompileOptions, compile } from "./compile.js";
import type { Explanation, Ranges } from "./explanation.js";
import type { DirectModule } from "./module.js";

export interface ExplainOptions extends CompileOptions {
  /** Where the inputs may be; any finite number where nothing is said, or the parameter's value. */
  readonly ranges?: Ranges;
}

/**
 * What interval analysis says of a program whose inputs stay within ranges: where it may leave its domain, where its
 * slope jumps, and which inputs carry no gradient. What is not reported can't happen; what is reported may not happen,
 * since intervals forget how values depend on one another.
 *
 * @param program a source, or a module.
 * @throws as `compile` does; SoftmachineError for ranges that don't fit the program.
 */
export function explain(program: string | DirectModule, options: ExplainOptions = {}): Explanation {
  const { ranges, ...rest } = options;
  if (typeof program !== "string" && Object.keys(rest).length > 0)
    throw new SoftmachineError(`option ${Object.keys(rest)[0]} is for a source; a module is compiled already`);
  const module = typeof program === "string" ? compile(program, { ...rest, domain: "strict" }) : program;
  return module.explain(ranges);
}
