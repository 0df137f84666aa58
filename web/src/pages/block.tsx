import type { BlockDetail } from '@commonwatt/application/server/schemas/explorer';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Card, Facts, Page } from '../parts/page';
import { Shown } from '../parts/states';
import { Table } from '../parts/table';
import { codeText } from '../words/code-text';

/** One block: what it is tied to, and the transactions in it. */
export function BlockPage({ place }: PageProps): JSX.Element {
    const { t } = useWords();
    const number = place.parts['number'] ?? '';
    const resource = useResource<BlockDetail>(`explorer/blocks/${encodeURIComponent(number)}`);
    return (
        <Page title={t('explorer.blockOf', { number })}>
            <p>
                <Link to={pathTo('explorer')}>{t('explorer.title')}</Link>
            </p>
            <Shown resource={resource}>{(block) => <BlockShown block={block} />}</Shown>
        </Page>
    );
}

function BlockShown({ block }: { readonly block: BlockDetail }): JSX.Element {
    const { t, f } = useWords();
    const number = Number(block.number);
    return (
        <>
            <Card title={t('explorer.facts')}>
                <Facts
                    facts={[
                        { label: t('explorer.time'), value: block.at === null ? '–' : f.moment(block.at) },
                        { label: t('explorer.producer'), value: block.producer ?? t('explorer.nobody') },
                        { label: t('explorer.bytes'), value: f.count(block.bytes) },
                        { label: t('explorer.hash'), value: <code>{block.hash}</code> },
                        { label: t('explorer.previous'), value: <code>{block.previousHash}</code> },
                        { label: t('explorer.data'), value: <code>{block.dataHash}</code> },
                    ]}
                />
                <p>
                    {number > 0 && <Link to={pathTo('block', { number: number - 1 })}>{t('explorer.before')}</Link>}{' '}
                    <Link to={pathTo('block', { number: number + 1 })}>{t('explorer.after')}</Link>
                </p>
            </Card>
            <Card title={t('explorer.transactions')}>
                <Table
                    caption={t('explorer.transactions')}
                    rows={block.list}
                    keyOf={({ position }) => position}
                    columns={[
                        {
                            title: t('explorer.transaction'),
                            cell: ({ id }) =>
                                id === '' ? (
                                    t('explorer.configuration')
                                ) : (
                                    <Link to={pathTo('transaction', { id })}>
                                        <code>{id.slice(0, 12)}…</code>
                                    </Link>
                                ),
                        },
                        { title: t('explorer.function'), cell: ({ function: name }) => name ?? '–' },
                        { title: t('explorer.creator'), cell: ({ creator }) => creator ?? '–' },
                        {
                            title: t('explorer.verdict'),
                            isText: true,
                            cell: ({ code, isValid }) => (
                                <span class={isValid ? 'good' : 'bad'}>{codeText(code, t)}</span>
                            ),
                        },
                    ]}
                />
            </Card>
        </>
    );
}
