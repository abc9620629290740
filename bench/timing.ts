/** Microseconds a call takes, the best of several rounds, each long enough for the clock; what the machine does besides only adds. */
export function microseconds(call: () => void, seconds = 0.3, rounds = 5): number {
  call();
  let repeats = 1;
  for (;;) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) call();
    const elapsed = performance.now() - start;
    if (elapsed > (seconds * 1000) / rounds) break;
    repeats = Math.max(repeats + 1, Math.ceil((repeats * ((seconds * 1000) / rounds)) / Math.max(elapsed, 0.01)));
  }
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    for (let i = 0; i < repeats; i++) call();
    best = Math.min(best, ((performance.now() - start) * 1000) / repeats);
  }
  return best;
}

/** Prints one line of JSON, with numbers cut to four digits. */
export function report(row: Readonly<Record<string, string | number>>): void {
  const short = (value: string | number) => (typeof value === "number" ? Number(value.toPrecision(4)) : value);
  console.log(JSON.stringify(Object.fromEntries(Object.entries(row).map(([key, value]) => [key, short(value)]))));
}
