type Catalog = {
  id: string;
  name: string;
  namespaces: readonly { id: string; name: string }[];
  tables: { edges: readonly { node: { id: string; name: string; namespace: string; fullName: string } }[] };
};

export type TreeItem =
  | { kind: "catalog"; key: string; level: 1; name: string }
  | { kind: "namespace"; key: string; level: 2; name: string; count: number }
  | { kind: "table"; key: string; level: 3; name: string; catalog: string; namespace: string; fullName: string };

/** What is seen, from top to bottom. Looking for something opens everything that holds it. */
export function flattenTree(catalogs: readonly Catalog[], closed: ReadonlySet<string>, search: string): TreeItem[] {
  const items: TreeItem[] = [];
  const sought = search.toLowerCase();
  const shut = (key: string) => !sought && closed.has(key);
  for (const catalog of catalogs) {
    const inside: TreeItem[] = [];
    for (const namespace of catalog.namespaces) {
      const tables = catalog.tables.edges
        .map((edge) => edge.node)
        .filter((table) => table.namespace === namespace.name && (!sought || table.fullName.toLowerCase().includes(sought)));
      if (sought && tables.length === 0) continue;
      inside.push({ kind: "namespace", key: namespace.id, level: 2, name: namespace.name, count: tables.length });
      if (shut(namespace.id)) continue;
      for (const table of tables) {
        inside.push({ kind: "table", key: table.id, level: 3, name: table.name, catalog: catalog.name, namespace: namespace.name, fullName: table.fullName });
      }
    }
    if (sought && inside.length === 0) continue;
    items.push({ kind: "catalog", key: catalog.id, level: 1, name: catalog.name });
    if (!shut(catalog.id)) items.push(...inside);
  }
  return items;
}
