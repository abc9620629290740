import cliProgress from "cli-progress";
import { secondsText } from "../scheme/index.js";
import { note } from "./output.js";

/** Shows on stderr how far something has come. */
export interface Progress {
  /** @param detail figures of the moment, as `loss 0.31`. */
  update(done: number, total: number, detail?: string): void;
  /** Takes the bar away; what was printed as lines stays. */
  finish(): void;
}

/** Seconds between lines where there is no terminal to redraw a bar on. */
const secondsBetweenLines = 5;

/** A bar when stderr is a terminal; otherwise a plain line now and then. */
export function showProgress(title: string): Progress {
  return process.stderr.isTTY ? bar(title) : lines(title);
}

/** Says, from the share that is done, how long the rest may take; nothing until it can tell. */
export function timeLeft(): (share: number) => string {
  let first: { readonly share: number; readonly at: number } | undefined;
  return (share) => {
    const now = performance.now();
    first ??= { share, at: now };
    if (share <= first.share || now - first.at < 2000) return "";
    return `, about ${secondsText(((now - first.at) / 1000) * ((1 - share) / (share - first.share)))} left`;
  };
}

function bar(title: string): Progress {
  const shown = new cliProgress.SingleBar({
    format: `${title} {bar} {percentage}% {detail}`,
    stream: process.stderr,
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  let started = false;
  return {
    update(done, total, detail = "") {
      if (!started) shown.start(total, done, { detail });
      else {
        shown.setTotal(total);
        shown.update(done, { detail });
      }
      started = true;
    },
    finish() {
      if (started) shown.stop();
    },
  };
}

function lines(title: string): Progress {
  let last = performance.now();
  return {
    update(done, total, detail = "") {
      const now = performance.now();
      if (now - last < 1000 * secondsBetweenLines) return;
      last = now;
      note(`${title}: ${done} of ${total}${detail === "" ? "" : `, ${detail}`}`);
    },
    finish() {},
  };
}
