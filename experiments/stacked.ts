import { escapeHtml } from "./html.js";

/** Space between pictures, in pixels. */
const gap = 12;

const sizeOf = (picture: string, side: "width" | "height") =>
  Number(new RegExp(`^<svg[^>]*\\s${side}="([0-9.]+)"`).exec(picture)?.[1] ?? 0);

/**
 * SVG pictures one below another in one, which stands alone as a file; flush left, or right. Their id prefixes must differ.
 *
 * @param description what they show together, for whoever cannot see it.
 */
export function stacked(pictures: readonly string[], description: string, align: "left" | "right" = "left"): string {
  let y = 0;
  const width = Math.max(0, ...pictures.map((picture) => sizeOf(picture, "width")));
  const placed = pictures.map((picture) => {
    const x = align === "left" ? 0 : width - sizeOf(picture, "width");
    const text = picture.replace("<svg", `<svg x="${x}" y="${y}"`);
    y += sizeOf(picture, "height") + gap;
    return text;
  });
  const box = `width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${escapeHtml(description)}" ${box}><rect width="100%" height="100%" fill="white"/>${placed.join("\n")}</svg>\n`;
}
