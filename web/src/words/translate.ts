import { de } from './de';
import { en } from './en';

/** The languages that there are, as their codes and their own names. */
export const LANGUAGES = { en: 'English', de: 'Deutsch' } as const;
export type Language = keyof typeof LANGUAGES;

type English = typeof en;
type Namespace = keyof English;

/** What every other language has: the namespaces and keys of English, no more and no less. */
export type Catalogue = { readonly [N in Namespace]: { readonly [K in keyof English[N]]: string } };

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { en, de };

/** `now.title`, `bill.check` and so on: one for each text. */
export type Key = { [N in Namespace]: `${N}.${keyof English[N] & string}` }[Namespace];

type TextOf<K extends Key> = K extends `${infer N extends Namespace}.${infer M}`
    ? M extends keyof English[N]
        ? English[N][M]
        : never
    : never;

/** The names between braces in a text. */
type Names<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** What a text has to be given; nothing where it names nothing. */
export type Values<K extends Key> = [Names<TextOf<K>>] extends [never]
    ? []
    : [values: Readonly<Record<Names<TextOf<K>>, string | number>>];

export type Translate = <K extends Key>(key: K, ...values: Values<K>) => string;

/** The text of a key in a language, with the values in their places. Text only: whoever shows it does not interpret it. */
export function translator(language: Language): Translate {
    const catalogue = CATALOGUES[language];
    return (key, ...[values]) => filled(textOf(catalogue, key), values ?? {});
}

export function textOf(catalogue: Catalogue, key: Key): string {
    const [namespace = '', name = ''] = key.split('.');
    return (catalogue as Readonly<Record<string, Readonly<Record<string, string>>>>)[namespace]?.[name] ?? key;
}

const filled = (text: string, values: Readonly<Record<string, string | number>>): string =>
    text.replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));

/** The first of the languages that a person prefers that there is; English where there is none. */
export function preferredLanguage(preferred: readonly string[]): Language {
    const known = preferred.map((each) => each.slice(0, 2).toLowerCase()).find((each) => each in LANGUAGES);
    return (known as Language | undefined) ?? 'en';
}
