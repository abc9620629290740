import { fontFamily, monospaceFamily, mutedColor, textColor } from "./chart-style.js";

/** The page's style sheet: dark on light, one column on a phone, and whole figures on paper. */
export const reportStyle = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f7f8fa; color: ${textColor}; font: 16px/1.5 ${fontFamily}; }
main, header, nav { max-width: 1080px; margin: 0 auto; padding: 0 20px; }
header { padding-top: 36px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 8px; }
h2 { font-size: 1.35rem; line-height: 1.25; margin: 0 0 6px; }
h3 { font-size: 1.05rem; line-height: 1.3; margin: 22px 0 6px; }
p { margin: 6px 0 12px; max-width: 75ch; }
.muted, .note { color: ${mutedColor}; }
.note { font-size: .875rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 12px 0 0; padding: 0; }
a { color: #0b5394; }
section { background: #fff; border: 1px solid #e1e5ea; border-radius: 10px; padding: 20px 24px; margin: 20px 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(45%, 160px), 1fr)); gap: 12px; margin: 12px 0 0; }
.figures > div { background: #fff; border: 1px solid #e1e5ea; border-radius: 10px; padding: 12px 14px; }
section .figures > div { background: #f7f8fa; }
.figures dt { color: ${mutedColor}; font-size: .875rem; }
.figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.figures dd.note { font-size: .8125rem; font-weight: 400; }
.scroll { overflow-x: auto; margin: 8px 0 4px; }
table { border-collapse: collapse; font-size: .9375rem; min-width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 6px 16px 6px 0; border-bottom: 1px solid #e8ebef; }
th { color: ${mutedColor}; font-weight: 600; font-size: .8125rem; border-bottom-color: #c5ccd4; vertical-align: bottom; }
td:first-child { font-weight: 600; white-space: nowrap; }
.numbers { text-align: right; font-variant-numeric: tabular-nums; }
td.numbers { white-space: nowrap; }
td.prose { min-width: 16em; }
tr > :last-child { padding-right: 0; }
code, pre { font-family: ${monospaceFamily}; font-size: .875rem; }
pre { background: #f3f6fa; border-radius: 6px; padding: 10px 14px; margin: 8px 0; overflow-x: auto; line-height: 1.45; tab-size: 8; }
h4 { font-size: .9375rem; margin: 18px 0 2px; }
figure { margin: 4px 0 0; }
figcaption { color: ${mutedColor}; font-size: .875rem; }
svg { display: block; max-width: 100%; height: auto; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 8px 24px; }
.beside { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: flex-start; }
.wide { overflow-x: auto; }
.beside > figure { max-width: 100%; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 280px), 1fr)); gap: 8px 16px; }
.card { border: 1px solid #e1e5ea; border-radius: 8px; padding: 14px 18px; margin: 14px 0; }
.card blockquote { margin: 0 0 8px; font-size: 1.1rem; font-weight: 600; overflow-wrap: anywhere; }
.card dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; margin: 0; }
.card dt { color: ${mutedColor}; }
.card dd { margin: 0; overflow-wrap: anywhere; }
.card .halves { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 320px), 1fr)); gap: 8px 24px; align-items: start; }
.yes { color: #0b6b3a; font-weight: 600; }
.no { color: #a61b1b; font-weight: 600; }
.shades { display: flex; align-items: center; gap: 8px; font-size: .875rem; color: ${mutedColor}; margin: 6px 0; }
.shades span { display: inline-block; width: 140px; height: 12px; border: 1px solid #c5ccd4; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.line-number { color: #6b7785; user-select: none; }
summary { cursor: pointer; color: #0b5394; }
footer { max-width: 1080px; margin: 0 auto 40px; padding: 0 20px; color: ${mutedColor}; font-size: .875rem; }
@media (max-width: 600px) {
  main, header, nav, footer { padding-left: 12px; padding-right: 12px; }
  section { padding: 14px; }
  h1 { font-size: 1.5rem; }
  .figures dd { font-size: 1.15rem; }
  .wide svg { max-width: none; }
}
@media print {
  body { background: #fff; font-size: 11pt; }
  nav { display: none; }
  section { border: 0; padding: 0; margin: 18pt 0; }
  figure, .card, tr, .figures > div, h2, h3 { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll, .wide, pre { overflow: visible; white-space: pre-wrap; }
}
`;
