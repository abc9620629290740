import type { RegionBuilder } from "./builder.js";
import { Algebra } from "./derivative-rules.js";
import { captured, countNodes, type Graph, type Node, type Region, regionsOf, type ValueId } from "./graph.js";
import { costOfOp } from "./graph-to-wasm-ops.js";
import { bodyThat, bodyWith } from "./loop-sides.js";
import { copyRegion, type Renaming, renamed } from "./transform.js";

export type LoopNode = Extract<Node, { kind: "loop" }>;

/** What a backward sweep must know of a loop whose iterations are recorded. */
export interface LoopRecord {
  readonly kind: "loop";
  readonly node: LoopNode;
  readonly tape: ValueId;
  /** The body's values that are recorded with each iteration but the last. */
  readonly saved: readonly ValueId[];
  /** The body in iterations that others follow, and in the last. */
  readonly goesOn: Region | undefined;
  readonly ends: Region;
}

/** What goes through a loop backwards needs of what goes through straight-line code. */
export interface Sweeps<R> {
  readonly graph: Graph;
  readonly active: ReadonlySet<ValueId>;
  readonly names: Renaming;
  /** Writes nodes again; of those `given`, the value is known. */
  again(builder: RegionBuilder, nodes: readonly Node[], given: ReadonlyMap<ValueId, ValueId>): readonly R[];
  backward(builder: RegionBuilder, records: readonly R[], adjoints: Map<ValueId, ValueId>): void;
}

/** What is known of an adjoint: that it is 0, or that it may be 0 because control passes elsewhere, or neither. */
type Known = "zero" | "conditional" | "plain";

interface Phase {
  readonly region: Region;
  /** Of each active variable's adjoint, before the iteration. */
  readonly variables: readonly Known[];
  /** Of what the iteration adds to each total. */
  readonly totals: readonly Known[];
}

/**
 * The longest body of which there is more than one phase for iterations that others follow. With several, adjoints that
 * are 0 only because the end is near need not be told from others.
 */
const longestRepeated = 400;
const mostPhases = 4;

/** What it costs to keep a value and find it again, in additions: less than to compute an elementary function. */
const costOfMemory = 20;

/** A way back over a loop costs as much as so many directions of forward mode (`npm run bench -- exact --only network`). */
const directionsBack = 2;

/** Whether it costs less to go back over a loop, for each of `sweeps` results, than forwards for each of its sources. */
export const isCheaperBackwards = (sources: number, sweeps: number): boolean => sources > directionsBack * sweeps;

const join = (a: Known, b: Known): Known => (a === b ? a : "conditional");

function constantsOf(graph: Graph): Map<ValueId, number> {
  const constants = new Map<ValueId, number>();
  const scan = (region: Region) => {
    for (const node of region.nodes) {
      if (node.kind === "constant") constants.set(node.output, node.value);
      for (const inner of regionsOf(node)) scan(inner);
    }
  };
  scan(graph.main);
  return constants;
}

/**
 * Reverse mode through loops. The loop records its variables at some iterations, few enough that the record grows with the
 * square root of their number at most; what lies between is computed again from there when the way back has come to it
 * (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 12; the record is thinned as it fills, as in Stumm and
 * Walther, "New Algorithms for Optimal Online Checkpointing", 2010, since the number of iterations is not known before).
 */
export class LoopSweeps<R> {
  private readonly sweeps: Sweeps<R>;
  private readonly constants: ReadonlyMap<ValueId, number>;
  /** The next name for a value that the old graph has not. */
  private next: ValueId;
  private depth = 0;

  constructor(sweeps: Sweeps<R>) {
    this.sweeps = sweeps;
    this.constants = constantsOf(sweeps.graph);
    this.next = sweeps.graph.size;
  }

  /** Writes a loop with its iterations recorded; undefined, and nothing written, for one that never ends. */
  record(builder: RegionBuilder, node: LoopNode): LoopRecord | undefined {
    const { names } = this.sweeps;
    const { body, initial, outputs } = node;
    const ends = bodyThat(false, body, this.constants);
    if (!ends) return undefined;
    const goesOn = bodyThat(true, body, this.constants);
    const saved = (goesOn?.nodes ?? []).flatMap((one) =>
      one.kind === "op" && costOfOp(one.op) >= costOfMemory ? [one.output] : [],
    );
    const longer = bodyWith(saved, body, this.constants, () => this.next++);
    const start = initial.map((id) => renamed(names, id));
    const inner = builder.inner();
    const parameters = this.parameters(inner, body);
    const region = inner.finish(parameters, copyRegion(inner, longer, names));
    const written = builder.recordedLoop(start, region, saved.length);
    for (const [i, old] of outputs.entries()) names.set(old, written.outputs[i]);
    return { kind: "loop", node, tape: written.tape, saved, goesOn, ends };
  }

  private parameters(inner: RegionBuilder, body: Region): ValueId[] {
    return body.parameters.map((old) => {
      const id = inner.parameter();
      this.sweeps.names.set(old, id);
      return id;
    });
  }

  /** Goes back over a recorded loop: adds to each value's adjoint what it passes back. */
  backward(
    algebra: Algebra,
    record: LoopRecord,
    adjoints: ReadonlyMap<ValueId, ValueId>,
    add: (id: ValueId, share: ValueId) => void,
  ): void {
    const { builder } = algebra;
    const { active } = this.sweeps;
    const { body, initial, outputs } = record.node;
    const first = 1 + initial.length;
    const ends = outputs.flatMap((id, i) => {
      const seed = adjoints.get(id);
      return seed === undefined ? [] : [{ seed, result: record.ends.results[first + i] }];
    });
    if (ends.length === 0) return;
    const places = [...body.parameters.keys()].filter((i) => active.has(body.parameters[i]));
    const outside = [...captured(body)].filter((id) => active.has(id));
    this.depth++;
    const known = ends.map(({ seed }): Known => (algebra.isConditional(seed) ? "conditional" : "plain"));
    const results = ends.map(({ result }) => result);
    const phases = [this.phase(builder, record, record.ends, results, known, [], places, outside)];
    if (record.goesOn) this.furtherPhases(builder, record, record.goesOn, phases, places, outside);
    this.depth--;
    const sums = builder.reverse(
      record.tape,
      ends.map(({ seed }) => seed),
      this.step(builder, record),
      phases.map(({ region }) => region),
    );
    const share = (id: ValueId, sum: ValueId, certain: boolean) => add(id, certain ? sum : algebra.conditional(sum));
    for (const [i, place] of places.entries()) {
      const all = phases.map(({ variables }) => variables[i]);
      if (!active.has(initial[place]) || all.every((one) => one === "zero")) continue;
      share(
        initial[place],
        sums[i],
        all.every((one) => one === "plain"),
      );
    }
    for (const [i, id] of outside.entries())
      if (phases.some(({ totals }) => totals[i] !== "zero"))
        share(id, sums[places.length + i], phases[0].totals[i] === "plain");
  }

  /** Phases for the iterations before the last, until one can go on for all that are left. */
  private furtherPhases(
    builder: RegionBuilder,
    record: LoopRecord,
    body: Region,
    phases: Phase[],
    places: readonly number[],
    outside: readonly ValueId[],
  ): void {
    const results = places.map((place) => body.results[1 + place]);
    const most = this.depth > 1 || countNodes(body) > longestRepeated ? 2 : mostPhases;
    let known = phases[0].variables;
    for (;;) {
      const phase = this.phase(builder, record, body, results, known, record.saved, places, outside);
      const isLasting = known.every((one, i) => one === phase.variables[i] || one === "conditional");
      if (isLasting || phases.length < most - 1) phases.push(phase);
      if (isLasting) return;
      known = phases.at(-1) === phase ? phase.variables : known.map((one, i) => join(one, phase.variables[i]));
    }
  }

  /**
   * An iteration backwards.
   *
   * @param body the body as that iteration runs it.
   * @param results those of its results whose adjoints it takes, of which so much is `known`.
   * @param saved values recorded with it.
   * @param places of the variables whose adjoints it gives.
   * @param outside values from around the loop, to the adjoints of which it adds.
   */
  private phase(
    builder: RegionBuilder,
    { node }: LoopRecord,
    body: Region,
    results: readonly ValueId[],
    known: readonly Known[],
    saved: readonly ValueId[],
    places: readonly number[],
    outside: readonly ValueId[],
  ): Phase {
    const { active } = this.sweeps;
    const inner = builder.inner();
    const algebra = new Algebra(inner);
    const variables = this.parameters(inner, node.body);
    const given = new Map(saved.map((old) => [old, inner.parameter()]));
    const seeds = results.map(() => inner.parameter());
    const before = outside.map(() => inner.parameter());
    const records = this.sweeps.again(inner, body.nodes, given);
    const adjoints = new Map<ValueId, ValueId>();
    for (const [i, id] of results.entries()) {
      if (known[i] === "zero" || !active.has(id)) continue;
      if (known[i] === "conditional") algebra.conditional(seeds[i]);
      const sum = algebra.add(adjoints.get(id), seeds[i]);
      if (sum !== undefined) adjoints.set(id, sum);
    }
    this.sweeps.backward(inner, records, adjoints);
    const knownOf = (id: ValueId): Known => {
      const adjoint = adjoints.get(id);
      if (adjoint === undefined) return "zero";
      return algebra.isConditional(adjoint) ? "conditional" : "plain";
    };
    const own = places.map((place) => node.body.parameters[place]);
    const after = [
      ...own.map((id) => adjoints.get(id) ?? inner.constant(0)),
      ...outside.map((id, i) => algebra.add(before[i], adjoints.get(id)) ?? before[i]),
    ];
    const region = inner.finish([...variables, ...given.values(), ...seeds, ...before], after);
    return { region, variables: own.map(knownOf), totals: outside.map(knownOf) };
  }

  private step(builder: RegionBuilder, { node, goesOn, saved }: LoopRecord): Region {
    const inner = builder.inner();
    const parameters = this.parameters(inner, node.body);
    if (!goesOn) return inner.finish(parameters, parameters);
    const results = [...goesOn.results.slice(1, 1 + node.initial.length), ...saved];
    return inner.finish(parameters, copyRegion(inner, { ...goesOn, results }, this.sweeps.names));
  }
}
