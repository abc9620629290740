import { liveAfter } from "./liveness.js";
import { definitionsOf, firstVirtual, usesOf, type VirtualInstruction } from "./virtual-code.js";

export interface Allocation {
  /** The machine register of a virtual register; a machine register is its own. */
  readonly registerOf: (register: number) => number;
  /** The machine registers that hold something needed after each instruction. */
  readonly busyAfter: readonly ReadonlySet<number>[];
}

export interface AllocationOptions {
  /** Machine registers that may be used before correctness asks for more. */
  readonly registers: number;
  /** Called when so many values are needed at once that no allocation can do. */
  readonly tooMany: (values: number) => never;
  /** The machine registers that a call of this function writes; undefined when any may be. */
  readonly clobberedBy: (callee: string) => ReadonlySet<number> | undefined;
}

/**
 * Gives each virtual register a machine register by colouring the interference graph in the order of first definition
 * (Chaitin, "Register allocation and spilling via graph coloring", 1982): moves prefer one register for both sides,
 * and what lives across a call prefers a register that the call leaves alone.
 */
export function allocateRegisters(code: readonly VirtualInstruction[], options: AllocationOptions): Allocation {
  const live = liveAfter(code);
  const most = live.reduce((size, set) => Math.max(size, set.size), 0);
  if (most > options.registers + 1) options.tooMany(most);
  const graph = new Graph();
  code.forEach((instruction, i) => {
    addInterference(graph, instruction, live[i]);
    addPreferences(graph, instruction, live[i], options);
  });
  const colours = new Map<number, number>();
  const registerOf = (register: number): number => (register < firstVirtual ? register : (colours.get(register) ?? 0));
  for (const instruction of code) {
    for (const register of [...definitionsOf(instruction), ...usesOf(instruction)]) {
      if (register >= firstVirtual && !colours.has(register)) {
        colours.set(register, graph.colour(register, colours, options.registers));
      }
    }
  }
  return { registerOf, busyAfter: live.map((set) => new Set([...set].map(registerOf))) };
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

  colour(register: number, colours: ReadonlyMap<number, number>, registers: number): number {
    const coloursOf = (others: ReadonlySet<number>): Set<number> => {
      const found = new Set<number>();
      for (const other of others) {
        const colour = other < firstVirtual ? other : colours.get(other);
        if (colour !== undefined) found.add(colour);
      }
      return found;
    };
    const forbidden = coloursOf(at(this.neighbours, register));
    const avoided = coloursOf(at(this.unwanted, register));
    for (const colour of coloursOf(at(this.wanted, register))) {
      if (!forbidden.has(colour) && !avoided.has(colour)) return colour;
    }
    for (let colour = 0; colour < registers; colour++) {
      if (!forbidden.has(colour) && !avoided.has(colour)) return colour;
    }
    for (let colour = 0; ; colour++) if (!forbidden.has(colour)) return colour;
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
  if (instruction.kind === "tailCall") graph.prefer(instruction.address, instruction.args.length);
  if (instruction.kind === "call") {
    graph.prefer(instruction.result, 0);
    const clobbered = clobberedBy(instruction.callee);
    for (const register of live) {
      if (register === instruction.result || clobbered === undefined) continue;
      for (const colour of clobbered) graph.avoid(register, colour);
    }
  }
}
