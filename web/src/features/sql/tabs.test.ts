import { describe, expect, it } from "vitest";
import { changeTab, closeTab, isChanged, openTab, startTabs, tabTitle } from "@/features/sql/tabs";

describe("tabs", () => {
  it("use up an empty tab first", () => {
    const state = openTab(startTabs(), { statement: "SELECT 1" });
    expect(state.tabs).toHaveLength(1);
    expect(state.tabs[0]!.statement).toBe("SELECT 1");
  });

  it("do not open the same twice", () => {
    const one = openTab(startTabs(), { statement: "SELECT 1" });
    const two = openTab(one, { statement: "SELECT 2" });
    const again = openTab(two, { statement: "SELECT 1" });
    expect(again.tabs).toHaveLength(2);
    expect(again.active).toBe(one.tabs[0]!.id);
    expect(openTab(again, { statement: "SELECT 1", asOf: "123" }).tabs).toHaveLength(3);
  });

  it("leave a neighbour active when one is closed, and never none", () => {
    const state = openTab(openTab(startTabs(), { statement: "SELECT 1" }), { statement: "SELECT 2" });
    const closed = closeTab(state, state.active);
    expect(closed.active).toBe(state.tabs[0]!.id);
    expect(closeTab(closed, closed.active).tabs[0]!.statement).toBe("");
  });

  it("are called by their name, else by their statement", () => {
    const state = openTab(startTabs(), { statement: "-- top carriers\nSELECT   carrier FROM flights GROUP BY 1" });
    expect(tabTitle(state.tabs[0]!)).toBe("SELECT carrier FROM fligh…");
    expect(tabTitle({ ...state.tabs[0]!, title: "Carriers" })).toBe("Carriers");
  });

  it("know what is not saved", () => {
    const state = openTab(startTabs(), { statement: "SELECT 1", saved: { id: "s", version: 1, statement: "SELECT 1" } });
    expect(isChanged(state.tabs[0]!)).toBe(false);
    expect(isChanged(changeTab(state, state.active, { statement: "SELECT 2" }).tabs[0]!)).toBe(true);
  });
});
