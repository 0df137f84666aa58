import type { JournalEntry } from '@commonwatt/application/server/schemas/agent';
import type { JSX } from 'preact';
import { useWords } from '../app/context';
import { journalText } from '../words/journal-text';
import { Empty } from './states';

/** What the agent did, the newest first, in sentences. */
export function Journal({ entries }: { readonly entries: readonly JournalEntry[] }): JSX.Element {
    const { t, f } = useWords();
    if (entries.length === 0) {
        return <Empty>{t('agent.nothing')}</Empty>;
    }
    return (
        <ol class="journal">
            {entries.map((entry) => (
                <li key={entry.sequence} class={entry.kind === 'trouble' || entry.kind === 'refused' ? 'bad' : ''}>
                    <time dateTime={new Date(Number(entry.at) * 1000).toISOString()}>{f.moment(entry.at)}</time>
                    <p>{journalText(entry, t, f)}</p>
                </li>
            ))}
        </ol>
    );
}
