import { t } from "@lingui/core/macro";
import { csrfHeaders } from "@/app/client";

const extensions = { csv: "csv", parquet: "parquet", arrow: "arrow" };

/** Runs the statement once more and saves what comes as a file; says what went wrong, if anything. */
export async function downloadResult(statement: string, asOf: string | null, format: keyof typeof extensions): Promise<string | null> {
  try {
    const response = await fetch("/query", {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", ...csrfHeaders() },
      body: JSON.stringify({ statement, format, ...(asOf ? { as_of: asOf } : {}) }),
    });
    if (!response.ok) {
      const body: unknown = await response.json().catch(() => null);
      const message = body && typeof body === "object" && "message" in body ? String(body.message) : t`The server answered with status ${response.status}.`;
      return t`The download failed: ${message}`;
    }
    const address = URL.createObjectURL(await response.blob());
    const link = document.createElement("a");
    link.href = address;
    link.download = `result.${extensions[format]}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    return null;
  } catch {
    return t`The download failed: the server cannot be reached.`;
  }
}
