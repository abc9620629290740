/** Seconds that timing one thing may take, about. */
const timingBudget = 0.03;

/** Seconds for one call, the mean over as many as a few hundredths of a second hold; what takes longer runs once. */
export function secondsPerCall(run: () => unknown): number {
  let calls = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < calls; i++) run();
    const seconds = (performance.now() - start) / 1000;
    if (seconds >= timingBudget || calls >= 1_000_000) return seconds / calls;
    // Runs that were compiled meanwhile count alone: the count grows until one series fills the time.
    calls = Math.max(2 * calls, Math.ceil((1.2 * calls * timingBudget) / Math.max(seconds, 1e-6)));
  }
}
