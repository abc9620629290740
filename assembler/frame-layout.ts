import { liveLocationsAfter } from "./liveness.js";
import type { Location, VirtualInstruction } from "./virtual-code.js";

/** Where the locations of a function lie. */
export interface FrameLayout {
  /** Cells of the frame. */
  readonly size: number;
  /** The cell of the frame where a location begins, counted from 0. */
  readonly offsets: ReadonlyMap<Location, number>;
}

/** Gives each location that has no address a place in the frame; locations that are never live at once may share cells. */
export function layOutFrame(code: readonly VirtualInstruction[]): FrameLayout {
  const live = liveLocationsAfter(code);
  const together = new Map<Location, Set<Location>>();
  const meet = (location: Location): Set<Location> => {
    let others = together.get(location);
    if (others === undefined) {
      others = new Set();
      together.set(location, others);
    }
    return others;
  };
  code.forEach((instruction, i) => {
    if (instruction.kind !== "begin" && instruction.kind !== "store") return;
    const { location } = instruction;
    if (location.address !== undefined) return;
    const others = meet(location);
    for (const other of live[i]) {
      if (other === location) continue;
      others.add(other);
      meet(other).add(location);
    }
  });
  const offsets = new Map<Location, number>();
  let size = 0;
  // The cell at 0 is the quickest to reach: single ones come first.
  for (const [location, others] of [...together].sort(([x], [y]) => x.size - y.size)) {
    const taken = [...others].flatMap((other): [number, number][] => {
      const at = offsets.get(other);
      return at === undefined ? [] : [[at, at + other.size]];
    });
    let offset = 0;
    for (const [from, to] of taken.sort(([x], [y]) => x - y)) {
      if (from < offset + location.size && to > offset) offset = to;
    }
    offsets.set(location, offset);
    size = Math.max(size, offset + location.size);
  }
  return { size, offsets };
}
