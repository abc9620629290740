/** Runs of each way that a trial times, unless they are long. */
const trialRuns = 4;
/** Milliseconds of a run that is long: one of each way tells enough. */
const long = 1;
/** Milliseconds below which the second way is not worth a trial: waking a thread takes longer. */
const short = 0.012;
/** Runs from one trial to the next, at first and at most; they double while the trials end the same. */
const firstPause = 64;
const longestPause = 4096;
/** The second way must take less than this part of the time. */
const margin = 0.9;

/**
 * Chooses between two ways to do a thing again and again, by what they are seen to take: alone, or together with other
 * threads. Trials time some runs of each, the fastest of which counts; between trials the faster way runs untimed.
 */
export class FasterWay {
  private together: boolean;
  private phase: "alone" | "together" | "settled" = "alone";
  private runs = 0;
  private pause = firstPause;
  private alone = Number.POSITIVE_INFINITY;
  private best = Number.POSITIVE_INFINITY;
  private readonly ready: () => boolean;

  /** `ready` tells whether the second way is at its full speed yet. `together` is the way to begin with. */
  constructor(ready: () => boolean, together: boolean) {
    this.ready = ready;
    this.together = together;
    if (together) this.settle();
  }

  run(action: (together: boolean) => boolean): boolean {
    if (this.phase === "settled") {
      this.runs++;
      if (this.runs >= this.pause) this.begin("alone");
      return action(this.together);
    }
    const together = this.phase === "together";
    const start = performance.now();
    const done = action(together);
    const time = performance.now() - start;
    if (together && !this.ready()) return done;
    this.best = Math.min(this.best, time);
    this.runs++;
    if (this.runs < trialRuns && this.best < long) return done;
    if (!together) {
      this.alone = this.best;
      if (this.alone >= short) this.begin("together");
      else this.decide(false);
    } else this.decide(this.best < margin * this.alone);
    return done;
  }

  private begin(phase: "alone" | "together"): void {
    this.phase = phase;
    this.runs = 0;
    this.best = Number.POSITIVE_INFINITY;
  }

  private decide(together: boolean): void {
    this.pause = together === this.together ? Math.min(2 * this.pause, longestPause) : firstPause;
    this.together = together;
    this.settle();
  }

  private settle(): void {
    this.phase = "settled";
    this.runs = 0;
  }
}
