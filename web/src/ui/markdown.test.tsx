import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown, safeAddress } from "@/ui/markdown";

const render = (text: string) => renderToStaticMarkup(<Markdown text={text} />);

describe("Markdown", () => {
  it("draws what analysts write", () => {
    const html = render("## Delays\n\n- **late** by `5`\n- [flights](/data/lake/main/flights)\n\n| a | b |\n|---|---|\n| 1 | 2 |");
    for (const part of ["<h2", "<strong", "<code", 'href="/data/lake/main/flights"', "<td"]) expect(html).toContain(part);
  });

  it("keeps HTML as text", () => {
    const html = render("<img src=x onerror=alert(1)>\n\nhi <script>alert(1)</script>");
    expect(html).not.toContain("<img");
    expect(html).not.toContain("<script");
    expect(html).toContain("&lt;script&gt;");
  });

  it("links nowhere dangerous", () => {
    for (const href of ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x"]) expect(safeAddress(href)).toBeNull();
    expect(render("[x](javascript:alert(1))")).not.toContain("href");
  });
  it("links what it cites", () => {
    expect(render("**3** [evidence:a-1].")).toContain('<a href="/evidence/evidence:a-1"');
    expect(render("[evidence:a](https://example.com)")).toContain('href="https://example.com"');
  });
});
