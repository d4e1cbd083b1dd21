import { expect, it } from "vitest";
import { parametersOf } from "@/features/dashboards/draft";

const variables = [
  { name: "origin", label: "", type: "text", defaultValue: "JFK", options: [] },
  { name: "least", label: "", type: "number", defaultValue: "10", options: [] },
];

it("hands a statement only the values that it uses, numbers as numbers", () => {
  expect(parametersOf("SELECT 1", variables, {})).toEqual({});
  expect(parametersOf("WHERE origin = $origin AND x > $least", variables, { origin: "LGA" })).toEqual({ origin: "LGA", least: 10 });
  expect(parametersOf("WHERE origin = $original", variables, {})).toEqual({});
});
