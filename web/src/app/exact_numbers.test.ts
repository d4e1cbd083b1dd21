import { expect, it } from "vitest";
import { keepExactNumbers } from "@/app/exact_numbers";

it("keeps every digit of what a double cannot hold", () => {
  const parsed: unknown = JSON.parse(keepExactNumbers('{"rows":[[9007199254740993,-9223372036854775808,12345678901234567.89,1.5]],"n":9007199254740991}'));
  expect(parsed).toEqual({ rows: [["9007199254740993", "-9223372036854775808", "12345678901234567.89", 1.5]], n: 9007199254740991 });
});

it("leaves text, doubles and exponents alone", () => {
  const json = '{"a":"id 9007199254740993, \\"-9007199254740993\\"","b":[0.1,0.30000000000000004,1e300,1.7976931348623157e+308,-5]}';
  expect(keepExactNumbers(json)).toBe(json);
});
