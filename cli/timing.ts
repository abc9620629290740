/** Seconds that timing one thing may take, about. */
const timingBudget = 0.03;

/** Seconds that a first call may take, in which kernels are compiled, for a second to be made. */
const longFirst = 2;

/** Seconds for one call, the mean over as many as a few hundredths of a second hold; what takes long runs once. */
export function secondsPerCall(run: () => unknown): number {
  const first = secondsFor(run, 1);
  if (first >= longFirst) return first;
  let calls = 1;
  for (;;) {
    const seconds = secondsFor(run, calls);
    if (seconds >= timingBudget || calls >= 1_000_000) return seconds / calls;
    // Runs that were compiled meanwhile count alone: the count grows until one series fills the time.
    calls = Math.max(2 * calls, Math.ceil((1.2 * calls * timingBudget) / Math.max(seconds, 1e-6)));
  }
}

function secondsFor(run: () => unknown, calls: number): number {
  const start = performance.now();
  for (let i = 0; i < calls; i++) run();
  return (performance.now() - start) / 1000;
}
