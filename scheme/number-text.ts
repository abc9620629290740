/** Numbers as people read them, in tables and beside pictures. */

/** At most six significant digits; ∞ and NaN by name; very large and very small numbers with a power of ten. */
export function numberText(value: number, digits = 6): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (value === 0) return "0";
  const rounded = Number.isInteger(value) ? value : Number(value.toPrecision(digits));
  if (Number.isInteger(rounded) && Math.abs(rounded) < 1e15) return withMinus(rounded.toLocaleString("en-US"));
  if (Math.abs(rounded) >= 1e-4 && Math.abs(rounded) < 1e15) return withMinus(String(rounded));
  const [mantissa, exponent] = Number(value.toPrecision(digits)).toExponential().split("e");
  return withMinus(`${mantissa}×10${superscript(exponent)}`);
}

/** A fraction 0..1 as a percentage, rounded down, so that only what is perfect reads 100 %. */
export function percentText(fraction: number, decimals = 1): string {
  if (!Number.isFinite(fraction)) return "—";
  const scale = 10 ** decimals;
  // 1e-9: a fraction such as 0.29 times 100 falls just below 29.
  return `${withMinus((Math.floor(fraction * 100 * scale + 1e-9) / scale).toFixed(decimals))} %`;
}

/** A duration in the unit that suits it, to three significant digits: `84 ns`, `1.52 µs`, `3.5 min`. */
export function secondsText(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "—";
  if (seconds === 0) return "0 s";
  const units: [number, string][] = [
    [60, "min"],
    [1, "s"],
    [1e-3, "ms"],
    [1e-6, "µs"],
  ];
  const [size, unit] = units.find(([least]) => seconds >= least * 0.9995) ?? [1e-9, "ns"];
  return `${Number((seconds / size).toPrecision(3))} ${unit}`;
}

function withMinus(text: string): string {
  return text.replace(/^-/, "−");
}

function superscript(exponent: string): string {
  const digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
  return exponent.replace("+", "").replace(/[-\d]/g, (symbol) => (symbol === "-" ? "⁻" : digits[Number(symbol)]));
}
