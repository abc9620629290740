import type { Node, Region, ValueId } from "./graph.js";
import { firstCapacity, phaseParameters, type ReverseNode, records, recordWidth, runs } from "./tape.js";

type LoopNode = Extract<Node, { kind: "loop" }>;

/** What the code of a tape uses of that around it. */
export interface CodeWriter {
  line(text: string): void;
  block(head: string, body: () => void): void;
  /** A value as an expression. */
  slot(id: ValueId): string;
  /** A region's nodes, then its results. */
  region(region: Region, write: (results: readonly ValueId[]) => void): void;
}

/**
 * What generated code records loops with: a stack of numbers. `room` makes sure that so many have a place; `thin` leaves
 * every second of a tape's records.
 */
export const tapeFunctions = `let tape = new Float64Array(1024), top = 0;
function room(size) {
  if (size <= tape.length) return;
  const larger = new Float64Array(2 * size);
  larger.set(tape);
  tape = larger;
}
function thin(base, width, records) {
  for (let i = 1; i < records / 2; i++)
    tape.copyWithin(base + i * width, base + 2 * i * width, base + (2 * i + 1) * width);
}`;

const add = (offset: number) => (offset === 0 ? "" : ` + ${offset}`);

/** Writes how a loop's iterations are recorded, and how the record is gone back over. */
export class JavascriptTape {
  private readonly code: CodeWriter;
  private readonly widths = new Map<ValueId, number>();

  constructor(code: CodeWriter) {
    this.code = code;
  }

  /** Before the block in which a loop runs: what is known of its record after it. */
  declare({ tape, ...node }: LoopNode): void {
    if (tape === undefined) return;
    const width = recordWidth(node);
    this.widths.set(tape, width);
    this.code.line(
      `let base${tape} = top, count${tape} = 0, kept${tape} = 0, spacing${tape} = 1, due${tape} = 0, at${tape} = top, capacity${tape} = ${firstCapacity(8 * width)};`,
    );
  }

  /** At the start of an iteration. */
  iteration({ tape: t, ...node }: LoopNode): void {
    if (t === undefined) return;
    const { code } = this;
    const width = recordWidth(node);
    code.block(`if (count${t} === due${t})`, () => {
      code.block(`if (kept${t} === capacity${t})`, () => {
        code.line(`if (spacing${t} >= capacity${t}) capacity${t} *= 2;`);
        code.line(`else { thin(base${t}, ${width}, kept${t}); kept${t} /= 2; spacing${t} *= 2; }`);
      });
      code.line(`at${t} = base${t} + kept${t} * ${width};`);
      code.line(`top = at${t} + ${width};`);
      code.line("room(top);");
      for (const [i, id] of node.body.parameters.entries()) code.line(`tape[at${t}${add(i)}] = ${code.slot(id)};`);
      code.line(`kept${t}++;`);
      code.line(`due${t} += spacing${t};`);
    });
    code.line(`count${t}++;`);
  }

  /** Where another iteration follows: what is saved with this one, if the one recorded last is this. */
  save({ tape, ...node }: LoopNode, results: readonly ValueId[]): void {
    if (tape === undefined) return;
    const { initial, outputs } = node;
    for (const [i, id] of results.slice(1 + initial.length + outputs.length).entries())
      this.code.line(`tape[at${tape}${add(initial.length + i)}] = ${this.code.slot(id)};`);
  }

  /** Goes back over a record. Nothing that runs on the way counts against the budget: all of it has run before. */
  reverse(node: ReverseNode): void {
    const { code } = this;
    const { tape: t, seeds, step, phases, outputs } = node;
    const width = this.widths.get(t) ?? 0;
    if (outputs.length > 0) code.line(`let ${outputs.map((id) => `s${id} = 0`).join(", ")};`);
    code.block("", () => {
      const counts = [step, ...phases].some(({ nodes }) => nodes.some(runs));
      const uncounted = () => counts && code.line("left = h.iterations;");
      if (counts) code.line("const leftBefore = left;");
      code.line(`let end = count${t}, start = spacing${t} === 1 ? 0 : (kept${t} - 1) * spacing${t}, done = 0;`);
      code.block("for (;;)", () => {
        code.line(`let from = base${t} + (start / spacing${t}) * ${width};`);
        code.line("const bottom = top;");
        code.block(`if (spacing${t} !== 1)`, () => this.recompute(node, width, uncounted));
        code.block(`for (let at = from + (end - start - 1) * ${width}; at >= from; at -= ${width})`, () => {
          uncounted();
          for (const [i, phase] of phases.entries()) {
            const last = i === phases.length - 1;
            const test = last ? "" : `if (done === ${i})`;
            code.block(`${i === 0 ? "" : "else "}${test}`, () => {
              if (!last) code.line(`done = ${i + 1};`);
              if (records(phase)) code.line("const mark = top;");
              const { recorded, adjoints, totals, count } = phaseParameters(node, i);
              for (const [k, id] of recorded) code.line(`const s${id} = tape[at${add(k)}];`);
              for (const [k, id] of adjoints.entries())
                code.line(`const s${id} = ${i === 0 ? code.slot(seeds[k]) : `s${outputs[k]}`};`);
              for (const [k, id] of totals.entries()) code.line(`const s${id} = s${outputs[count + k]};`);
              code.region(phase, (results) => {
                for (const [k, id] of results.entries()) code.line(`s${outputs[k]} = ${code.slot(id)};`);
              });
              if (records(phase)) code.line("top = mark;");
            });
          }
        });
        code.line("top = bottom;");
        code.line("if (start === 0) break;");
        code.line("end = start;");
        code.line(`start -= spacing${t};`);
      });
      if (counts) code.line("left = leftBefore;");
    });
  }

  /** The iterations from one that was recorded to the next, after one another on top of the stack. */
  private recompute({ tape: t, step }: ReverseNode, width: number, uncounted: () => void): void {
    const { code } = this;
    const { parameters } = step;
    const count = parameters.length;
    code.line("const to = top;");
    code.line(`top += (end - start) * ${width};`);
    code.line("room(top);");
    for (const [i, id] of parameters.entries()) code.line(`let s${id} = tape[from${add(i)}];`);
    // The last iteration of all has no step.
    const steps = width > count ? `(end === count${t} ? top - ${width} : top)` : `top - ${width}`;
    code.line(`const last = ${steps};`);
    code.block(`for (let at = to; at < top; at += ${width})`, () => {
      for (const [i, id] of parameters.entries()) code.line(`tape[at${add(i)}] = s${id};`);
      code.line("if (at >= last) break;");
      uncounted();
      code.region(step, (results) => {
        for (const [i, id] of results.slice(count).entries())
          code.line(`tape[at${add(count + i)}] = ${code.slot(id)};`);
        for (let i = 0; i < count; i++) code.line(`const n${i} = ${code.slot(results[i])};`);
        for (const [i, id] of parameters.entries()) code.line(`s${id} = n${i};`);
      });
    });
    code.line("from = to;");
  }
}
