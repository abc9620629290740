/** A Vega specification to an SVG string: no canvas, no browser, and nothing in it that names an outside address. */
import type { Spec } from "vega";
import { chartConfig, monospaceAdvance } from "./chart-style.js";

export interface SvgOptions {
  /** What the picture shows, for whoever cannot see it. */
  description: string;
  /** Put before the ids inside the picture: two pictures in one page need two prefixes. */
  idPrefix?: string;
}

/** Draws a specification. The string is an `<svg>` element that scales with its container and stands alone as a file. */
export async function renderSvg(spec: Spec, { description, idPrefix = "chart" }: SvgOptions): Promise<string> {
  // Loaded when first drawn: most commands draw nothing.
  const vega = await import("vega");
  measureText(Reflect.get(vega, "textMetrics"));
  const view = new vega.View(vega.parse(spec, chartConfig), { renderer: "none", logLevel: vega.Error });
  try {
    const svg = await view.toSVG();
    return labelled(withOwnIds(concise(svg), idPrefix), description);
  } finally {
    view.finalize();
  }
}

/**
 * Vega measures text on a canvas, and without one takes a character for 0.8 of its height, which pushes legends apart.
 * This is nearer, and the same on every machine.
 */
function measureText(metrics: { width: (item: { fontSize?: number; font?: string }, text: string) => number }): void {
  metrics.width = ({ fontSize = 11, font = "" }, text) => {
    const advance = font.includes("monospace") ? monospaceAdvance : 0.57;
    return Math.ceil(String(text ?? "").length * fontSize * advance);
  };
}

/** Vega numbers ids over the life of the process; here they count from 0 in each picture, so that equal data draws equal text. */
function withOwnIds(svg: string, prefix: string): string {
  const renamed = new Map<string, string>();
  for (const [, id] of svg.matchAll(/\sid="([^"]+)"/g)) renamed.set(id, `${attribute(prefix)}-${renamed.size}`);
  return svg
    .replace(/(\sid=")([^"]+)(")/g, (_, before, id, after) => before + renamed.get(id) + after)
    .replace(/(url\(#)([^)]+)(\))/g, (_, before, id, after) => before + (renamed.get(id) ?? id) + after);
}

/** Coordinates to a thousandth of a pixel; and one description for the whole picture, not one for each part. */
function concise(svg: string): string {
  return svg
    .replace(/ (?:role|aria-[a-z]+)="[^"]*"/g, "")
    .replace(/ (?:d|transform|[xy][12]?|width|height)="[^"]*"/g, (attribute) =>
      attribute.replace(/-?\d+\.\d{4,}(?:e-\d+)?/g, (number) => String(Number(Number(number).toFixed(3)))),
    );
}

function labelled(svg: string, description: string): string {
  const root = /^<svg[^>]*>/;
  return svg.replace(root, (tag) =>
    tag
      .replace(/ xmlns:xlink="[^"]*"/, "")
      .replace(/ class="[^"]*"/, "")
      .replace("<svg", () => `<svg role="img" aria-label="${attribute(description)}"`),
  );
}

function attribute(text: string): string {
  return cleanText(text).replace(/[&<>"]/g, (symbol) => `&#${symbol.charCodeAt(0)};`);
}

/** Text without the characters that XML cannot hold: controls, and halves of surrogate pairs. */
export function cleanText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd");
}
