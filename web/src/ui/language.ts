import { I18n, type I18nProps, type MessageDescriptor, type MessageOptions } from "@lingui/core";

const language = "en";

/** How dates and numbers are written: as the reader is used to, whatever the language of the words. */
export const region = navigator.languages;

const whole = new Intl.NumberFormat(region);
type Values = Record<string, unknown>;

/** Counts are written as the reader does. Values are put in last, as they are: the runtime would read what looks like an escape in them. */
class Words extends I18n {
  constructor(props: I18nProps) {
    super(props);
    this.t = this._.bind(this);
  }
  override _(descriptor: MessageDescriptor): string;
  override _(id: string, values?: Values, options?: MessageOptions): string;
  override _(asked: MessageDescriptor | string, given?: Values, options?: MessageOptions): string {
    const { id, message, values } = typeof asked === "string" ? { id: asked, message: options?.message, values: given } : asked;
    const counts = Object.entries(values ?? {}).flatMap(([name, value]) => (typeof value === "number" ? [[`${name}#`, whole.format(value)]] : []));
    const texts = Object.entries(values ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    const said = super._(id, { ...values, ...Object.fromEntries(counts), ...Object.fromEntries(texts.map(([name], i) => [name, `\u0001${i}\u0002`])) }, message === undefined ? {} : { message });
    return texts.length === 0 ? said : said.replace(/\u0001(\d+)\u0002/g, (_, i: string) => texts[Number(i)]![1]);
  }
}

/**
 * The words. English stands in the sources, and the build compiles each message where it stands; a catalogue
 * takes their place by their ids.
 */
export const i18n = new Words({ locale: language, messages: { [language]: {} } });
