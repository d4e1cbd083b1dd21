import { cloneElement, Fragment, isValidElement, type ReactElement, type ReactNode } from "react";
import { i18n } from "@/ui/language";

type Props = { id: string; message?: string; values?: Readonly<Record<string, unknown>>; components?: Readonly<Record<number | string, ReactElement<{ children?: ReactNode }>>> };

const tag = /<(\d+)>(.*?)<\/\1>|<(\d+)\/>/s;
const held = /\u0001(\w+)\u0002/;

/**
 * A message with elements inside, as the macro of this name writes it. Values are put in after the message
 * was taken apart: what looks like a tag in a value is text.
 */
export function Trans({ id, message, values = {}, components = {} }: Props) {
  const counted = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === "number" ? value : `\u0001${name}\u0002`]));
  return <>{withElements(i18n._(id, counted, message === undefined ? {} : { message }), components, values)}</>;
}

function withElements(text: string, components: NonNullable<Props["components"]>, values: NonNullable<Props["values"]>): ReactNode[] {
  const nodes: ReactNode[] = [];
  let rest = text;
  for (let found = tag.exec(rest); found; found = tag.exec(rest)) {
    const [whole, pair, inside = "", single] = found;
    const element = components[(pair ?? single)!];
    nodes.push(...withValues(rest.slice(0, found.index), values));
    nodes.push(!isValidElement(element) ? withElements(inside, components, values) : pair === undefined ? element : cloneElement(element, {}, ...withElements(inside, components, values)));
    rest = rest.slice(found.index + whole.length);
  }
  return [...nodes, ...withValues(rest, values)].map((node, i) => <Fragment key={i}>{node}</Fragment>);
}

function withValues(text: string, values: NonNullable<Props["values"]>): ReactNode[] {
  return text.split(held).map((part, i) => (i % 2 ? values[part] as ReactNode : part)).filter((part) => part !== "");
}
