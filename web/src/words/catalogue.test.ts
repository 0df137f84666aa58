import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { en, HOUSEHOLD_NAMESPACES } from './en';
import { CATALOGUES, LANGUAGES, preferredLanguage, textOf, translator, type Key, type Language } from './translate';

const KEYS = Object.entries(en).flatMap(([namespace, texts]) =>
    Object.keys(texts).map((name) => `${namespace}.${name}` as Key),
);
const OTHERS = Object.keys(LANGUAGES).filter((language) => language !== 'en') as Language[];

const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();

/** What the pages are made of: without the catalogues themselves and without tests. */
function sources(directory: string): string {
    return readdirSync(directory, { withFileTypes: true })
        .map((entry) => {
            const path = join(directory, entry.name);
            if (entry.isDirectory()) {
                return entry.name in LANGUAGES ? '' : sources(path);
            }
            return /\.test\.tsx?$/.test(entry.name) ? '' : readFileSync(path, 'utf8');
        })
        .join('\n');
}

describe('the catalogue of texts', () => {
    it('has no text that no page shows', () => {
        const code = sources(join(__dirname, '..'));
        const families = [...code.matchAll(/`(\w+)\.\$\{/g)].map(([, namespace]) => namespace);
        const unused = KEYS.filter((key) => !code.includes(`'${key}'`) && !families.includes(key.split('.')[0]));
        expect(unused).toEqual([]);
    });

    it.each(OTHERS)('says the same in %s: every text, with the same places for values', (language) => {
        const keys = Object.entries(CATALOGUES[language]).flatMap(([namespace, texts]) =>
            Object.keys(texts).map((name) => `${namespace}.${name}`),
        );
        expect(keys.sort()).toEqual([...KEYS].sort());
        const different = KEYS.filter(
            (key) =>
                placeholders(textOf(CATALOGUES[language], key)).join() !==
                placeholders(textOf(CATALOGUES.en, key)).join(),
        );
        expect(different).toEqual([]);
    });

    it('has no empty text, and none with space around it', () => {
        const texts = Object.values(CATALOGUES).flatMap((catalogue) => KEYS.map((key) => textOf(catalogue, key)));
        expect(texts.filter((text) => text === '' || text !== text.trim())).toEqual([]);
    });

    it("says nothing of ledgers on the household's pages", () => {
        const words =
            /block|transaktion|transaction|ledger|hash|blockchain|chaincode|endors|peer|smart contract|fabric|kette\b|token/i;
        const found = (Object.keys(LANGUAGES) as Language[]).flatMap((language) =>
            KEYS.filter((key) => HOUSEHOLD_NAMESPACES.some((namespace) => key.startsWith(`${namespace}.`)))
                .map((key) => `${language} ${key}: ${textOf(CATALOGUES[language], key)}`)
                .filter((text) => words.test(text.slice(text.indexOf(':')))),
        );
        expect(found).toEqual([]);
    });
});

describe('a text', () => {
    it('has its values in their places, as text', () => {
        expect(translator('en')('bill.title', { days: '<b>1</b> {days}' })).toBe('Bill for <b>1</b> {days}');
        expect(translator('de')('bill.title', { days: 'Mai' })).toBe('Rechnung für Mai');
    });

    it('has to be given what it names, and exists', () => {
        const t = translator('en');
        // @ts-expect-error a value is missing
        expect(t('bill.title')).toBe('Bill for {days}');
        // @ts-expect-error there is no such text
        expect(t('bill.nothing')).toBe('bill.nothing');
        // @ts-expect-error a value of another name
        expect(t('bill.title', { day: 'May' })).toBe('Bill for {days}');
    });

    it.each([
        { preferred: ['de-AT', 'en'], language: 'de' },
        { preferred: ['fr', 'de'], language: 'de' },
        { preferred: ['fr'], language: 'en' },
        { preferred: [], language: 'en' },
    ])('is in the first language of $preferred that there is: $language', ({ preferred, language }) => {
        expect(preferredLanguage(preferred)).toBe(language);
    });
});
