import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";

const html = renderToStaticMarkup;

describe("words from the catalogue", () => {
  it("puts elements and values at their places", () => {
    expect(html(<p><Trans>All <b>{3}</b> of <i>them</i>, by {"Ada"}.</Trans></p>)).toBe("<p>All <b>3</b> of <i>them</i>, by Ada.</p>");
  });

  it("shows a value as it is, whatever it looks like", () => {
    for (const value of ["<0>x</0>", "<b>x</b>", "{0}", "it's # \\u0041"]) {
      expect(html(<p><Trans>Deleted “{value}” <b>for ever</b></Trans></p>)).toBe(html(<p>Deleted “{value}” <b>for ever</b></p>));
      expect(t`Deleted “${value}”`).toBe(`Deleted “${value}”`);
    }
  });

  it("puts elements in the place of values", () => {
    const mark = <em key="m">now</em>;
    expect(html(<p><Trans>Saved {mark}, {[1, 2].map((n) => <i key={n}>{n}</i>)}</Trans></p>)).toBe("<p>Saved <em>now</em>, <i>1</i><i>2</i></p>");
  });

  it("counts as the reader writes numbers", () => {
    const rows = (n: number) => plural(n, { one: "# row", other: "# rows" });
    expect([0, 1, 1200].map(rows)).toEqual(["0 rows", "1 row", "1,200 rows"]);
    expect(html(<Trans>The first {1200} of {rows(1)}</Trans>)).toBe("The first 1200 of 1 row");
  });
});
