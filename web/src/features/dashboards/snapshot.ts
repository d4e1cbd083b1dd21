import { t } from "@lingui/core/macro";
import { toast } from "@/ui/toast";
import { showIn, themeColor } from "@/ui/theme";

/** Twice as many points as on the screen, so that text stays sharp. */
const pixelRatio = 2;

const fileName = (name: string) => `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").toLowerCase() || "dashboard"}.png`;

/** The faces that the page has loaded, with their bytes in them: a picture fetches nothing. */
async function fontFaces(): Promise<string> {
  const used = new Set([...document.fonts].filter((face) => face.status === "loaded").map((face) => face.unicodeRange));
  const rules = [...document.styleSheets].flatMap((sheet) => [...sheet.cssRules]).filter((rule): rule is CSSFontFaceRule => rule instanceof CSSFontFaceRule);
  const texts = rules.filter((rule) => used.has(rule.style.getPropertyValue("unicode-range"))).map(async (rule) => {
    const address = /url\("?([^")]+)"?\)/.exec(rule.cssText);
    if (!address) return rule.cssText;
    const bytes = await (await fetch(new URL(address[1]!, rule.parentStyleSheet?.href ?? location.href))).blob();
    const data = await new Promise<string>((done, failed) => {
      const reader = new FileReader();
      reader.onload = () => done(String(reader.result));
      reader.onerror = () => failed(reader.error ?? new Error(t`the font cannot be read`));
      reader.readAsDataURL(bytes);
    });
    return rule.cssText.replace(address[0], `url("${data}")`);
  });
  return (await Promise.all(texts)).join("\n");
}

/** Saves what is seen of an element as a picture; what is marked data-controls is left out. */
export async function savePicture(element: HTMLElement, name: string) {
  const root = document.documentElement;
  root.dataset.picture = "";
  try {
    const { toBlob } = await import("html-to-image");
    const picture = await toBlob(element, {
      pixelRatio, fontEmbedCSS: await fontFaces(), backgroundColor: themeColor("bg"),
      filter: (node) => !(node instanceof HTMLElement) || !("controls" in node.dataset),
    });
    if (!picture) throw new Error(t`no picture`);
    const address = URL.createObjectURL(picture);
    const anchor = document.createElement("a");
    anchor.href = address;
    anchor.download = fileName(name);
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(address), 60_000);
    toast(t`Saved the picture`);
  } catch {
    toast(t`The browser could not make the picture. Printing to a PDF may do.`, "failed");
  } finally {
    delete root.dataset.picture;
  }
}

const frames = (count: number) => new Promise<void>((done) => {
  const next = (left: number) => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)));
  next(count);
});

/** The browser's own dialog, which also saves a PDF; in light colours, whatever the screen has. */
export async function printPage() {
  const back = showIn("light");
  await frames(3);
  addEventListener("afterprint", back, { once: true });
  print();
}
