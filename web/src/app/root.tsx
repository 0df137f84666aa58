import type { Session } from '@commonwatt/application/server/schemas/session';
import type { JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, call } from '../api/client';
import { Live } from '../api/live';
import { LoginPage } from '../pages/login';
import { Loading } from '../parts/states';
import { Formats } from '../words/formats';
import { LANGUAGES, preferredLanguage, translator, type Language } from '../words/translate';
import { AppContext, NO_COMMUNITY, type App } from './context';
import { Shell } from './shell';
import { applyTheme, storedTheme } from './theme';

const LANGUAGE = 'commonwatt.language';

/** Undefined: not asked yet. Null: nobody is logged in. */
type Known = Session | null | undefined;

export function Root(): JSX.Element {
    const [session, setSession] = useState<Known>(undefined);
    const [language, setLanguage] = useState<Language>(firstLanguage);
    const live = useMemo(() => new Live(), []);
    const onSignedOut = useCallback(() => {
        setSession(null);
    }, []);
    useEffect(() => {
        applyTheme(storedTheme());
        call<Session>('GET', 'session').then(setSession, (error: unknown) => {
            // Whatever else is wrong the login page will say when somebody logs in.
            setSession(error instanceof ApiError && error.status !== 401 ? undefined : null);
        });
    }, []);
    useEffect(() => {
        document.documentElement.lang = language;
    }, [language]);
    const isSignedIn = session !== null && session !== undefined;
    useEffect(() => {
        if (isSignedIn) {
            live.open();
        }
        return () => {
            live.close();
        };
    }, [live, isSignedIn]);
    const app = useMemo((): App => {
        const [t, f] = [translator(language), new Formats(language, session ?? NO_COMMUNITY)];
        return { session: session ?? undefined, language, t, f, live, onSignedOut };
    }, [session, language, live, onSignedOut]);
    const choose = useCallback((chosen: Language) => {
        localStorage.setItem(LANGUAGE, chosen);
        setLanguage(chosen);
    }, []);
    return (
        <AppContext.Provider value={app}>
            {session === undefined && <Loading />}
            {session === null && <LoginPage onSignedIn={setSession} onLanguage={choose} />}
            {isSignedIn && <Shell session={session} onLanguage={choose} />}
        </AppContext.Provider>
    );
}

function firstLanguage(): Language {
    const stored = localStorage.getItem(LANGUAGE);
    return stored !== null && stored in LANGUAGES ? (stored as Language) : preferredLanguage(navigator.languages);
}
