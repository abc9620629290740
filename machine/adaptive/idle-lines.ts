import { type Assembly, type Image, type LinkOptions, link } from "../../assembler/index.js";
import { prove } from "./proof.js";
import type { AdaptationTask } from "./task.js";

/**
 * An assembly without the lines that a task's inputs have no use for, found by leaving out one after the other: what
 * remains is right on them, and no slower.
 */
export function withoutIdleLines(task: AdaptationTask, assembly: Assembly, options: LinkOptions): Assembly {
  const verdictOf = (candidate: Assembly) => {
    const image: Image = link([candidate], options);
    return prove({ ...task, image }, { image, constants: task.constants }, { mostRuns: 20_000, samples: 2000 });
  };
  const { meanSteps } = verdictOf(assembly);
  let kept = assembly;
  for (let line = assembly.instructions.length - 1; line >= 0 && kept.instructions.length > 1; line--) {
    const candidate = withoutLine(kept, line);
    if ([...candidate.labels.values()].some((place) => place >= candidate.instructions.length)) continue;
    const verdict = verdictOf(candidate);
    if (verdict.proved && verdict.meanSteps <= meanSteps + 1e-9) kept = candidate;
  }
  const used = new Set(kept.instructions.flatMap(({ k }) => (typeof k === "number" ? [] : [k.label])));
  const { entry, ...rest } = kept;
  const begins = entry !== undefined && kept.labels.get(entry) !== 0;
  const labels = [...kept.labels].filter(([name]) => used.has(name) || (begins && name === entry));
  return { ...rest, labels: new Map(labels), ...(begins ? { entry } : {}) };
}

function withoutLine(assembly: Assembly, line: number): Assembly {
  return {
    ...assembly,
    instructions: assembly.instructions.filter((_, i) => i !== line),
    labels: new Map([...assembly.labels].map(([name, place]) => [name, place > line ? place - 1 : place])),
  };
}
