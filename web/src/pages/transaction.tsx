import type { LedgerWrite, TransactionDetail } from '@commonwatt/application/server/schemas/explorer';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Card, Facts, Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { codeText } from '../words/code-text';

/** One transaction: who made it, who endorsed it, what peers said, what it wrote; of private values their hashes. */
export function TransactionPage({ place }: PageProps): JSX.Element {
    const { t } = useWords();
    const id = place.parts['id'] ?? '';
    const resource = useResource<TransactionDetail>(`explorer/transactions/${encodeURIComponent(id)}`);
    return (
        <Page title={t('explorer.transaction')}>
            <p>
                <Link to={pathTo('explorer')}>{t('explorer.title')}</Link>
            </p>
            <Shown resource={resource}>{(transaction) => <TransactionShown transaction={transaction} />}</Shown>
        </Page>
    );
}

function TransactionShown({ transaction }: { readonly transaction: TransactionDetail }): JSX.Element {
    const { t, f } = useWords();
    const { id, block, at, creator, chaincode, endorsers, code, isValid } = transaction;
    return (
        <>
            <Card title={transaction.function ?? t('explorer.configuration')}>
                <p class={isValid ? 'good' : 'bad'}>{codeText(code, t)}</p>
                <Facts
                    facts={[
                        { label: t('explorer.id'), value: <code>{id}</code> },
                        {
                            label: t('explorer.block'),
                            value: <Link to={pathTo('block', { number: block })}>{f.count(block)}</Link>,
                        },
                        { label: t('explorer.time'), value: at === null ? '–' : f.moment(at) },
                        { label: t('explorer.creator'), value: creator ?? '–' },
                        { label: t('explorer.chaincode'), value: chaincode ?? '–' },
                        {
                            label: t('explorer.endorsers'),
                            value: endorsers.length === 0 ? t('explorer.nobody') : endorsers.join(', '),
                        },
                    ]}
                />
            </Card>
            <Card title={t('explorer.writes')}>
                <p class="quiet">
                    {t('explorer.writesCount', {
                        open: f.count(transaction.publicWrites),
                        hidden: f.count(transaction.privateWrites),
                    })}
                </p>
                {transaction.writes.length === 0 ? (
                    <Empty>{t('explorer.noWrites')}</Empty>
                ) : (
                    <ul class="writes">
                        {transaction.writes.map((write, index) => (
                            <li key={index}>
                                <Write write={write} />
                            </li>
                        ))}
                    </ul>
                )}
            </Card>
            <Texts title={t('explorer.arguments')} texts={transaction.arguments} />
            <Texts
                title={t('explorer.events')}
                texts={transaction.events.map(({ type, fact }) => `${type ?? ''} ${fact}`)}
            />
        </>
    );
}

function Write({ write }: { readonly write: LedgerWrite }): JSX.Element {
    const { t } = useWords();
    if (write.isPrivate) {
        return (
            <>
                <p>{t('explorer.privateWrite', { collection: write.collection })}</p>
                <dl class="pairs">
                    <dt>{t('explorer.keyHash')}</dt>
                    <dd>
                        <code>{write.keyHash}</code>
                    </dd>
                    <dt>{t('explorer.valueHash')}</dt>
                    <dd>
                        <code>{write.valueHash ?? t('explorer.deleted')}</code>
                    </dd>
                </dl>
            </>
        );
    }
    const key = Object.entries(write.key).map(([name, part]) => `${name} ${part}`);
    return (
        <details>
            <summary>
                <strong>{write.kind ?? write.chaincode}</strong> {key.join(', ')}
                {write.setsPolicy && <span class="tag">{t('explorer.setsPolicy')}</span>}
            </summary>
            <pre tabIndex={0}>{write.value === null ? t('explorer.deleted') : readable(write.value)}</pre>
        </details>
    );
}

function Texts({ title, texts }: { readonly title: string; readonly texts: readonly string[] }): JSX.Element | null {
    return texts.length === 0 ? null : (
        <Card title={title}>
            <ul class="writes">
                {texts.map((text, index) => (
                    <li key={index}>
                        <pre tabIndex={0}>{readable(text)}</pre>
                    </li>
                ))}
            </ul>
        </Card>
    );
}

/** JSON over several lines; anything else as it is. */
function readable(text: string): string {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    } catch {
        return text;
    }
}
