import type { Blocks } from '@commonwatt/application/server/schemas/explorer';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { go, Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';

const AT_ONCE = 30;

/** The public record as it is: blocks, the newest first. */
export function ExplorerPage({ place }: PageProps): JSX.Element {
    const { t } = useWords();
    const before = place.query.get('before');
    const isNewest = before === null || !/^\d+$/.test(before);
    const path = `explorer/blocks?limit=${AT_ONCE}${isNewest ? '' : `&before=${before}`}`;
    const resource = useResource<Blocks>(path, isNewest ? ['block'] : []);
    return (
        <Page title={t('explorer.title')}>
            <p>{t('explorer.about')}</p>
            <Find />
            <Shown resource={resource}>
                {(blocks) =>
                    blocks.blocks.length === 0 ? <Empty>{t('explorer.none')}</Empty> : <List list={blocks} />
                }
            </Shown>
        </Page>
    );
}

function Find(): JSX.Element {
    const { t } = useWords();
    const find = (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }): void => {
        event.preventDefault();
        const wanted = new FormData(event.currentTarget).get('wanted');
        const text = typeof wanted === 'string' ? wanted.trim() : '';
        if (text !== '') {
            go(/^\d{1,10}$/.test(text) ? pathTo('block', { number: text }) : pathTo('transaction', { id: text }));
        }
    };
    return (
        <form class="field inline" role="search" onSubmit={find}>
            <label for="wanted">{t('explorer.find')}</label>
            <input id="wanted" name="wanted" type="search" autocomplete="off" spellcheck={false} />
            <button type="submit">{t('explorer.go')}</button>
        </form>
    );
}

function List({ list: { blocks, before } }: { readonly list: Blocks }): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <Table
                caption={t('explorer.blocks')}
                rows={blocks}
                keyOf={({ number }) => number}
                columns={[
                    {
                        title: t('explorer.block'),
                        cell: ({ number }) => <Link to={pathTo('block', { number })}>{f.count(number)}</Link>,
                    },
                    { title: t('explorer.time'), cell: ({ at }) => (at === null ? '–' : f.moment(at)) },
                    {
                        title: t('explorer.transactions'),
                        isNumber: true,
                        cell: ({ transactions, isConfiguration }) =>
                            isConfiguration ? t('explorer.configuration') : f.count(transactions),
                    },
                    { title: t('explorer.invalid'), isNumber: true, cell: ({ invalid }) => f.count(invalid) },
                    { title: t('explorer.producer'), cell: ({ producer }) => producer ?? '–' },
                    { title: t('explorer.hash'), cell: ({ hash }) => <code>{hash.slice(0, 12)}…</code> },
                ]}
            />
            {before !== null && (
                <p>
                    <Link to={`${pathTo('explorer')}?before=${before}`}>{t('explorer.older')}</Link>
                </p>
            )}
        </>
    );
}
