import { expect, it } from "vitest";
import { fromBytes, fromCharacters, lineAndColumn, wordAt } from "@/features/sql/offsets";

it("finds places in text beyond the basic plane", () => {
  const text = "'🧊' é nope";
  expect(text.slice(fromCharacters(text, 6))).toBe("nope");
  expect(text.slice(fromBytes(text, 10))).toBe("nope");
});

it("counts lines and columns from one", () => {
  expect(lineAndColumn("SELECT 1,\nnope", 10)).toEqual({ line: 2, column: 1 });
  expect(lineAndColumn("🧊x", 2)).toEqual({ line: 1, column: 2 });
});

it("marks the word that is wrong, or the last character", () => {
  expect(wordAt("SELECT nope FROM t", 7)).toEqual({ from: 7, to: 11 });
  expect(wordAt("SELECT", 99)).toEqual({ from: 5, to: 6 });
});
