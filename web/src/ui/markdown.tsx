import { lexer, type Token, type Tokens } from "marked";
import { Fragment, useContext, type MouseEvent, type ReactNode } from "react";
import { OpenInApp } from "@/ui/open_in_app";

/** Markdown as React elements: HTML in it stays text, and links lead to the web or into the app only. */
export function Markdown({ text }: { text: string }) {
  return <div className="grid content-start gap-2.5 text-sm leading-relaxed break-words">{blocks(lexer(linkCitations(text)))}</div>;
}

/** Where a text cites its evidence by id, the citation becomes a link to it. */
export const linkCitations = (text: string) => text.replace(/\[(evidence:[\w-]+)\](?![([:])/g, "[evidence](/evidence/$1)");

const blocks = (tokens: readonly Token[]): ReactNode => tokens.map((token, i) => <Fragment key={i}>{block(token)}</Fragment>);
const spans = (tokens: readonly Token[] | undefined, text = ""): ReactNode => (tokens ? tokens.map((token, i) => <Fragment key={i}>{span(token)}</Fragment>) : text);

function block(token: Token): ReactNode {
  switch (token.type) {
    case "heading": {
      const { depth, tokens } = token as Tokens.Heading;
      return depth <= 2 ? <h2 className="text-base font-semibold tracking-tight">{spans(tokens)}</h2> : <h3 className="text-sm font-semibold">{spans(tokens)}</h3>;
    }
    case "paragraph":
      return <p>{spans(token.tokens)}</p>;
    case "text":
      return <>{spans(token.tokens, (token as Tokens.Text).text)}</>;
    case "blockquote":
      return <blockquote className="grid gap-2 border-l-2 border-line-strong pl-3 text-muted">{blocks(token.tokens ?? [])}</blockquote>;
    case "code":
      return <pre className="overflow-x-auto rounded-md bg-sunken p-3 font-mono text-xs" tabIndex={0}>{(token as Tokens.Code).text}</pre>;
    case "hr":
      return <hr className="border-line" />;
    case "list": {
      const { ordered, items, start } = token as Tokens.List;
      const entries = items.map((item, i) => <li key={i}>{blocks(item.tokens)}</li>);
      return ordered ? <ol start={start || 1} className="grid list-decimal gap-1 pl-5">{entries}</ol> : <ul className="grid list-disc gap-1 pl-5">{entries}</ul>;
    }
    case "table": {
      const { header, rows } = token as Tokens.Table;
      return (
        <table className="w-full border-collapse text-left text-xs">
          <thead><tr>{header.map((cell, i) => <th key={i} className="border-b border-line py-1 pr-3 font-medium text-muted">{spans(cell.tokens)}</th>)}</tr></thead>
          <tbody>{rows.map((row, i) => <tr key={i}>{row.map((cell, j) => <td key={j} className="border-b border-line py-1 pr-3">{spans(cell.tokens)}</td>)}</tr>)}</tbody>
        </table>
      );
    }
    case "space":
    case "def":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

function span(token: Token): ReactNode {
  switch (token.type) {
    case "strong":
      return <strong className="font-semibold">{spans(token.tokens)}</strong>;
    case "em":
      return <em>{spans(token.tokens)}</em>;
    case "del":
      return <del>{spans(token.tokens)}</del>;
    case "codespan":
      return <code className="rounded bg-sunken px-1 py-px font-mono text-[0.92em]">{(token as Tokens.Codespan).text}</code>;
    case "br":
      return <br />;
    case "link": {
      const href = safeAddress((token as Tokens.Link).href);
      return href ? <Anchor href={href}>{spans(token.tokens)}</Anchor> : <>{spans(token.tokens)}</>;
    }
    case "escape":
      return <>{(token as Tokens.Escape).text}</>;
    case "text":
      return <>{spans((token as Tokens.Text).tokens, (token as Tokens.Text).text)}</>;
    default:
      return <>{token.raw}</>;
  }
}

function Anchor({ href, children }: { href: string; children: ReactNode }) {
  const open = useContext(OpenInApp);
  const onClick = (event: MouseEvent) => {
    // With a modifier the browser opens a tab, as for any link.
    if (!open || !href.startsWith("/") || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    open(href);
  };
  return <a href={href} rel="noopener noreferrer" onClick={onClick} className="text-accent underline underline-offset-2">{children}</a>;
}

/** http, https, mailto and paths; nothing that could run. */
export const safeAddress = (href: string) => (/^(https?:\/\/|mailto:|\/(?!\/)|#)/i.test(href) ? href : null);
