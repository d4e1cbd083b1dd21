// Questions in words: asked, shared, kept as an insight and on a dashboard; by the keyboard alone.
import { strict as assert } from "node:assert";
import { enter, expectAccessible, graphql, heading, inBrowser, jump, press, settled, tabTo } from "./browser.mjs";

const answered = (page) => page.getByRole("heading", { name: "Answer", exact: true }).waitFor();

export const askJourneys = {
  async ask() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await page.goto("/");
      await heading(page, "Overview");
      await tabTo(page, "textbox", "Question");
      await page.keyboard.type("average dep_delay of flights by carrier");
      await page.keyboard.press("Enter");
      await heading(page, "Ask");
      await answered(page);
      await page.locator("canvas").waitFor();
      const rows = page.getByRole("grid", { name: "Rows of the answer" });
      await rows.getByRole("gridcell", { name: "HA", exact: true }).waitFor();
      const sql = await page.getByLabel("The answer’s SQL").innerText();
      assert.match(sql, /avg\("dep_delay"\)/);

      // The address has the question: whoever opens it sees the same answer.
      const shared = page.url();
      assert.match(shared, /\?q=average/);
      await page.goto(shared);
      await answered(page);

      const title = `Delay by carrier ${Date.now()}`;
      await press(page, "button", "Save as insight");
      const saving = page.getByRole("dialog", { name: "Save as insight" });
      await page.keyboard.press("Control+a");
      await page.keyboard.type(title);
      await press(saving, "button", "Save");
      await press(page, "link", "Saved: see insights");
      await heading(page, "Insights");
      const insight = page.getByRole("article", { name: title });
      await insight.locator("canvas").waitFor();
      const kept = await graphql(context, "{ insights(first: 20) { edges { node { title evidenceId spec { kind x y } } } } }");
      const { spec, evidenceId } = kept.data.insights.edges.map((edge) => edge.node).find((each) => each.title === title);
      assert.deepEqual(spec, { kind: "BAR", x: "carrier", y: ["average dep_delay"] });
      assert.ok(evidenceId);

      await press(insight, "link", "Evidence");
      await heading(page, "Evidence");
      await press(page, "button", "Replay");
      await page.getByText("the same rows", { exact: true }).waitFor();
      await expectAccessible(page, "evidence that was replayed");

      await page.goto(shared);
      await answered(page);
      await press(page, "button", "Add to dashboard");
      const adding = page.getByRole("dialog", { name: "Add to dashboard" });
      assert.equal(await adding.getByLabel("Title of the chart").inputValue(), "average dep_delay of flights by carrier");
      await adding.getByLabel("Name of the new dashboard").fill(title);
      await press(adding, "button", "Add");
      await press(page.getByRole("dialog", { name: "Added the chart" }), "link", "Open the dashboard");
      await heading(page, title);
      await page.locator("canvas").waitFor();

      // What is not understood leads on to what is.
      await jump(page, "q", "Ask");
      await page.getByRole("heading", { name: "Asked in this browser" }).waitFor();
      await tabTo(page, "textbox", "Question");
      await page.keyboard.type("why is the sky blue?");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "That was not understood" }).waitFor();
      await press(page, "link", "How many flights are there?");
      await answered(page);
      await page.getByText("336,776").first().waitFor();
      await press(page, "link", "Evidence");
      await heading(page, "Evidence");
      await page.goBack();
      await press(page, "link", "Open in SQL");
      await page.getByRole("textbox", { name: /^SQL/ }).waitFor();

      // Words that are no name are a question of the palette's, too.
      await page.goto("/");
      await heading(page, "Overview");
      await page.keyboard.press("Control+k");
      await page.keyboard.type("how many flights by origin");
      await page.getByRole("option", { name: "how many flights by origin Ask" }).waitFor();
      await page.keyboard.press("Enter");
      await answered(page);
      await page.getByRole("gridcell", { name: "JFK", exact: true }).waitFor();
      await press(page, "button", "Forget them", 80);
      await page.getByRole("heading", { name: "Asked in this browser" }).waitFor({ state: "detached" });
    });
  },
};

export const askPages = () => {
  const asked = (question, ready) => ({ path: `/ask?${new URLSearchParams({ q: question })}`, ready });
  return [
    { path: "/ask", ready: (page) => page.getByRole("heading", { name: "To begin with" }).waitFor() },
    { ...asked("average dep_delay of flights by carrier", async (page) => {
      await answered(page);
      await page.locator("canvas").waitFor();
      await settled(page);
    }), picture: "ask" },
    asked("How many flights are there?", answered),
    asked("Why is the sky blue?", (page) => page.getByRole("heading", { name: "That was not understood" }).waitFor()),
  ];
};
