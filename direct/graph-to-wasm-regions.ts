import {
  type ElementaryName,
  elementary,
  elementaryInline,
  elementaryUsual,
  type FunctionBuilder,
  type FunctionReference,
  type Local,
  type ModuleBuilder,
} from "../kernel/index.js";
import { type Node, type Region, regionsOf, type ValueId } from "./graph.js";
import { costOfOp, type LaneType, type VectorCode, vectorConstants, vectorOps } from "./graph-to-wasm-ops.js";
import type { Scalars } from "./graph-to-wasm-scalars.js";
import type { VectorTape } from "./graph-to-wasm-tape.js";
import { lastChoice, sideOf } from "./loop-sides.js";

/** Branches that cost no more than this, together, are both computed, and the lanes chosen after. */
const cheap = 16;

/** What the functions of a module share. */
export interface Shared {
  readonly module: ModuleBuilder;
  readonly type: LaneType;
  readonly scalars: Scalars;
  readonly functions: ReadonlyMap<string, FunctionReference>;
  /** Most calls under way at once. */
  readonly deepest: number;
}

const costs = new WeakMap<Region, number>();

/** What computing a region costs, in additions. */
export function costOf(region: Region): number {
  const known = costs.get(region);
  if (known !== undefined) return known;
  let cost = 0;
  for (const node of region.nodes) {
    if (node.kind === "op") cost += costOfOp(node.op);
    else if (node.kind !== "constant") cost += node.kind === "if" ? 1 : 1000;
    for (const inner of regionsOf(node)) cost += costOf(inner);
  }
  costs.set(region, cost);
  return cost;
}

/** Where a loop's lanes go after an iteration: their variables and outputs, lane by lane. */
interface LoopEnds {
  /** Lanes in this iteration. */
  readonly active: Local;
  /** Lanes that want another. */
  readonly again: Local;
  readonly next: readonly Local[];
  /** What is recorded with an iteration that another follows. */
  readonly saved: readonly Local[];
  readonly outputs: readonly Local[];
  /** Whether only one place in the body goes on, so that all lanes may take its variables. */
  readonly single: boolean;
}

const keyOf = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/** Writes regions into one function: each value is a local, in which lanes that never came there hold anything. */
export class RegionWriter implements VectorCode {
  readonly code: FunctionBuilder;
  readonly type: LaneType;
  /** The depth that functions called here have; 1 if not in a function. */
  depth: Local | undefined;
  /** Where loops are recorded that are gone back over. */
  tape: VectorTape | undefined;
  /** The lanes that are usual to every elementary function so far; where absent, the functions serve all lanes. */
  usual: Local | undefined;
  /** Whether these functions stand in line, rather than being called. */
  inLine = false;
  private readonly shared: Shared;
  private readonly left: Local;
  private readonly constants = new Map<string, Local>();
  /** Values that are constants. */
  private readonly known = new Map<ValueId, number>();
  private readonly values = new Map<ValueId, Local>();
  /** For the values of comparisons: the lanes where they hold. */
  private readonly masks = new Map<ValueId, Local>();

  /** Constants of the regions are made at once, so that loops needn't. */
  constructor(code: FunctionBuilder, shared: Shared, regions: readonly Region[], left: Local) {
    this.code = code;
    this.type = shared.type;
    this.shared = shared;
    this.left = left;
    for (const value of vectorConstants) this.makeConstant(value);
    for (const region of regions) this.makeConstants(region);
  }

  private makeConstants(region: Region): void {
    for (const node of region.nodes) {
      if (node.kind === "constant") {
        this.makeConstant(node.value);
        this.known.set(node.output, node.value);
      }
      for (const inner of regionsOf(node)) this.makeConstants(inner);
    }
  }

  private makeConstant(value: number): void {
    const key = keyOf(value);
    if (this.constants.has(key)) return;
    if (this.type === "f32x4") this.code.emit("f32.const", value).emit("f32x4.splat");
    else this.code.emit("f64.const", value).emit("f64x2.splat");
    this.constants.set(key, this.keep());
  }

  constant(value: number): Local {
    return present(this.constants.get(keyOf(value)));
  }

  keep(): Local {
    const local = this.code.local("v128");
    this.code.set(local);
    return local;
  }

  eachLane(name: Parameters<Scalars["lanes"]>[0], a: Local, b: Local): void {
    this.code.get(a).get(b).call(this.shared.scalars.lanes(name, this.type));
  }

  define(id: ValueId, local: Local): void {
    this.values.set(id, local);
  }

  value(id: ValueId): Local {
    return present(this.values.get(id));
  }

  /** One iteration or call less; traps past the last. */
  countDown(): void {
    const { code, left } = this;
    code.get(left).emit("i32.const", 1).emit("i32.sub").tee(left);
    code
      .emit("i32.const", 0)
      .emit("i32.lt_s")
      .if(() => code.unreachable());
  }

  /** The nodes of a region, for the lanes of a mask, or all. */
  region(region: Region, mask: Local | undefined): void {
    for (const node of region.nodes) this.node(node, mask);
  }

  private node(node: Node, mask: Local | undefined): void {
    switch (node.kind) {
      case "constant":
        this.define(node.output, this.constant(node.value));
        break;
      case "op":
        this.operation(node, mask);
        break;
      case "if":
        this.branch(node, mask);
        break;
      case "loop":
        this.loop(node, mask);
        break;
      case "reverse":
        present(this.tape).reverse(node);
        break;
      case "call":
        this.call(node, mask);
        break;
    }
  }

  private operation({ op, args, output }: Extract<Node, { kind: "op" }>, mask: Local | undefined): void {
    const how = present(vectorOps[op]);
    const operands = args.map((id) => this.value(id));
    if (how.kind === "elementary") this.elementary(how.name, operands, mask);
    else how.emit(this, ...operands);
    if (how.kind === "mask") {
      const mask = this.keep();
      this.masks.set(output, mask);
      this.code.get(mask).get(this.constant(1)).emit("v128.and");
    }
    this.define(output, this.keep());
  }

  /** A function's value, for the lanes of a mask, or all. */
  private elementary(name: ElementaryName, operands: readonly Local[], mask: Local | undefined): void {
    const { code, type, usual } = this;
    const { module } = this.shared;
    if (!usual && this.inLine) {
      elementaryInline(module, code, name, type, operands);
      return;
    }
    if (!usual) {
      for (const operand of operands) code.get(operand);
      code.call(elementary(module, name, type));
      return;
    }
    const isUsual = elementaryUsual(module, code, name, type, operands);
    if (!isUsual) return;
    isUsual();
    if (mask) code.get(mask).emit("v128.not").emit("v128.or");
    code.get(usual).emit("v128.and").set(usual);
  }

  /** The lanes where a value is not 0, as a mask on the stack. */
  private test(id: ValueId): void {
    const mask = this.masks.get(id);
    if (mask) this.code.get(mask);
    else
      this.code
        .get(this.value(id))
        .get(this.constant(0))
        .emit(`${this.type}.ne` as const);
  }

  /** Each side runs if any lane takes it, for those lanes; then each lane has the values of its side. */
  private branch(node: Extract<Node, { kind: "if" }>, mask: Local | undefined): void {
    const { code } = this;
    const { consequent, alternative, outputs } = node;
    this.test(node.test);
    const test = this.keep();
    if (costOf(consequent) + costOf(alternative) <= cheap) {
      this.region(consequent, mask);
      this.region(alternative, mask);
    } else {
      const side = (region: Region, lanes: () => void) => {
        if (region.nodes.every((inner) => inner.kind === "constant")) {
          this.region(region, mask);
          return;
        }
        lanes();
        const taken = this.keep();
        code.get(taken).emit("v128.any_true");
        code.if(() => this.region(region, taken));
      };
      side(consequent, () => (mask ? code.get(mask).get(test).emit("v128.and") : code.get(test)));
      side(alternative, () => (mask ? code.get(mask).get(test).emit("v128.andnot") : code.get(test).emit("v128.not")));
    }
    for (const [i, id] of outputs.entries()) {
      code.get(this.value(consequent.results[i])).get(this.value(alternative.results[i])).get(test);
      code.emit("v128.bitselect");
      this.define(id, this.keep());
    }
  }

  /** Runs until no lane wants another iteration. A lane's outputs stay as they were when it left. */
  private loop(node: Extract<Node, { kind: "loop" }>, mask: Local | undefined): void {
    const { code } = this;
    const { body, initial, outputs } = node;
    const variables = body.parameters.map((id, i) => {
      code.get(this.value(initial[i]));
      const variable = this.keep();
      this.define(id, variable);
      return variable;
    });
    if (mask) code.get(mask);
    else
      code
        .get(this.constant(0))
        .get(this.constant(0))
        .emit(`${this.type}.eq` as const);
    const ends: LoopEnds = {
      active: this.keep(),
      again: code.local("v128"),
      next: variables.map(() => code.local("v128")),
      saved: body.results.slice(1 + initial.length + outputs.length).map(() => code.local("v128")),
      outputs: outputs.map(() => code.local("v128")),
      single: this.waysOn(body) === 1,
    };
    for (const [i, id] of outputs.entries()) this.define(id, ends.outputs[i]);
    this.tape?.begin(node, variables);
    code.loop((again) => {
      this.countDown();
      this.tape?.iteration(node, ends.active);
      code.get(this.constant(0)).set(ends.again);
      this.loopEnd(body, ends.active, ends);
      this.tape?.save(node, ends.saved);
      for (const [i, variable] of variables.entries()) code.get(ends.next[i]).set(variable);
      code.get(ends.again).tee(ends.active).emit("v128.any_true").branchIf(again);
    });
  }

  /** In how many places a loop's body goes on with another iteration. */
  private waysOn(body: Region): number {
    const last = lastChoice(body);
    if (last) return this.waysOn(sideOf(body, last, "consequent")) + this.waysOn(sideOf(body, last, "alternative"));
    return this.known.get(body.results[0]) === 0 ? 0 : 1;
  }

  /**
   * A loop's body from some branch on, for the lanes of a mask. Where a branch decides between another iteration and the
   * end, lanes that leave need no next variables, nor those that stay outputs.
   */
  private loopEnd(body: Region, lanes: Local, ends: LoopEnds): void {
    const { code } = this;
    const last = lastChoice(body);
    if (last) {
      for (const node of body.nodes) if (node !== last) this.node(node, lanes);
      this.test(last.test);
      const test = this.keep();
      for (const name of ["consequent", "alternative"] as const) {
        const side = sideOf(body, last, name);
        code
          .get(lanes)
          .get(test)
          .emit(name === "consequent" ? "v128.and" : "v128.andnot");
        const taken = this.keep();
        const leaves = this.waysOn(side) === 0;
        if (leaves || costOf(side) > cheap) {
          code.get(taken).emit("v128.any_true");
          code.if(() => this.loopEnd(side, taken, ends));
        } else this.loopEnd(side, taken, ends);
      }
      return;
    }
    this.region(body, lanes);
    const [flag, ...values] = body.results;
    const next = values.slice(0, ends.next.length);
    const known = this.known.get(flag);
    let staying = lanes;
    let leaving = lanes;
    if (known === undefined) {
      this.test(flag);
      const test = this.keep();
      code.get(lanes).get(test).emit("v128.and");
      staying = this.keep();
      code.get(lanes).get(test).emit("v128.andnot");
      leaving = this.keep();
    }
    if (known !== 0) {
      const carry = (ids: readonly ValueId[], locals: readonly Local[]) => {
        for (const [i, id] of ids.entries()) {
          code.get(this.value(id));
          if (!ends.single) code.get(locals[i]).get(staying).emit("v128.bitselect");
          code.set(locals[i]);
        }
      };
      carry(next, ends.next);
      carry(values.slice(next.length + ends.outputs.length), ends.saved);
      code.get(ends.again).get(staying).emit("v128.or").set(ends.again);
    }
    if (known === undefined || known === 0)
      for (const [i, output] of ends.outputs.entries())
        code
          .get(this.value(values[next.length + i]))
          .get(output)
          .get(leaving)
          .emit("v128.bitselect")
          .set(output);
  }

  private call({ callee, args, outputs }: Extract<Node, { kind: "call" }>, mask: Local | undefined): void {
    const { code } = this;
    if (mask) code.get(mask);
    else
      code
        .get(this.constant(0))
        .get(this.constant(0))
        .emit(`${this.type}.eq` as const);
    if (this.depth) code.get(this.depth);
    else code.emit("i32.const", 1);
    code.get(this.left);
    for (const id of args) code.get(this.value(id));
    code.call(present(this.shared.functions.get(callee)));
    code.set(this.left);
    for (const id of [...outputs].reverse()) this.define(id, this.keep());
  }
}

/** What the graph's own order makes sure of. */
function present<T>(found: T | undefined): T {
  if (found === undefined) throw new Error("a value is used before it is computed");
  return found;
}
