/** A place on the grid of 12 columns; rows go on downwards. */
export type Placed = { id: string; x: number; y: number; width: number; height: number };

export const columnsOfGrid = 12;
const leastWidth = 2;
const mostHeight = 20;

const beside = (a: Placed, b: Placed) => a.x < b.x + b.width && b.x < a.x + a.width;

/**
 * Lets every tile fall up until it lies against another. Order is by row; where two want the same
 * row, the one that was just moved goes first.
 */
export function settle<T extends Placed>(tiles: readonly T[], movedId?: string): T[] {
  const order = tiles.toSorted((a, b) => a.y - b.y || (a.id === movedId ? -1 : b.id === movedId ? 1 : a.x - b.x));
  const placed: T[] = [];
  for (const tile of order) {
    const y = Math.max(0, ...placed.filter((other) => beside(tile, other)).map((other) => other.y + other.height));
    placed.push({ ...tile, y });
  }
  return tiles.map((tile) => placed.find((other) => other.id === tile.id)!);
}

const change = <T extends Placed>(tiles: readonly T[], id: string, fields: Partial<Placed>) =>
  settle(tiles.map((tile) => (tile.id === id ? { ...tile, ...fields } : tile)), id);

const clamp = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** To an exact place, as a pointer says. */
export function placeTile<T extends Placed>(tiles: readonly T[], id: string, x: number, y: number): T[] {
  const tile = tiles.find((each) => each.id === id);
  if (!tile) return [...tiles];
  return change(tiles, id, { x: clamp(x, 0, columnsOfGrid - tile.width), y: Math.max(0, y) });
}

/** One step: a column sideways, or past the next tile up or down. */
export function stepTile<T extends Placed>(tiles: readonly T[], id: string, direction: "left" | "right" | "up" | "down"): T[] {
  const tile = tiles.find((each) => each.id === id);
  if (!tile) return [...tiles];
  if (direction === "left") return placeTile(tiles, id, tile.x - 1, tile.y);
  if (direction === "right") return placeTile(tiles, id, tile.x + 1, tile.y);
  const others = tiles.filter((other) => other.id !== id && beside(tile, other));
  if (direction === "up") {
    const above = others.filter((other) => other.y < tile.y).sort((a, b) => b.y - a.y)[0];
    return above ? change(tiles, id, { y: above.y }) : [...tiles];
  }
  const below = others.filter((other) => other.y > tile.y).sort((a, b) => a.y - b.y)[0];
  return below ? change(tiles, id, { y: below.y + below.height }) : [...tiles];
}

export function sizeTile<T extends Placed>(tiles: readonly T[], id: string, width: number, height: number): T[] {
  const tile = tiles.find((each) => each.id === id);
  if (!tile) return [...tiles];
  return change(tiles, id, { width: clamp(width, leastWidth, columnsOfGrid - tile.x), height: clamp(height, 1, mostHeight) });
}

/** A new one goes where there is room: beside the last row's tiles, or below everything. */
export function findPlace(tiles: readonly Placed[], width: number, height: number): { x: number; y: number } {
  const bottom = Math.max(0, ...tiles.map((tile) => tile.y + tile.height));
  for (let y = Math.max(0, bottom - height); y < bottom; y++) {
    for (let x = 0; x + width <= columnsOfGrid; x++) {
      const place = { id: "", x, y, width, height };
      if (!tiles.some((tile) => beside(tile, place) && tile.y < y + height && y < tile.y + tile.height)) return { x, y };
    }
  }
  return { x: 0, y: bottom };
}

/** In reading order, for narrow screens and for the keyboard. */
export const readingOrder = <T extends Placed>(tiles: readonly T[]): T[] => tiles.toSorted((a, b) => a.y - b.y || a.x - b.x);
