import { mapExchange, type Operation } from "urql";

/**
 * The cache knows an operation by its document and variables: of two equal mutations under way,
 * two tiles of one statement, only the last would ever hear its answer. Here each gets a key of its own.
 */
export function mutationsApart() {
  const originals = new Map<number, Operation>();
  let next = 0;
  return mapExchange({
    onOperation(operation) {
      if (operation.kind !== "mutation") return operation;
      // Keys of documents are not negative.
      const key = --next;
      originals.set(key, operation);
      return { ...operation, key };
    },
    onResult(result) {
      const operation = originals.get(result.operation.key);
      if (!operation) return result;
      if (!result.hasNext) originals.delete(result.operation.key);
      return { ...result, operation };
    },
  });
}
