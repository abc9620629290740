import { definitionsOf, firstVirtual, hasEffect, usesOf, type VirtualInstruction } from "./virtual-code.js";

type Code = readonly VirtualInstruction[];
type LiveSet = ReadonlySet<number>;

/**
 * The registers that are live after each instruction: those that some path from there reads before it writes them
 * (backward dataflow to a fixed point).
 */
export function liveAfter(code: Code): LiveSet[] {
  const labels = new Map<string, number>();
  code.forEach((instruction, i) => {
    if (instruction.kind === "label") labels.set(instruction.label, i);
  });
  const successors = code.map((instruction, i) => successorsOf(instruction, i, labels));
  const before: Set<number>[] = code.map(() => new Set());
  const after: Set<number>[] = code.map(() => new Set());
  for (let changed = true; changed; ) {
    changed = false;
    for (let i = code.length - 1; i >= 0; i--) {
      const sizes = before[i].size + after[i].size;
      for (const successor of successors[i]) for (const register of before[successor] ?? []) after[i].add(register);
      const written = definitionsOf(code[i]);
      for (const register of after[i]) if (!written.includes(register)) before[i].add(register);
      for (const register of usesOf(code[i])) before[i].add(register);
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
  return code.flatMap((instruction, i): VirtualInstruction[] => {
    if (instruction.kind === "moves") {
      const moves = instruction.moves.filter(({ to }) => to < firstVirtual || live[i].has(to));
      if (moves.length === instruction.moves.length) return [instruction];
      return moves.length === 0 ? [] : [{ ...instruction, moves }];
    }
    if (hasEffect(instruction)) return [instruction];
    return definitionsOf(instruction).some((register) => live[i].has(register)) ? [instruction] : [];
  });
}
