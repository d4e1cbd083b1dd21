// Agents: made, told to run, read call by call; by the keyboard alone.
import { strict as assert } from "node:assert";
import { enter, graphql, heading, inBrowser, jump, press, tabTo } from "./browser.mjs";

export const agentJourneys = {
  async agents() {
    await inBrowser(async (page, context) => {
      await enter(context);
      await page.goto("/");
      await heading(page, "Overview");
      await jump(page, "a", "Agents");
      await page.getByRole("link", { name: "flight delays" }).waitFor();
      const name = `winds ${Date.now()}`;
      await press(page, "button", "New agent");
      await page.getByRole("dialog", { name: "New agent" }).waitFor();
      await page.keyboard.type(name);
      await tabTo(page, "checkbox", "lake.main.weather");
      await page.keyboard.press("Space");
      await tabTo(page, "checkbox", /wind_speed/);
      await page.keyboard.press("Space");
      await tabTo(page, "combobox", "When");
      await page.keyboard.type("Every day");
      await page.getByLabel("At", { exact: true }).waitFor();
      await page.getByLabel("Time zone").fill("Nowhere/Land");
      await press(page, "button", "Make the agent");
      await page.getByRole("alert").filter({ hasText: /zone/i }).waitFor();
      await page.getByLabel("Time zone").fill("Europe/Oslo");
      await press(page, "button", "Make the agent");
      await heading(page, name);
      await page.getByText("every day at 06:00 Europe/Oslo", { exact: true }).waitFor();

      // A run shows its calls as they are made, without a reload.
      await page.getByText("It has not run yet").waitFor();
      await press(page, "button", "Run now");
      const calls = page.getByRole("list", { name: "Calls" });
      await calls.getByText("Describe a table").first().waitFor();
      await page.getByRole("region", { name: "This run" }).getByText("done").waitFor({ timeout: 60_000 });
      const call = calls.getByRole("listitem").filter({ hasText: "Run SQL" }).first();
      await call.locator("summary").focus();
      await page.keyboard.press("Enter");
      await call.getByText("Answered: data, not instructions").waitFor();
      await call.getByRole("link", { name: "Evidence" }).focus();
      await page.keyboard.press("Enter");
      await heading(page, "Evidence");
      await press(page, "button", "Replay");
      await page.getByText("the same rows", { exact: true }).waitFor();

      await page.goBack();
      await heading(page, name);

      // What it is told to remember is read, changed and forgotten.
      await press(page, "button", "Add a note");
      const noting = page.getByRole("dialog", { name: "A note for its next run" });
      await page.keyboard.type("Storms are known.");
      await tabTo(noting, "textbox", "Leave alone");
      await page.keyboard.type("wind_gust, count(*)");
      await press(noting, "button", "Add");
      const memories = page.getByRole("list", { name: "Memories" });
      await memories.getByText("wind_gust").waitFor();
      await press(page, "button", "Change: Storms are known.");
      const changing = page.getByRole("dialog", { name: "Change what it remembers" });
      await page.keyboard.press("Control+a");
      await page.keyboard.type("Gales are known.");
      await press(changing, "button", "Save");
      await memories.getByText("Gales are known.").waitFor();
      await press(page, "button", "Forget: Gales are known.");
      await press(page.getByRole("dialog", { name: "Forget this?" }), "button", "Forget");
      await memories.waitFor({ state: "detached" });

      await press(page, "button", "Pause");
      await page.getByText("paused", { exact: true }).waitFor();
      await press(page, "button", "Edit");
      await page.getByRole("dialog", { name: `Change ${name}` }).waitFor();
      await tabTo(page, "combobox", "When");
      await page.keyboard.type("Only");
      await page.getByRole("spinbutton", { name: "Calls" }).fill("1");
      await tabTo(page, "checkbox", "Create insight");
      await page.keyboard.press("Space");
      await press(page, "button", "Save");
      await page.getByRole("definition").filter({ hasText: "Create insight" }).waitFor();
      await page.getByText("only when told", { exact: true }).waitFor();
      await page.getByText("1 calls, 10 min").waitFor();

      // A budget that is too small ends the run with a reason.
      await press(page, "button", "Run now");
      await page.getByRole("alert").filter({ hasText: /budget/ }).waitFor({ timeout: 60_000 });

      await press(page, "button", "More about this agent");
      await page.keyboard.press("Enter");
      await press(page.getByRole("dialog", { name: `Delete ${name}?` }), "button", "Delete");
      await heading(page, "Agents");
      await page.getByRole("link", { name }).waitFor({ state: "detached" });
      assert.ok(!JSON.stringify(await graphql(context, "{ agents { name } }")).includes(name));
    }, { expected: [/CreateAgent: BAD_USER_INPUT there is no time zone/] });
  },
};

/** The demo's agent with its run, and what leads on from there. */
export async function agentPages(context) {
  const { data } = await graphql(context, "{ agents { id name runs(first: 1) { steps { text } } } proposals(first: 1) { edges { node { id } } } }");
  const agent = data.agents.find((each) => each.name === "flight delays");
  const evidence = /"evidenceId":"([^"]+)"/.exec(agent.runs[0].steps.find((step) => step.text.includes("evidenceId")).text)[1];
  const h1 = (name) => (page) => heading(page, name);
  return [
    { path: "/agents", picture: "agents", ready: (page) => page.getByText("flight delays").first().waitFor() },
    { path: "/agents", ready: async (page) => {
      await page.getByRole("button", { name: "New agent" }).click();
      await page.getByRole("checkbox", { name: "lake.main.flights" }).check();
      await page.getByRole("checkbox", { name: /dep_delay/ }).waitFor();
    } },
    { path: `/agents/${agent.id}`, picture: "agent", ready: async (page) => {
      await heading(page, "flight delays");
      const call = page.getByRole("list", { name: "Calls" }).locator("details").nth(2);
      await call.locator("summary").click();
      await page.locator("#main").evaluate((main) => main.scrollTo(0, 0));
    } },
    { path: "/agents/agent:00000000-0000-4000-8000-000000000000", ready: (page) => page.getByText("There is no such agent").waitFor() },
    { path: `/proposals/${data.proposals.edges[0].node.id}`, ready: h1("Proposal") },
    { path: `/evidence/${evidence}`, ready: h1("Evidence") },
  ];
}
