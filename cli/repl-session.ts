import { printAssembly } from "../assembler/index.js";
import { printNumber, printValue, SoftmachineError } from "../scheme/index.js";
import { type Evaluator, makeEvaluator } from "./evaluators.js";
import { readAssignments } from "./input-values.js";
import { compileToAssembly } from "./machine-program.js";
import { jsonText } from "./output.js";
import type { ProgramSource } from "./program-source.js";
import { constantBody, definitionOf, topLevelForms, wordsOf } from "./repl-forms.js";

/** What a session keeps: functions as their texts, and numbers by name, which are the inputs of what is evaluated. */
export class ReplSession {
  private readonly functions = new Map<string, string>();
  private readonly numbers = new Map<string, number>();

  constructor(private readonly json: boolean) {}

  /**
   * Evaluates the forms of a text in order.
   *
   * @returns what is to be printed, as it comes.
   * @throws SoftmachineError at the first form that is wrong; those before it stay.
   */
  *enter(text: string, name = "<repl>"): Iterable<string> {
    const forms = topLevelForms(text);
    this.defineFunctions(forms, name);
    for (const form of forms) {
      const definition = definitionOf(form);
      if (definition?.isFunction) continue;
      if (definition) {
        // Its old value may be used in the new one. A definition that is not well formed gets the language's own error.
        const body = constantBody(form) ?? `${form}\n${definition.name}`;
        const value = this.evaluate({ text: body, name }, definition.name);
        this.functions.delete(definition.name);
        this.numbers.set(definition.name, value);
      } else {
        const evaluator = this.evaluator({ text: form, name });
        const value = evaluator.evaluate(this.inputsOf(evaluator));
        yield this.json ? jsonText({ value }) : printValue(value);
      }
    }
  }

  /** Value and derivatives of an expression. */
  gradient(text: string): string {
    const evaluator = this.evaluator(nonEmpty(text, ":grad (* x x)"));
    if (evaluator.gradient === undefined) throw new Error("the direct path has gradients");
    const { value, gradient } = evaluator.gradient(this.inputsOf(evaluator));
    if (this.json) return jsonText({ value, gradient });
    const slopes = Object.entries(gradient).map(([name, slope]) => `d/d${name} ${printValue(slope)}`);
    return [`value ${printValue(value)}`, ...slopes].join("\n");
  }

  /** An expression as assembly text. */
  assembly(text: string): string {
    return printAssembly(compileToAssembly(this.withFunctions(nonEmpty(text, ":asm (+ a b)")), {}));
  }

  /** Keeps numbers given as `name=value`; without any, lists those that are kept. */
  set(assignments: readonly string[]): string[] {
    const wrong = assignments.find((word) => !word.includes("="));
    if (wrong !== undefined) throw new SoftmachineError(`"${wrong}" is not name=value`);
    if (assignments.length === 0) return this.listNumbers();
    for (const [name, value] of Object.entries(readAssignments(assignments))) {
      this.functions.delete(name);
      this.numbers.set(name, value);
    }
    return [];
  }

  /** Everything that is kept. */
  list(): string[] {
    return [...this.listNumbers(), ...[...this.functions.values()].map((text) => text.trim())];
  }

  reset(): void {
    this.functions.clear();
    this.numbers.clear();
  }

  private listNumbers(): string[] {
    return [...this.numbers].map(([name, value]) => `${name}=${printNumber(value)}`);
  }

  /** Keeps the functions among the forms, all or none: they may call one another. */
  private defineFunctions(forms: readonly string[], name: string): void {
    const entered = forms.filter((form) => definitionOf(form)?.isFunction);
    if (entered.length === 0) return;
    const before = new Map(this.functions);
    for (const form of entered) this.functions.delete(definitionOf(form)?.name ?? "");
    try {
      // Entered twice in one text is the language's own error; entered again later replaces.
      const lines = mergeLines(entered);
      makeEvaluator("direct", this.withFunctions({ text: `${lines}\n0`, name }), {});
      for (const form of entered) {
        const defined = definitionOf(form)?.name ?? "";
        this.functions.set(defined, form);
        this.numbers.delete(defined);
      }
    } catch (error) {
      this.functions.clear();
      for (const [key, text] of before) this.functions.set(key, text);
      throw error;
    }
  }

  private evaluate(source: ProgramSource, defined: string): number {
    const evaluator = this.evaluator(source);
    const value = evaluator.evaluate(this.inputsOf(evaluator));
    if (typeof value !== "number") throw new SoftmachineError(`"${defined}" must be a number to be kept`);
    return value;
  }

  private evaluator(source: ProgramSource): Evaluator {
    return makeEvaluator("direct", this.withFunctions(source), {});
  }

  /**
   * The program that an entry is: its text, and behind it the functions that it uses, so that positions are the entry's.
   */
  private withFunctions(source: ProgramSource): ProgramSource {
    const used = new Set<string>();
    const follow = (text: string) => {
      for (const word of wordsOf(text)) {
        const f = this.functions.get(word);
        if (f === undefined || used.has(word)) continue;
        used.add(word);
        follow(f);
      }
    };
    follow(source.text);
    const texts = [...this.functions].filter(([name]) => used.has(name)).map(([, text]) => text.trim());
    return { ...source, text: [source.text, ...texts].join("\n") };
  }

  private inputsOf(evaluator: Evaluator): Record<string, number> {
    const missing = evaluator.inputs.filter((name) => !this.numbers.has(name));
    if (missing.length > 0) {
      const names = missing.map((name) => `"${name}"`).join(", ");
      throw new SoftmachineError(`${names} has no value: give it one with :set ${missing[0]}=1`);
    }
    return Object.fromEntries(evaluator.inputs.map((name) => [name, this.numbers.get(name) ?? Number.NaN]));
  }
}

function nonEmpty(text: string, example: string): ProgramSource {
  if (text.trim() === "") throw new SoftmachineError(`an expression is needed, as ${example}`);
  return { text, name: "<repl>" };
}

/** Forms that each stand where they stood in one text, as one text again. */
function mergeLines(forms: readonly string[]): string {
  let merged = "";
  for (const form of forms) merged += form.slice(merged.length);
  return merged;
}
