import { expect, it } from "vitest";
import { insightIn, insightText } from "@/features/dashboards/insight_link";

it("is a text that is only the link", () => {
  expect(insightIn(insightText("insight:1-2", "Flights [late]"))).toBe("insight:1-2");
  expect(insightText("insight:1-2", "Flights [late]")).toBe("[Flights  late](/insights?id=insight%3A1-2)");
});

it("is not a text beside a link, another page, or an id that is none", () => {
  for (const text of ["See [it](/insights?id=a)", "[it](/insights?id=a) there", "[it](/data?id=a)", "[it](https://example.com/insights?id=a)", "[it](/insights?id=%E0%A4%A)", ""]) expect(insightIn(text)).toBeNull();
});
