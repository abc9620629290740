/** Space between pictures, in pixels. */
const gap = 12;

/** SVG pictures one below another in one, which stands alone as a file. Their id prefixes must differ. */
export function stacked(pictures: readonly string[]): string {
  let y = 0;
  let width = 0;
  const placed = pictures.map((picture) => {
    const size = (side: string) => Number(new RegExp(`^<svg[^>]*\\s${side}="([0-9.]+)"`).exec(picture)?.[1] ?? 0);
    const text = picture.replace("<svg", `<svg y="${y}"`);
    y += size("height") + gap;
    width = Math.max(width, size("width"));
    return text;
  });
  const box = `width="${width}" height="${y}" viewBox="0 0 ${width} ${y}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${box}><rect width="100%" height="100%" fill="white"/>${placed.join("\n")}</svg>\n`;
}
