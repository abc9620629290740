import type { Library, PackagedProgram } from "./library.js";

/** In what two versions of a program differ. */
export const differingParts = ["text", "linked texts", "assembly", "verification"] as const;

export type DifferingPart = (typeof differingParts)[number];

/** What became of a program from one library to another. */
export type ProgramDifference = { readonly name: string } & (
  | { readonly change: "added" | "removed" }
  | { readonly change: "changed"; readonly parts: readonly DifferingPart[] }
);

/** What each part of a program is compared by. */
const parts: Readonly<Record<DifferingPart, (program: PackagedProgram) => unknown>> = {
  text: ({ text }) => text,
  // A program's own text stands first in it.
  "linked texts": ({ source, text }) => source.slice(text.length),
  assembly: (program) => (program.kind === "machine" ? program.assembly : undefined),
  verification: ({ verification }) => JSON.stringify(verification),
};

/** The programs that were added, removed or changed from one library to another, in the order of their names. */
export function differences(before: Library, after: Library): ProgramDifference[] {
  const [old, now] = [before, after].map(({ programs }) => new Map(programs.map((each) => [each.name, each])));
  const names = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => (a < b ? -1 : 1));
  return names.flatMap((name): ProgramDifference[] => {
    const [was, is] = [old.get(name), now.get(name)];
    if (was === undefined || is === undefined) return [{ name, change: was === undefined ? "added" : "removed" }];
    const changed = differingParts.filter((part) => parts[part](was) !== parts[part](is));
    return changed.length === 0 ? [] : [{ name, change: "changed", parts: changed }];
  });
}
