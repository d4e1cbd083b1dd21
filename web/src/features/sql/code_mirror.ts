import { autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { keywordCompletionSource, PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export type Suggestion = { text: string; kind: string; from: number };
export type Complete = (upToCursor: string) => Promise<Suggestion[] | null>;

export type EditorHandle = {
  focus: () => void;
  insert: (text: string) => void;
  selection: () => { from: number; to: number };
  goTo: (offset: number) => void;
};

export type MadeEditor = EditorHandle & {
  replace: (value: string) => void;
  mark: (error: { from: number; to: number; message: string } | null) => void;
  destroy: () => void;
};

const look = EditorView.theme({
  "&": { height: "100%", fontSize: "13px", color: "var(--text)", backgroundColor: "var(--surface)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Liberation Mono', Menlo, monospace", lineHeight: "1.6" },
  ".cm-content": { padding: "10px 0", caretColor: "var(--accent)" },
  ".cm-line": { padding: "0 14px 0 8px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--muted)", border: "none" },
  ".cm-lineNumbers .cm-gutterElement": { padding: "0 6px 0 14px", minWidth: "28px" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "color-mix(in srgb, var(--hover) 55%, transparent)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": { background: "color-mix(in srgb, var(--accent) 26%, transparent)" },
  ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "var(--soft)", outline: "1px solid var(--line-strong)" },
  ".cm-tooltip": { backgroundColor: "var(--surface)", border: "1px solid var(--line)", borderRadius: "8px", boxShadow: "0 8px 28px var(--shadow)", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "inherit", maxHeight: "16em" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 10px", display: "flex", gap: "12px", alignItems: "center" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--soft)", color: "var(--text)" },
  ".cm-completionDetail": { marginLeft: "auto", fontStyle: "normal", color: "var(--muted)", fontSize: "11px" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "700", color: "var(--accent)" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--danger)", textUnderlineOffset: "3px" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--danger)", fontFamily: "inherit" },
});

const colors = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--ok)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warn)" },
  { tag: [tags.lineComment, tags.blockComment], color: "var(--muted)", fontStyle: "italic" },
  { tag: tags.typeName, color: "var(--accent)" },
]);

type Wishes = { value: string; label: string; onChange: (value: string) => void; onRun: () => void; complete: Complete };

/**
 * The editor lives in a shadow root: there it puts its styles into an adopted style sheet, and the
 * page's policy needs no exception for inline styles.
 */
export function makeEditor(host: HTMLElement, { value, label, onChange, onRun, complete }: Wishes): MadeEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  root.replaceChildren();
  const frame = document.createElement("div");
  frame.style.height = "100%";
  root.append(frame);

  const keywords = keywordCompletionSource(PostgreSQL, true);
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    const before = context.matchBefore(/[\w$]+$/);
    const afterDot = context.matchBefore(/\.$/);
    if (!before && !afterDot && !context.explicit) return null;
    const found = await complete(context.state.sliceDoc(0, context.pos));
    if (context.aborted) return null;
    if (!found) return keywords(context);
    const from = found[0]?.from ?? context.pos;
    return {
      from, filter: false,
      options: found.filter((each) => each.from === from).map(({ text, kind }, i) => ({ label: text, detail: kind, boost: -i })),
    };
  };

  const view = new EditorView({
    parent: frame,
    root,
    state: EditorState.create({
      doc: value,
      extensions: [
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }])),
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(), closeBrackets(), highlightActiveLine(),
        sql({ dialect: PostgreSQL, upperCaseKeywords: true }),
        autocompletion({ override: [source], icons: false, activateOnTypingDelay: 120 }),
        syntaxHighlighting(colors), look, EditorView.lineWrapping,
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    focus: () => view.focus(),
    insert: (text) => {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    selection: () => ({ from: view.state.selection.main.from, to: view.state.selection.main.to }),
    goTo: (offset) => {
      view.dispatch({ selection: { anchor: Math.min(offset, view.state.doc.length) }, scrollIntoView: true });
      view.focus();
    },
    replace: (next) => {
      if (next !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } });
    },
    mark: (error) => {
      const length = view.state.doc.length;
      const there = error && error.from <= length ? [{ from: Math.min(error.from, length), to: Math.min(error.to, length), severity: "error" as const, message: error.message }] : [];
      view.dispatch(setDiagnostics(view.state, there));
    },
    destroy: () => view.destroy(),
  };
}
