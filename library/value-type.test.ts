import { describe, expect, test } from "vitest";
import { faultOf, parseValueType, printValueType } from "./value-type.js";

const parse = (text: string) => {
  const type = parseValueType(text);
  if (typeof type === "string") throw new Error(type);
  return type;
};

describe("a type", () => {
  test.each([
    "0..20",
    "0..",
    "..5",
    "whole",
    "6 of 0..9",
    "3x3 of 0..1",
    "2 of whole",
    "real",
    "real, m/s",
    "real 0..100, kg",
    "real -1.5..",
    "3 of real 0..0.001, kg m^2/s^2",
  ])("%s is printed as it is read", (text) => {
    expect(printValueType(parse(text))).toBe(text);
  });

  test("may be written with more or less space", () => {
    expect(parse(" 3 x 3  of 0 .. 1 ")).toEqual(parse("3x3 of 0..1"));
    expect(parse("4 of real,m")).toEqual(parse("4 of real, m"));
    expect(parse("whole 1..2")).toEqual(parse("1..2"));
  });

  test.each([
    ["", "is no type"],
    ["..", "is no type"],
    ["6", "is no type"],
    ["reals", "is no type"],
    ["3..1", "the range 3..1 is empty"],
    ["1e400..", "the end 1e400 of the range is no finite number"],
    ["real 0..1e400", "the end 1e400 of the range is no finite number"],
    ["0..1.5", "the range of whole numbers has whole ends"],
    ["0..5, m", "a unit is for real numbers: write (real, m)"],
    ["0 of real", "an array has from 1 to 4096 elements, not 0"],
    ["100x100 of 0..1", "an array has from 1 to 4096 elements, not 100x100"],
  ])("(%s) is refused", (text, fault) => {
    expect(parseValueType(text)).toContain(fault);
  });
});

test.each([
  [3, "0..5", undefined],
  [7, "0..5", "7 is outside 0..5"],
  [0.5, "0..5", "0.5 is not a whole number"],
  [2 ** 53, "0..", "9007199254740992 is beyond 9007199254740991, up to which whole numbers are exact"],
  [2 ** 53, "real", undefined],
  [0.5, "real 0..1", undefined],
  [Number.NaN, "real", "NaN is not a finite number"],
  [[1, 2], "2 of 0..5", undefined],
  [[1, 9], "2 of 0..5", "9 is outside 0..5"],
  [[1], "2 of 0..5", "a vector of 2 is needed"],
  [1, "2x1 of 0..5", "a 2x1 matrix is needed"],
  [[[1], [2]], "2x1 of 0..5", undefined],
  [[[1, 2], [2]], "2x2 of 0..5", "a 2x2 matrix is needed"],
] as const)("%j as (%s): %s", (value, type, fault) => {
  expect(faultOf(value, parse(type))).toBe(fault);
});
