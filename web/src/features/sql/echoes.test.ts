import { expect, it } from "vitest";
import { Echoes } from "@/features/sql/echoes";

it("knows what was typed from what comes from elsewhere, however late it comes back", () => {
  const echoes = new Echoes();
  for (const text of ["S", "SE", "SEL"]) echoes.tell(text);
  expect(echoes.isEcho("SE")).toBe(true);
  echoes.tell("SELE");
  expect(echoes.isEcho("SEL")).toBe(true);
  expect(echoes.isEcho("another tab's")).toBe(false);
  expect(echoes.isEcho("SELE")).toBe(false);
});
