import type { FunctionBuilder, Local } from "../kernel/index.js";
import type { Node, Region, ValueId } from "./graph.js";
import { firstCapacity, phaseParameters, type ReverseNode, records, recordWidth, runs } from "./tape.js";

type LoopNode = Extract<Node, { kind: "loop" }>;

/** Bytes of a vector. */
const bytes = 16;
/** Bytes at the start of a tape's memory, of which the first 4 are not 0 after a run for which it was too small. */
const tapeHeader = bytes;

/** What the code of a tape uses of that around it. */
export interface VectorWriter {
  readonly code: FunctionBuilder;
  define(id: ValueId, local: Local): void;
  value(id: ValueId): Local;
  constant(value: number): Local;
  /** The nodes of a region, for the lanes of a mask. */
  region(region: Region, mask: Local | undefined): void;
}

/** What is known of a loop's record. All are i32, in bytes where they measure memory, but for `counts`. */
interface Record {
  readonly base: Local;
  /** Where the last record stands. */
  readonly at: Local;
  /** The iterations of the lane that had most. */
  readonly count: Local;
  /** The iterations of each lane, in all of its bits: 4 numbers, or 2 twice. */
  readonly counts: Local;
  readonly kept: Local;
  readonly spacing: Local;
  readonly width: number;
  readonly variables: readonly Local[];
  readonly capacity: Local;
  readonly due: Local;
}

/** Writes how a loop's iterations are recorded in memory, all lanes together, and how the record is gone back over. */
export class VectorTape {
  private readonly writer: VectorWriter;
  private readonly code: FunctionBuilder;
  /** The memory's ends, and the top of the stack of records in it. */
  private readonly start: Local;
  private readonly end: Local;
  private readonly top: Local;
  /** The iterations left before the budget is used up, and how many it is. */
  private readonly left: Local;
  private readonly iterations: number;
  private readonly tapes = new Map<ValueId, Record>();

  constructor(writer: VectorWriter, start: Local, end: Local, left: Local, iterations: number) {
    this.writer = writer;
    this.code = writer.code;
    this.start = start;
    this.end = end;
    this.left = left;
    this.iterations = iterations;
    this.top = this.code.local("i32");
  }

  /** Before each vector of rows. */
  reset(): void {
    this.code.get(this.start).emit("i32.const", tapeHeader).emit("i32.add").set(this.top);
  }

  private number(value: number, local: Local): void {
    this.code.emit("i32.const", value).set(local);
  }

  private newI32(): Local {
    return this.code.local("i32");
  }

  /** Pushes an address so many records on. */
  private address(base: Local, count: Local, width: number): void {
    this.code.get(base).get(count).emit("i32.const", width).emit("i32.mul").emit("i32.add");
  }

  /** Stops if the top is beyond the memory's end. */
  private checkRoom(): void {
    const { code } = this;
    code.get(this.top).get(this.end).emit("i32.gt_u");
    code.if(() => {
      code.get(this.start).emit("i32.const", 1).emit("i32.store", { offset: 0, align: 2 });
      code.unreachable();
    });
  }

  private store(locals: readonly Local[], address: Local, first = 0): void {
    for (const [i, local] of locals.entries())
      this.code
        .get(address)
        .get(local)
        .emit("v128.store", { offset: bytes * (first + i), align: 4 });
  }

  private load(locals: readonly Local[], address: Local, first = 0): void {
    for (const [i, local] of locals.entries())
      this.code
        .get(address)
        .emit("v128.load", { offset: bytes * (first + i), align: 4 })
        .set(local);
  }

  /** Before a loop. */
  begin(node: LoopNode, variables: readonly Local[]): void {
    const { tape } = node;
    if (tape === undefined) return;
    const { code } = this;
    const width = bytes * recordWidth(node);
    const record: Record = {
      base: this.newI32(),
      at: this.newI32(),
      count: this.newI32(),
      counts: code.local("v128"),
      kept: this.newI32(),
      spacing: this.newI32(),
      capacity: this.newI32(),
      due: this.newI32(),
      width,
      variables,
    };
    this.tapes.set(tape, record);
    code.get(this.top).set(record.base);
    for (const local of [record.count, record.kept, record.due]) this.number(0, local);
    this.number(1, record.spacing);
    this.number(firstCapacity(width), record.capacity);
    code.get(this.writer.constant(0)).set(record.counts);
  }

  /** At the start of an iteration of the lanes of a mask. */
  iteration({ tape }: LoopNode, lanes: Local): void {
    const record = tape === undefined ? undefined : this.tapes.get(tape);
    if (!record) return;
    const { code } = this;
    const { base, at, count, counts, kept, spacing, capacity, due, width, variables } = record;
    code.get(counts).get(lanes).emit("i32x4.sub").set(counts);
    code.get(count).get(due).emit("i32.eq");
    code.if(() => {
      code.get(kept).get(capacity).emit("i32.eq");
      code.if(() => {
        code.get(spacing).get(capacity).emit("i32.ge_u");
        code.if(
          () => code.get(capacity).emit("i32.const", 1).emit("i32.shl").set(capacity),
          () => this.thin(record),
        );
      });
      this.address(base, kept, width);
      code.tee(at).emit("i32.const", width).emit("i32.add").set(this.top);
      this.checkRoom();
      this.store(variables, at);
      code.get(kept).emit("i32.const", 1).emit("i32.add").set(kept);
      code.get(due).get(spacing).emit("i32.add").set(due);
    });
    code.get(count).emit("i32.const", 1).emit("i32.add").set(count);
  }

  /** Leaves every second record. */
  private thin({ base, kept, spacing, width }: Record): void {
    const { code } = this;
    code.get(kept).emit("i32.const", 1).emit("i32.shr_u").set(kept);
    code.get(spacing).emit("i32.const", 1).emit("i32.shl").set(spacing);
    const i = this.newI32();
    this.number(1, i);
    code.loop((again) => {
      this.address(base, i, width);
      this.address(base, i, 2 * width);
      code.emit("i32.const", width).emit("memory.copy");
      code.get(i).emit("i32.const", 1).emit("i32.add").tee(i).get(kept).emit("i32.lt_u").branchIf(again);
    });
  }

  /** At the end of an iteration: what is saved with it, if the one recorded last is this. */
  save({ tape, initial }: LoopNode, saved: readonly Local[]): void {
    const record = tape === undefined ? undefined : this.tapes.get(tape);
    if (record) this.store(saved, record.at, initial.length);
  }

  /** Goes back over a record. Nothing that runs on the way counts against the budget: all of it has run before. */
  reverse(node: ReverseNode): void {
    const { code, writer } = this;
    const record = this.tapes.get(node.tape);
    if (!record) throw new Error("a loop is gone back over that was not recorded");
    const { base, count, kept, spacing, width } = record;
    const zero = writer.constant(0);
    const sums = node.outputs.map((id) => {
      const sum = code.local("v128");
      code.get(zero).set(sum);
      writer.define(id, sum);
      return sum;
    });
    const counted = [node.step, ...node.phases].some(({ nodes }) => nodes.some(runs));
    const leftBefore = this.newI32();
    if (counted) code.get(this.left).set(leftBefore);
    // The iterations of the segment are those from `start` to before `end`; `from` is where the first stands.
    const [start, end, from, at, i, bottom] = Array.from({ length: 6 }, () => this.newI32());
    code.get(count).set(end);
    code.get(kept).emit("i32.const", 1).emit("i32.sub").get(spacing).emit("i32.mul").set(start);
    code.get(spacing).emit("i32.const", 1).emit("i32.eq");
    code.if(() => this.number(0, start));
    code.loop((segments) => {
      code.get(base).get(start).get(spacing).emit("i32.div_u").emit("i32.const", width).emit("i32.mul");
      code.emit("i32.add").set(from);
      code.get(this.top).set(bottom);
      code.get(spacing).emit("i32.const", 1).emit("i32.ne");
      code.if(() => this.recompute(node, record, start, end, from, counted));
      code.get(end).emit("i32.const", 1).emit("i32.sub").tee(i).get(start).emit("i32.sub");
      code.emit("i32.const", width).emit("i32.mul").get(from).emit("i32.add").set(at);
      code.loop((iterations) => {
        if (counted) this.number(this.iterations, this.left);
        for (const phase of node.phases.keys()) this.phase(node, phase, record, i, at, sums);
        code.get(at).emit("i32.const", width).emit("i32.sub").set(at);
        code.get(i).emit("i32.const", 1).emit("i32.sub").tee(i).get(start).emit("i32.ge_s").branchIf(iterations);
      });
      code.get(bottom).set(this.top);
      code.get(start).set(end);
      code.get(start).get(spacing).emit("i32.sub").set(start);
      code.get(end).branchIf(segments);
    });
    if (counted) code.get(leftBefore).set(this.left);
  }

  /** Pushes the lanes that had `i + more` iterations, or more than that. */
  private lanesWith(how: "eq" | "gt_s", { counts }: Record, i: Local, more: number): void {
    const { code } = this;
    code.get(counts).get(i);
    if (more > 0) code.emit("i32.const", more).emit("i32.add");
    code.emit("i32x4.splat").emit(`i32x4.${how}`);
  }

  /** One phase of iteration `i`, for the lanes that are in it. */
  private phase(node: ReverseNode, place: number, record: Record, i: Local, at: Local, sums: readonly Local[]): void {
    const { code, writer } = this;
    const region = node.phases[place];
    const last = place === node.phases.length - 1;
    // With one phase only, each lane has one iteration.
    if (last && place > 0) this.lanesWith("gt_s", record, i, place);
    else this.lanesWith("eq", record, i, place + 1);
    const lanes = code.local("v128");
    code.tee(lanes).emit("v128.any_true");
    code.if(() => {
      const { recorded, adjoints, totals, count } = phaseParameters(node, place);
      const mark = this.newI32();
      if (records(region)) code.get(this.top).set(mark);
      for (const [k, id] of recorded) {
        const local = code.local("v128");
        writer.define(id, local);
        this.load([local], at, k);
      }
      for (const [k, id] of adjoints.entries()) writer.define(id, place === 0 ? writer.value(node.seeds[k]) : sums[k]);
      for (const [k, id] of totals.entries()) writer.define(id, sums[count + k]);
      writer.region(region, lanes);
      const changed = [...sums.keys()].filter((k) => writer.value(region.results[k]) !== sums[k]);
      for (const k of changed) code.get(writer.value(region.results[k])).get(sums[k]).get(lanes).emit("v128.bitselect");
      for (const k of changed.reverse()) code.set(sums[k]);
      if (records(region)) code.get(mark).set(this.top);
    });
  }

  /** The iterations from one that was recorded to the next, after one another on top of the stack. */
  private recompute(
    { step }: ReverseNode,
    record: Record,
    start: Local,
    end: Local,
    from: Local,
    counted: boolean,
  ): void {
    const { code, writer } = this;
    const { width, count } = record;
    const variables = step.parameters.map((id) => {
      const local = code.local("v128");
      writer.define(id, local);
      return local;
    });
    const [to, at, i] = [this.newI32(), this.newI32(), this.newI32()];
    code.get(this.top).tee(to).set(at);
    code.get(end).get(start).emit("i32.sub").emit("i32.const", width).emit("i32.mul");
    code.get(this.top).emit("i32.add").set(this.top);
    this.checkRoom();
    this.load(variables, from);
    code.get(start).set(i);
    const saves = step.results.length > variables.length;
    code.block((done) => {
      code.loop((again) => {
        this.store(variables, at);
        code.get(i).emit("i32.const", 1).emit("i32.add").tee(i);
        // The last iteration of all has no step, and the last of the segment only what is saved with it.
        code
          .get(saves ? count : end)
          .emit("i32.ge_u")
          .branchIf(done);
        if (counted) this.number(this.iterations, this.left);
        this.lanesWith("gt_s", record, i, 0);
        const lanes = code.local("v128");
        code.set(lanes);
        writer.region(step, lanes);
        const results = step.results.map((id) => writer.value(id));
        this.store(results.slice(variables.length), at, variables.length);
        code.get(i).get(end).emit("i32.ge_u").branchIf(done);
        for (const result of results.slice(0, variables.length)) code.get(result);
        for (const variable of [...variables].reverse()) code.set(variable);
        code.get(at).emit("i32.const", width).emit("i32.add").set(at);
        code.branch(again);
      });
    });
    code.get(to).set(from);
  }
}
