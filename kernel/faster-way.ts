/** Runs of each way that a trial times, unless they are long. */
const trialRuns = 4;
/** Milliseconds of a run that is long: one of each way tells enough. */
const long = 1;
/** Runs from one trial to the next, at first and at most: twice as many each time that the choice stays the same. */
const firstPause = 64;
const longestPause = 4096;
/** Together must take less than this part of the time alone. */
const margin = 0.9;
/** Runs together after which their time is looked at. */
const watched = 16;

export interface FasterWayOptions {
  /** Whether the way to begin with is together (default false). */
  readonly together?: boolean;
  /** Milliseconds of a run alone below which a trial of the other way is not worth it (default 0.012: waking a thread takes longer). */
  readonly short?: number;
  /** The time in milliseconds. */
  readonly now?: () => number;
}

/**
 * Chooses between two ways to do a thing again and again, alone or together with other threads, by what they are seen to
 * take. Trials time some runs of each; between them the faster way runs. Runs alone count by the fastest. Those together
 * count by their mean, and between trials too: where another process needs the processors, some wait long.
 */
export class FasterWay {
  private together: boolean;
  private phase: "alone" | "together" | "settled" = "alone";
  private runs = 0;
  private pause = firstPause;
  private alone = Number.POSITIVE_INFINITY;
  private total = 0;
  private readonly ready: () => boolean;
  private readonly now: () => number;
  private readonly short: number;

  /** @param ready tells whether the other threads are there yet. */
  constructor(ready: () => boolean, { together = false, short = 0.012, now }: FasterWayOptions = {}) {
    this.ready = ready;
    this.now = now ?? (() => performance.now());
    this.short = short;
    this.together = together;
    if (together) this.begin("settled");
  }

  /** Runs an action one way, and gives what it gives. */
  run<T>(action: (together: boolean) => T): T {
    const { phase } = this;
    if (phase === "settled" && !this.together) {
      const result = action(false);
      this.runs++;
      if (this.runs >= this.pause) this.begin("alone");
      return result;
    }
    const start = this.now();
    const result = action(phase !== "alone");
    const time = this.now() - start;
    if (phase === "alone") this.ranAlone(time);
    else if (this.ready()) this.ranTogether(time);
    return result;
  }

  private ranAlone(time: number): void {
    this.runs++;
    this.alone = Math.min(this.alone, time);
    if (this.runs < trialRuns && this.alone < long) return;
    if (this.alone >= this.short) this.begin("together");
    else this.decide(false);
  }

  private ranTogether(time: number): void {
    this.runs++;
    if (this.phase === "settled") {
      this.total += time;
      if (this.runs >= this.pause) this.begin("alone");
      else if (this.runs % watched === 0) {
        if (this.total > watched * this.alone) this.begin("alone");
        this.total = 0;
      }
      return;
    }
    // The first run of a short one only wakes the others.
    if (this.alone < long && this.runs === 1) return;
    this.total += time;
    if (this.alone >= long || this.runs > trialRuns)
      this.decide(this.total < margin * this.alone * (this.alone >= long ? 1 : trialRuns));
  }

  private begin(phase: typeof this.phase): void {
    if (phase === "alone") this.alone = Number.POSITIVE_INFINITY;
    this.phase = phase;
    this.runs = 0;
    this.total = 0;
  }

  private decide(together: boolean): void {
    this.pause = together === this.together ? Math.min(2 * this.pause, longestPause) : firstPause;
    this.together = together;
    this.begin("settled");
  }
}
