/** What all pictures have in common: colours, type, spacing. */
import type { Config, Mark } from "vega";

/** Colours that stay apart for colour-blind readers (Okabe and Ito, "Color Universal Design", 2008), on white. */
export const categoryColors = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#595959"];

/** From nothing to certainty: light to dark, so that a page in grey says the same. */
export const heatColors = ["#f3f6fa", "#c6dbef", "#6baed6", "#2171b5", "#08306b"];

/** Cells whose number is not finite. */
export const missingColor = "#e3c4c4";

export const textColor = "#1f2933";
export const mutedColor = "#52606d";
export const fontFamily = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
export const monospaceFamily = "ui-monospace, 'SF Mono', Menlo, Consolas, monospace";

/** The width of a character of a monospaced font, as a fraction of the font's size. */
export const monospaceAdvance = 0.61;

/** Vega's types leave out `aria`. */
export const chartConfig: Config & { aria: boolean } = {
  // One description of the whole picture serves a screen reader better than one of every mark.
  aria: false,
  background: "#ffffff",
  padding: 6,
  title: { font: fontFamily, fontSize: 14, fontWeight: 600, color: textColor, anchor: "start", offset: 10 },
  axis: {
    labelFont: fontFamily,
    labelFontSize: 12,
    labelColor: mutedColor,
    titleFont: fontFamily,
    titleFontSize: 12,
    titleFontWeight: 500,
    titleColor: textColor,
    titlePadding: 8,
    domainColor: "#9aa5b1",
    tickColor: "#9aa5b1",
    tickSize: 4,
    gridColor: "#e4e7eb",
    labelOverlap: "greedy",
  },
  legend: {
    labelFont: fontFamily,
    labelFontSize: 12,
    labelColor: textColor,
    labelLimit: 220,
    titleFont: fontFamily,
    titleFontSize: 12,
    titleFontWeight: 500,
    titleColor: textColor,
    titleLimit: 220,
  },
};

/** What a picture with nothing to show says. */
export function emptyMark(text: string, width: number, height: number): Mark {
  return {
    type: "text",
    encode: {
      enter: {
        x: { value: width / 2 },
        y: { value: height / 2 },
        text: { value: text },
        align: { value: "center" },
        baseline: { value: "middle" },
        font: { value: fontFamily },
        fontSize: { value: 13 },
        fill: { value: mutedColor },
      },
    },
  };
}
