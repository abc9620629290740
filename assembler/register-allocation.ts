import { type FrameLayout, layOutFrame } from "./frame-layout.js";
import { liveAfter, withoutDeadCode } from "./liveness.js";
import { spill } from "./spilling.js";
import { definitionsOf, firstVirtual, usesOf, type VirtualFunction, type VirtualInstruction } from "./virtual-code.js";

/** Stands for the stack pointer, whose register is known once every function has its own. */
export const stackPointerToBe = -1;

export interface Allocation {
  /** The code, with what has no register in memory. */
  readonly code: readonly VirtualInstruction[];
  /** The machine register of a virtual register; a machine register is its own. */
  readonly registerOf: (register: number) => number;
  /** The machine registers that hold something needed after each instruction. */
  readonly busyAfter: readonly ReadonlySet<number>[];
  readonly frame: FrameLayout;
}

export interface AllocationOptions {
  /** Machine registers that are used before any other. */
  readonly preferred: number;
  /** Machine registers that may be used. */
  readonly registers: number;
  /** Whether the stack pointer, outside calls, is known to be 0, and so may be used for an address. */
  readonly stackPointerIsZero: boolean;
  /** Called when there are too few registers for what can't be elsewhere. */
  readonly tooFew: () => never;
  /** The machine registers that a call of this function writes; undefined when any may be. */
  readonly clobberedBy: (callee: string) => ReadonlySet<number> | undefined;
}

/**
 * Gives each virtual register a machine register by colouring the interference graph in the order of first definition
 * (Chaitin, "Register allocation and spilling via graph coloring", 1982): moves prefer one register for both sides, and
 * what lives across a call prefers a register that the call leaves alone. What finds no register is kept in memory, those
 * first that are used least.
 */
export function allocateRegisters(f: VirtualFunction, options: AllocationOptions): Allocation {
  let code = withoutDeadCode(f.code);
  let { next } = f;
  const shortLived = new Set<number>();
  for (;;) {
    const live = liveAfter(code);
    const graph = new Graph();
    code.forEach((instruction, i) => {
      addInterference(graph, instruction, live[i]);
      addPreferences(graph, instruction, live[i], options);
      if (instruction.kind === "store") shortLived.add(instruction.scratch);
    });
    const { colours, spilled } = colour(code, graph, shortLived, options);
    if (spilled.size === 0) {
      const registerOf = (register: number): number =>
        register < firstVirtual ? register : (colours.get(register) ?? 0);
      const busyAfter = live.map((set) => new Set([...set].map(registerOf)));
      return { code, registerOf, busyAfter, frame: layOutFrame(code) };
    }
    const rewritten = spill(code, spilled, next);
    code = withoutDeadCode(rewritten.code);
    next = rewritten.next;
    for (const register of rewritten.shortLived) shortLived.add(register);
  }
}

/** A machine register for each virtual one, but for those that are to be spilled. */
function colour(
  code: readonly VirtualInstruction[],
  graph: Graph,
  shortLived: ReadonlySet<number>,
  options: AllocationOptions,
): { colours: ReadonlyMap<number, number>; spilled: ReadonlySet<number> } {
  const colours = new Map<number, number>();
  const spilled = new Set<number>();
  let costs: ReadonlyMap<number, number> | undefined;
  for (const instruction of code) {
    for (const register of [...definitionsOf(instruction), ...usesOf(instruction)]) {
      if (register < firstVirtual || spilled.has(register)) continue;
      while (!colours.has(register) && !spilled.has(register)) {
        const found = graph.colour(register, colours, options);
        if (found !== undefined) colours.set(register, found);
        else {
          costs ??= costsOfSpilling(code);
          const victim = graph.cheapest(register, colours, shortLived, costs);
          if (victim !== undefined) {
            spilled.add(victim);
            colours.delete(victim);
          } else if (instruction.kind === "store" && instruction.scratch === register && options.stackPointerIsZero) {
            colours.set(register, stackPointerToBe);
          } else options.tooFew();
        }
      }
    }
  }
  return { colours, spilled };
}

/** How often each register is written or read, where a loop is taken to run ten times. */
function costsOfSpilling(code: readonly VirtualInstruction[]): ReadonlyMap<number, number> {
  const places = new Map(
    code.flatMap((instruction, i) => (instruction.kind === "label" ? [[instruction.label, i]] : [])),
  );
  const weights = new Float64Array(code.length).fill(1);
  code.forEach((instruction, i) => {
    const start = instruction.kind === "jump" ? (places.get(instruction.label) ?? i) : i;
    for (let j = start; j < i; j++) weights[j] = Math.min(weights[j] * 10, 1e6);
  });
  const costs = new Map<number, number>();
  code.forEach((instruction, i) => {
    for (const register of [...definitionsOf(instruction), ...usesOf(instruction)])
      costs.set(register, (costs.get(register) ?? 0) + weights[i]);
  });
  return costs;
}

class Graph {
  private readonly neighbours = new Map<number, Set<number>>();
  private readonly wanted = new Map<number, Set<number>>();
  private readonly unwanted = new Map<number, Set<number>>();

  /** The two may not share a register. */
  interfere(x: number, y: number): void {
    if (x === y) return;
    at(this.neighbours, x).add(y);
    at(this.neighbours, y).add(x);
  }

  /** The two had better share a register. */
  prefer(x: number, y: number): void {
    at(this.wanted, x).add(y);
    at(this.wanted, y).add(x);
  }

  /** The two had better not share a register. */
  avoid(x: number, y: number): void {
    at(this.unwanted, x).add(y);
    at(this.unwanted, y).add(x);
  }

  /** A machine register for a virtual one, if one is free. */
  colour(
    register: number,
    colours: ReadonlyMap<number, number>,
    { preferred, registers }: AllocationOptions,
  ): number | undefined {
    const coloursOf = (others: ReadonlySet<number>): Set<number> => {
      const found = new Set<number>();
      for (const other of others) {
        const colour = other < firstVirtual ? other : colours.get(other);
        if (colour !== undefined && colour < registers) found.add(colour);
      }
      return found;
    };
    const forbidden = coloursOf(at(this.neighbours, register));
    const avoided = coloursOf(at(this.unwanted, register));
    for (const colour of coloursOf(at(this.wanted, register))) {
      if (!forbidden.has(colour) && !avoided.has(colour)) return colour;
    }
    for (let colour = 0; colour < Math.min(preferred, registers); colour++) {
      if (!forbidden.has(colour) && !avoided.has(colour)) return colour;
    }
    for (let colour = 0; colour < registers; colour++) if (!forbidden.has(colour)) return colour;
    return undefined;
  }

  /** Of a register and those in its way, the one that costs least to spill for the room that it makes. */
  cheapest(
    register: number,
    colours: ReadonlyMap<number, number>,
    shortLived: ReadonlySet<number>,
    costs: ReadonlyMap<number, number>,
  ): number | undefined {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of [register, ...at(this.neighbours, register)]) {
      if (candidate < firstVirtual || shortLived.has(candidate)) continue;
      if (candidate !== register && !colours.has(candidate)) continue;
      const cost = (costs.get(candidate) ?? 0) / at(this.neighbours, candidate).size;
      if (cost < least) [best, least] = [candidate, cost];
    }
    return best;
  }
}

function at(map: Map<number, Set<number>>, key: number): Set<number> {
  let set = map.get(key);
  if (set === undefined) {
    set = new Set();
    map.set(key, set);
  }
  return set;
}

function addInterference(graph: Graph, instruction: VirtualInstruction, live: ReadonlySet<number>): void {
  const written = definitionsOf(instruction);
  // Their addresses are computed while the value, or the index, is still to be read.
  if (instruction.kind === "store") for (const read of usesOf(instruction)) graph.interfere(instruction.scratch, read);
  if (
    instruction.kind === "load" &&
    instruction.index !== undefined &&
    (instruction.location.address !== 0 || instruction.offset > 0)
  )
    graph.interfere(instruction.out, instruction.index);
  // The result of a call is written when arguments and return address are done with.
  const result = instruction.kind === "call" ? instruction.result : undefined;
  for (const register of written) {
    // A copy may share the register of what it copies, which holds the same value.
    const copied = instruction.kind === "moves" ? instruction.moves.find(({ to }) => to === register)?.from : undefined;
    for (const other of [...live, ...written]) {
      if (copied?.kind === "register" && copied.register === other && !written.includes(other)) continue;
      if (result !== undefined && (register === result ? !live.has(other) : other === result)) continue;
      graph.interfere(register, other);
    }
  }
}

function addPreferences(
  graph: Graph,
  instruction: VirtualInstruction,
  live: ReadonlySet<number>,
  { clobberedBy }: AllocationOptions,
): void {
  if (instruction.kind === "moves") {
    for (const { to, from } of instruction.moves) {
      if (from.kind !== "register") continue;
      graph.prefer(to, from.register);
      // Sharing a register with another destination would need a detour.
      for (const other of instruction.moves) if (other.to !== to) graph.avoid(from.register, other.to);
    }
  }
  if (instruction.kind === "call" || instruction.kind === "tailCall") {
    instruction.args.forEach((arg, i) => {
      if (arg.kind === "register") graph.prefer(arg.register, i);
    });
  }
  if (instruction.kind === "tailCall" && instruction.address.kind === "register")
    graph.prefer(instruction.address.register, instruction.args.length);
  if (instruction.kind === "call") {
    graph.prefer(instruction.result, 0);
    const clobbered = clobberedBy(instruction.callee);
    for (const register of live) {
      if (register === instruction.result || clobbered === undefined) continue;
      for (const colour of clobbered) graph.avoid(register, colour);
    }
  }
}
