import type { Journal as JournalAnswer, Preferences } from '@commonwatt/application/server/schemas/agent';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Card, Page } from '../parts/page';
import { Journal } from '../parts/journal';
import { Shown } from '../parts/states';
import { PreferencesForm } from './preferences';

/** What the home wants, and what its agent did by that and why. */
export function AgentPage(): JSX.Element {
    const { t } = useWords();
    const preferences = useResource<Preferences>('preferences');
    return (
        <Page title={t('agent.title')}>
            <Card title={t('agent.preferences')}>
                <Shown resource={preferences}>{(known) => <PreferencesForm known={known} />}</Shown>
            </Card>
            <Card title={t('agent.journal')}>
                <Entries before={null} />
            </Card>
        </Page>
    );
}

/** Each part of the journal brings the next older one when it is asked for. */
function Entries({ before }: { readonly before: string | null }): JSX.Element {
    const { t } = useWords();
    const [isMore, setMore] = useState(false);
    const path = `agent/journal?limit=50${before === null ? '' : `&before=${before}`}`;
    const resource = useResource<JournalAnswer>(path, before === null && !isMore ? ['agent'] : []);
    return (
        <Shown resource={resource}>
            {(journal) => (
                <>
                    <Journal entries={journal.entries} />
                    {journal.before !== null &&
                        (isMore ? (
                            <Entries before={journal.before} />
                        ) : (
                            <button
                                type="button"
                                onClick={() => {
                                    setMore(true);
                                }}
                            >
                                {t('agent.older')}
                            </button>
                        ))}
                </>
            )}
        </Shown>
    );
}
