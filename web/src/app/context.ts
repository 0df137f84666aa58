import type { Session } from '@commonwatt/application/server/schemas/session';
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { Live } from '../api/live';
import { Formats } from '../words/formats';
import { translator, type Language, type Translate } from '../words/translate';

/** What every part of the pages may ask for. */
export interface App {
    readonly session: Session | undefined;
    readonly language: Language;
    readonly t: Translate;
    readonly f: Formats;
    readonly live: Live;
    readonly onSignedOut: () => void;
}

/** Before anybody is logged in there are no figures to show. */
export const NO_COMMUNITY = { currency: 'EUR', minorUnitNanos: '10000000', clock: [] };

export const AppContext = createContext<App>({
    session: undefined,
    language: 'en',
    t: translator('en'),
    f: new Formats('en', NO_COMMUNITY),
    live: new Live(),
    onSignedOut: () => undefined,
});

/** Texts and figures in the page's language. */
export const useWords = (): Pick<App, 't' | 'f' | 'language'> => useContext(AppContext);
