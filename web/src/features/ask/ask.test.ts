import { describe, expect, it } from "vitest";
import { examples } from "@/features/ask/examples";
import { withQuestion } from "@/features/ask/recent";

describe("recent questions", () => {
  it("have the last one first, each once, and no more than eight", () => {
    expect(withQuestion(["how many?", "why"], "How many?")).toEqual(["How many?", "why"]);
    expect(withQuestion(["1", "2", "3", "4", "5", "6", "7", "8"], "9")).toEqual(["9", "1", "2", "3", "4", "5", "6", "7"]);
  });
});

describe("examples", () => {
  it("are about names that the tables have", () => {
    expect(examples([
      { name: "flights", columns: [{ name: "year", type: "long" }, { name: "dep_delay", type: "long" }, { name: "carrier", type: "string" }] },
      { name: "n", columns: [{ name: "i", type: "long" }] },
    ])).toEqual(["How many flights are there?", "How many flights by carrier?", "Average dep_delay of flights by carrier", "How many n are there?"]);
  });
  it("leave out what cannot be said in words", () => {
    expect(examples([{ name: "my table", columns: [] }, { name: "t", columns: [{ name: "a b", type: "string" }, { name: "x", type: "double" }] }])).toEqual(["How many t are there?"]);
  });
});
