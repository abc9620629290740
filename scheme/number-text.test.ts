import { expect, test } from "vitest";
import { numberText, percentText, secondsText } from "./number-text.js";

test.each([
  [0, "0"],
  [-0, "0"],
  [1234567, "1,234,567"],
  [-42, "−42"],
  [0.5, "0.5"],
  [Math.PI, "3.14159"],
  [123456.789, "123,457"],
  [0.000123456789, "0.000123457"],
  [0.0000123456789, "1.23457×10⁻⁵"],
  [-1.5e300, "−1.5×10³⁰⁰"],
  [1e15, "1×10¹⁵"],
  [999999.99, "1,000,000"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "∞"],
  [Number.NEGATIVE_INFINITY, "−∞"],
])("%s is written %s", (value, text) => {
  expect(numberText(value)).toBe(text);
});

test.each([
  [1, "100.0 %"],
  [0.99999, "99.9 %"],
  [0.29, "29.0 %"],
  [0, "0.0 %"],
  [Number.NaN, "—"],
])("the fraction %s is written %s", (fraction, text) => {
  expect(percentText(fraction)).toBe(text);
});

test.each([
  [0, "0 s"],
  [84e-9, "84 ns"],
  [1.524e-6, "1.52 µs"],
  [0.25, "250 ms"],
  [0.9999, "1 s"],
  [12.34, "12.3 s"],
  [210, "3.5 min"],
  [-1, "—"],
  [Number.NaN, "—"],
])("%s seconds are written %s", (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});
