import { earlyAnswer } from "@/app/early_answers";

const token = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?![\d.eE])/g;

/**
 * JSON whose numbers of more than 15 digits are text where a double would change them: a 64-bit id
 * or a long decimal is shown as it is in the table, not rounded.
 */
export function keepExactNumbers(json: string): string {
  if (!/\d[\d.]{15}/.test(json)) return json;
  return json.replace(token, (text) => {
    if (text[0] === '"' || text.length < 16) return text;
    return String(Number(text)) === text ? text : `"${text}"`;
  });
}

/** fetch, or an answer to the same request that is under way already, with exact numbers in JSON bodies. */
export const fetchExact: typeof fetch = async (...request) => {
  const response = await (earlyAnswer(request[1]?.body) ?? fetch(...request));
  if (!/json/.test(response.headers.get("content-type") ?? "")) return response;
  const { status, statusText, headers } = response;
  return new Response(keepExactNumbers(await response.text()), { status, statusText, headers });
};
