/** Unique symbols of one assembly, near to the names that the program uses. */
export class SymbolNames {
  private readonly taken = new Set<string>();
  private readonly functions = new Map<string, string>();

  constructor(private readonly body: string) {
    this.taken.add(body);
  }

  /** The label of a function; of the program's body for undefined. */
  ofFunction(name: string | undefined): string {
    if (name === undefined) return this.body;
    let label = this.functions.get(name);
    if (label === undefined) {
      label = this.fresh(name);
      this.functions.set(name, label);
    }
    return label;
  }

  /** A symbol that no other thing has: the hint, or the hint with a number. */
  fresh(hint: string): string {
    const base = hint.replace(/[\s;,:@#]/g, "_");
    let name = base;
    for (let i = 2; this.taken.has(name); i++) name = `${base}${i}`;
    this.taken.add(name);
    return name;
  }
}
