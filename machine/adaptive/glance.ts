/** A quick look at whether a hard program may be right, before a proof. */
import { ExactMachine, entryOf } from "../exact.js";
import { seededRandom } from "../random-soft-program.js";
import { randomly } from "./choices.js";
import { type AdaptationTask, type DrawnExample, drawExample, type HardProgram } from "./task.js";

/** A few inputs of a task, drawn once, and runs of programs from them. */
export class Glance {
  private readonly examples: readonly DrawnExample[];

  constructor(
    private readonly task: AdaptationTask,
    examples = 24,
  ) {
    const choose = randomly(seededRandom(1));
    this.examples = Array.from({ length: examples }, () => drawExample(task, choose));
  }

  /** A program's mean steps; undefined when one of the runs does not halt in time, or goes wrong. */
  steps({ image, constants }: HardProgram): number | undefined {
    const machine = new ExactMachine(image);
    const entry = entryOf(image, this.task.program);
    let sum = 0;
    for (const { operands, memory, cells, result } of this.examples) {
      machine.start(entry, [...operands, ...constants]);
      machine.memory.set(memory);
      machine.advance(this.task.steps);
      if (!machine.halted || (result !== undefined && machine.registers[0] !== result)) return undefined;
      for (const [cell, value] of cells) if (machine.memory[cell] !== value) return undefined;
      sum += machine.steps;
    }
    return sum / this.examples.length;
  }
}
