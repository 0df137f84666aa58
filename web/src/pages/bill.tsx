import type { Bill, BillEvidence } from '@commonwatt/application/server/schemas/bills';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { call } from '../api/client';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import type { BillResult } from '../check/check-bill';
import { Card, Facts, Page } from '../parts/page';
import { failureText, Shown } from '../parts/states';
import { Table } from '../parts/table';
import { BillLines } from './bill-lines';
import { CheckSummary } from './bill-check-summary';

/** One bill: what it asks for and why, where each figure comes from, and whether it is right. */
export function BillPage({ place }: PageProps): JSX.Element {
    const { t, f } = useWords();
    const id = place.parts['id'] ?? '';
    const resource = useResource<Bill>(`bills/${encodeURIComponent(id)}`, ['bill']);
    const [from = '', to = from] = id.split('_');
    const title = resource.state === 'ready' ? t('bill.title', { days: f.days(from, to) }) : t('bill.one');
    return (
        <Page title={title}>
            <p>
                <Link to={pathTo('bills')}>{t('bill.all')}</Link>
            </p>
            <Shown resource={resource}>{(bill) => <BillShown bill={bill} />}</Shown>
        </Page>
    );
}

type Check =
    | { readonly state: 'none' | 'busy' }
    | { readonly state: 'failed'; readonly error: unknown }
    | { readonly state: 'done'; readonly result: BillResult };

function BillShown({ bill }: { readonly bill: Bill }): JSX.Element {
    const { t, f } = useWords();
    const [check, setCheck] = useState<Check>({ state: 'none' });
    const path = `bills/${encodeURIComponent(bill.id)}`;
    const run = (): void => {
        setCheck({ state: 'busy' });
        checked(path).then(
            (result) => {
                setCheck({ state: 'done', result });
            },
            (error: unknown) => {
                setCheck({ state: 'failed', error });
            },
        );
    };
    const result = check.state === 'done' ? check.result : undefined;
    return (
        <>
            <Due bill={bill} result={result} />
            <p class="actions">
                <button type="button" class="primary" onClick={run} disabled={check.state === 'busy'}>
                    {check.state === 'busy' ? t('bill.checking') : t('bill.check')}
                </button>
                <a class="button" href={`/api/v1/${path}/pdf`} download>
                    {t('bill.pdf')}
                </a>
                <a class="button" href={`/api/v1/${path}/csv`} download>
                    {t('bill.csv')}
                </a>
            </p>
            <div role="status" aria-live="polite">
                {check.state === 'failed' && <p class="failed-text">{failureText(check.error, t)}</p>}
                {result !== undefined && <CheckSummary result={result} />}
            </div>
            <Card title={t('bill.lines')}>
                <BillLines bill={bill} result={result} />
            </Card>
            <Taxes bill={bill} result={result} />
            <Registers bill={bill} />
            <p class="quiet">
                {bill.issuedIn !== null && (
                    <Link to={pathTo('transaction', { id: bill.issuedIn })}>{t('bill.record')}</Link>
                )}{' '}
                {t('bill.signedBy', { who: t(bill.bill.signedBy === 'owner' ? 'bill.byHome' : 'bill.byOperator') })}{' '}
                {t('bill.exact', { amount: f.exactMoney(-BigInt(bill.bill.balanceNanos)) })}
            </p>
        </>
    );
}

/** The rules are loaded when they are asked for, so that the page itself is light. */
async function checked(path: string): Promise<BillResult> {
    const [evidence, { checkBill }] = await Promise.all([
        call<BillEvidence>('GET', `${path}/evidence`),
        import('../check/check-bill'),
    ]);
    return checkBill(evidence);
}

interface PartProps {
    readonly bill: Bill;
    readonly result?: BillResult | undefined;
}

function Due({ bill: { bill, paid, household }, result }: PartProps): JSX.Element {
    const { t, f } = useWords();
    const isOwed = BigInt(bill.dueMinor) >= 0n;
    const title = isOwed ? t('bill.toPay') : t('bill.toReceive');
    const isWrong = result !== undefined && !result.due.isSame;
    return (
        <section class={`due ${isWrong ? 'wrong' : ''}`} aria-label={title}>
            <p>
                {title}, {household}
            </p>
            <p class="big">{f.minor(isOwed ? bill.dueMinor : -BigInt(bill.dueMinor))}</p>
            {isWrong && <p class="failed-text">{t('check.workedOut', { amount: f.minor(result.due.worked) })}</p>}
            <p>
                {bill.provisional && <span class="tag">{t('bill.provisional')}</span>}
                {paid !== null && <PaidTag isPaid={paid} />}
            </p>
        </section>
    );
}

function PaidTag({ isPaid }: { readonly isPaid: boolean }): JSX.Element {
    const { t } = useWords();
    return <span class={`tag ${isPaid ? 'good' : 'bad'}`}>{isPaid ? t('bill.paid') : t('bill.unpaid')}</span>;
}

function Taxes({ bill: { bill }, result }: PartProps): JSX.Element | null {
    const { t, f } = useWords();
    if (bill.taxes.length === 0) {
        return null;
    }
    const isWrong = result !== undefined && !result.taxes.isSame;
    return (
        <Card title={t('bill.taxes')} class={isWrong ? 'wrong' : ''}>
            <Table
                caption={t('bill.taxes')}
                rows={bill.taxes}
                keyOf={({ on, ppm, netNanos }) => `${on} ${ppm} ${netNanos}`}
                columns={[
                    { title: t('bill.on'), cell: ({ on }) => t(on === 'bought' ? 'bill.onBought' : 'bill.onSold') },
                    { title: t('bill.rate'), isNumber: true, cell: ({ ppm }) => f.percent(ppm) },
                    { title: t('bill.net'), isNumber: true, cell: ({ netNanos }) => f.money(-BigInt(netNanos)) },
                    { title: t('bill.tax'), isNumber: true, cell: ({ taxMinor }) => f.minor(taxMinor) },
                ]}
            />
            {isWrong && <p class="failed-text">{t('check.workedOut', { amount: f.minor(result.taxes.worked) })}</p>}
        </Card>
    );
}

function Registers({ bill: { bill } }: PartProps): JSX.Element | null {
    const { t, f } = useWords();
    const { registers = [] } = bill;
    if (registers.length === 0) {
        return null;
    }
    const facts = registers.map(({ at, meterId, consumptionWh, generationWh }) => ({
        label: t(at === 'begin' ? 'bill.meterBegin' : 'bill.meterEnd', { meter: meterId }),
        value: t('bill.meterShows', { taken: f.energy(consumptionWh), given: f.energy(generationWh) }),
    }));
    return (
        <Card title={t('bill.meters')}>
            <Facts facts={facts} />
        </Card>
    );
}
