import {
  definitionsOf,
  firstVirtual,
  hasEffect,
  type Location,
  locationsRead,
  usesOf,
  type VirtualInstruction,
} from "./virtual-code.js";

type Code = readonly VirtualInstruction[];

/** What an instruction reads and what it overwrites. */
interface Access<T> {
  readonly reads: (instruction: VirtualInstruction) => readonly T[];
  readonly overwrites: (instruction: VirtualInstruction) => readonly T[];
}

/** The registers that are live after each instruction. */
export function liveAfter(code: Code): ReadonlySet<number>[] {
  return live(code, { reads: usesOf, overwrites: definitionsOf });
}

/** The locations in a frame that are live after each instruction. */
export function liveLocationsAfter(code: Code): ReadonlySet<Location>[] {
  const inFrame = ({ address }: Location): boolean => address === undefined;
  return live(code, {
    reads: (instruction) => locationsRead(instruction).filter(inFrame),
    overwrites: (instruction) => {
      if (instruction.kind === "begin") return [instruction.location];
      return instruction.kind === "store" && instruction.location.spilled === true ? [instruction.location] : [];
    },
  });
}

/** What is live after each instruction: what some path from there reads before it overwrites it (backward dataflow to a fixed point). */
function live<T>(code: Code, { reads, overwrites }: Access<T>): ReadonlySet<T>[] {
  const labels = new Map<string, number>();
  code.forEach((instruction, i) => {
    if (instruction.kind === "label") labels.set(instruction.label, i);
  });
  const successors = code.map((instruction, i) => successorsOf(instruction, i, labels));
  const read = code.map(reads);
  const overwritten = code.map(overwrites);
  const before: Set<T>[] = code.map(() => new Set());
  const after: Set<T>[] = code.map(() => new Set());
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = code.length - 1; i >= 0; i--) {
      const sizes = before[i].size + after[i].size;
      for (const successor of successors[i]) for (const item of before[successor] ?? []) after[i].add(item);
      for (const item of after[i]) if (!overwritten[i].includes(item)) before[i].add(item);
      for (const item of read[i]) before[i].add(item);
      if (before[i].size + after[i].size !== sizes) changed = true;
    }
  }
  return after;
}

function successorsOf(instruction: VirtualInstruction, i: number, labels: ReadonlyMap<string, number>): number[] {
  switch (instruction.kind) {
    case "tailCall":
    case "return":
      return [];
    case "jump": {
      const target = labels.get(instruction.label) ?? i + 1;
      return instruction.test === undefined ? [target] : [i + 1, target];
    }
    default:
      return [i + 1];
  }
}

/** The code without jumps to the next line, unreachable lines, and what computes a value that nothing reads. */
export function withoutDeadCode(code: Code): Code {
  let current = code;
  for (;;) {
    const next = dropUnused(dropIdleJumps(dropUnreachable(current)));
    if (next.length === current.length && next.every((instruction, i) => instruction === current[i])) return next;
    current = next;
  }
}

function dropUnreachable(code: Code): Code {
  const targets = new Set(code.flatMap((instruction) => (instruction.kind === "jump" ? [instruction.label] : [])));
  let reachable = true;
  return code.filter((instruction, i) => {
    if (instruction.kind === "label") {
      if (targets.has(instruction.label)) reachable = true;
      return reachable && (i === 0 || targets.has(instruction.label));
    }
    const keep = reachable;
    const ends = instruction.kind === "return" || instruction.kind === "tailCall";
    if (ends || (instruction.kind === "jump" && instruction.test === undefined)) reachable = false;
    return keep;
  });
}

function dropIdleJumps(code: Code): Code {
  return code.filter((instruction, i) => {
    if (instruction.kind !== "jump") return true;
    for (let next = i + 1; next < code.length; next++) {
      const { [next]: following } = code;
      if (following.kind !== "label") return true;
      if (following.label === instruction.label) return false;
    }
    return true;
  });
}

function dropUnused(code: Code): Code {
  const live = liveAfter(code);
  const read = new Set(code.flatMap(locationsRead));
  return code.flatMap((instruction, i): VirtualInstruction[] => {
    if (instruction.kind === "begin" || instruction.kind === "store") {
      const { location } = instruction;
      return read.has(location) || location.address !== undefined ? [instruction] : [];
    }
    if (instruction.kind === "moves") {
      const moves = instruction.moves.filter(({ to }) => to < firstVirtual || live[i].has(to));
      if (moves.length === instruction.moves.length) return [instruction];
      return moves.length === 0 ? [] : [{ ...instruction, moves }];
    }
    if (hasEffect(instruction)) return [instruction];
    return definitionsOf(instruction).some((register) => live[i].has(register)) ? [instruction] : [];
  });
}
