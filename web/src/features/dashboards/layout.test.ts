import { describe, expect, it } from "vitest";
import { findPlace, placeTile, readingOrder, settle, sizeTile, stepTile, type Placed } from "@/features/dashboards/layout";

const tile = (id: string, x: number, y: number, width: number, height: number): Placed => ({ id, x, y, width, height });
const at = (tiles: Placed[], id: string) => tiles.find((each) => each.id === id)!;
const start = [tile("a", 0, 0, 6, 2), tile("b", 6, 0, 6, 2), tile("c", 0, 2, 12, 4)];

function expectApart(tiles: readonly Placed[]) {
  for (const [i, one] of tiles.entries()) {
    expect(one.x).toBeGreaterThanOrEqual(0);
    expect(one.x + one.width).toBeLessThanOrEqual(12);
    for (const other of tiles.slice(i + 1)) {
      const overlap = one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;
      expect(overlap, `${one.id} and ${other.id}`).toBe(false);
    }
  }
}

describe("a dashboard's grid", () => {
  it("leaves a tidy one alone", () => expect(settle(start)).toEqual(start));

  it("closes gaps", () => expect(at(settle([tile("a", 0, 5, 4, 2)]), "a").y).toBe(0));

  it("moves a tile past the next one, down and back up", () => {
    const down = stepTile(start, "a", "down");
    expect([at(down, "c").y, at(down, "a").y]).toEqual([2, 6]);
    expect(stepTile(down, "a", "up").map((each) => each.y)).toEqual([0, 0, 2]);
  });

  it("pushes what is in the way", () => {
    const moved = stepTile(start, "a", "right");
    expect(at(moved, "a")).toMatchObject({ x: 1, y: 0 });
    expect(at(moved, "b").y).toBe(2);
    expectApart(moved);
  });

  it("stays within twelve columns", () => {
    expect(at(stepTile(start, "b", "right"), "b").x).toBe(6);
    expect(at(sizeTile(start, "b", 40, 2), "b").width).toBe(6);
    expect(at(sizeTile(start, "a", 0, 0), "a")).toMatchObject({ width: 2, height: 1 });
    expect(at(placeTile(start, "a", -9, -9), "a")).toMatchObject({ x: 0, y: 0 });
  });

  it("never lets tiles overlap, whatever is done", () => {
    let tiles: Placed[] = [...start, tile("d", 0, 6, 3, 3), tile("e", 3, 6, 3, 1)];
    let seed = 7;
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below;
    for (let i = 0; i < 400; i++) {
      const id = "abcde"[random(5)]!;
      const direction = (["left", "right", "up", "down"] as const)[random(4)]!;
      tiles = random(3) ? stepTile(tiles, id, direction) : sizeTile(tiles, id, random(14), random(8));
      expectApart(tiles);
    }
  });

  it("finds room beside the last tiles, else below", () => {
    expect(findPlace([], 6, 4)).toEqual({ x: 0, y: 0 });
    expect(findPlace([tile("a", 0, 0, 6, 4)], 6, 4)).toEqual({ x: 6, y: 0 });
    expect(findPlace([tile("a", 0, 0, 8, 4)], 6, 4)).toEqual({ x: 0, y: 4 });
  });

  it("is read by rows", () => expect(readingOrder([start[2]!, start[1]!, start[0]!]).map((each) => each.id)).toEqual(["a", "b", "c"]));
});
