import { expect, it } from "vitest";
import { fromBytes, lineAndColumn, placeOfError, wordAt } from "@/features/sql/offsets";

it("finds places in text beyond the basic plane", () => {
  const text = "'🧊' é nope";
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

it("finds the place of an error by its position, else by its excerpt", () => {
  expect(placeOfError("SELEC 1", { message: "syntax error", position: 0 })).toEqual({ message: "syntax error", at: 0 });
  const statement = "SELECT carrier,\n  nope\nFROM flights";
  const message = "Referenced column \"nope\" not found!\nCandidates: \"hour\"\n\nLINE 2:   nope\n          ^";
  expect(placeOfError(statement, { message, position: null })).toEqual({ message: "Referenced column \"nope\" not found!\nCandidates: \"hour\"", at: 18 });
  const long = `SELECT ${"a, ".repeat(60)}nope FROM t`;
  const cut = "not found\n\nLINE 1: ...a, a, nope FROM t\n                 ^";
  expect(long.slice(placeOfError(long, { message: cut }).at!)).toBe("nope FROM t");
  expect(placeOfError("other", { message: cut }).at).toBeNull();
});
