import type { Session } from '@commonwatt/application/server/schemas/session';
import type { ComponentChildren, FunctionComponent, JSX } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { call } from '../api/client';
import { AgentPage } from '../pages/agent';
import { BillPage } from '../pages/bill';
import { BillsPage } from '../pages/bills';
import { BlockPage } from '../pages/block';
import { CommunityPage } from '../pages/community';
import { ExplorerPage } from '../pages/explorer';
import { MarketPage } from '../pages/market';
import { MoneyPage } from '../pages/money';
import { NotFoundPage } from '../pages/not-found';
import { NowPage } from '../pages/now';
import { RoundPage } from '../pages/round';
import { TransactionPage } from '../pages/transaction';
import { Icon, type IconName } from '../parts/icons';
import type { Language } from '../words/translate';
import { AppContext, useWords } from './context';
import { Link, usePlace } from './navigation';
import { pathTo, type PageName, type Place } from './routes';
import { Settings } from './settings';

export interface PageProps {
    readonly place: Place;
}

const PAGES: Readonly<Record<PageName, FunctionComponent<PageProps>>> = {
    now: NowPage,
    money: MoneyPage,
    bills: BillsPage,
    bill: BillPage,
    market: MarketPage,
    round: RoundPage,
    agent: AgentPage,
    community: CommunityPage,
    explorer: ExplorerPage,
    block: BlockPage,
    transaction: TransactionPage,
};

/** What the navigation shows, and which pages belong to it. */
const SECTIONS: readonly (readonly [IconName & PageName, readonly PageName[]])[] = [
    ['now', ['now', 'agent']],
    ['money', ['money']],
    ['bills', ['bills', 'bill']],
    ['market', ['market', 'round']],
    ['community', ['community']],
    ['explorer', ['explorer', 'block', 'transaction']],
];

interface ShellProps {
    readonly session: Session;
    readonly onLanguage: (language: Language) => void;
}

/** What stands around every page: skip link, who is logged in, navigation, settings, the state of the connection. */
export function Shell({ session, onLanguage }: ShellProps): JSX.Element {
    const { t } = useWords();
    useEffect(() => {
        performance.mark('interactive'); // For whoever measures.
    }, []);
    const place = usePlace();
    const Page = place === undefined ? NotFoundPage : PAGES[place.page];
    const key = place === undefined ? 'none' : `${place.page} ${Object.values(place.parts).join(' ')}`;
    return (
        <>
            <a class="skip" href="#main">
                {t('shell.skip')}
            </a>
            <header class="top">
                <Link to={pathTo('now')} class="brand">
                    {session.community}
                </Link>
                <p class="who">
                    <span class="quiet">{t('shell.home')}</span> {session.household}
                </p>
                <Settings onLanguage={onLanguage} />
                <SignOut session={session} />
            </header>
            <Sections page={place?.page} />
            <main id="main" tabIndex={-1}>
                <Page key={key} place={place ?? NOWHERE} />
            </main>
            <footer class="bottom">
                <LiveNote />
            </footer>
        </>
    );
}

const NOWHERE: Place = { page: 'now', parts: {}, query: new URLSearchParams() };

function Sections({ page }: { readonly page: PageName | undefined }): JSX.Element {
    const { t } = useWords();
    return (
        <nav class="sections" aria-label={t('shell.pages')}>
            <ul>
                {SECTIONS.map(([name, pages]) => (
                    <li key={name}>
                        <Link
                            to={pathTo(name)}
                            aria-current={page !== undefined && pages.includes(page) ? 'page' : undefined}
                        >
                            <Icon name={name} />
                            <span>{t(`nav.${name}`)}</span>
                        </Link>
                    </li>
                ))}
            </ul>
        </nav>
    );
}

function SignOut({ session }: { readonly session: Session }): JSX.Element {
    const { t } = useWords();
    const { onSignedOut } = useContext(AppContext);
    const signOut = (): void => {
        // The server forgets the session; where it cannot be reached the session ends by itself.
        call('DELETE', 'session', { csrfToken: session.csrfToken }).then(onSignedOut, onSignedOut);
    };
    return (
        <button type="button" class="plain" onClick={signOut}>
            {t('shell.signOut')}
        </button>
    );
}

function LiveNote(): JSX.Element {
    const { t } = useWords();
    const { live } = useContext(AppContext);
    const [state, setState] = useState(live.state);
    useEffect(() => {
        setState(live.state);
        return live.watch(setState);
    }, [live]);
    const texts: Readonly<Record<typeof state, ComponentChildren>> = {
        connecting: t('shell.connecting'),
        live: t('shell.live'),
        lost: t('shell.lost'),
    };
    return (
        <p class={`live ${state}`} role="status">
            {texts[state]}
        </p>
    );
}
