import type { Money, MoneyPeriod } from '@commonwatt/application/server/schemas/money';
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Chart } from '../charts/chart';
import type { Plot } from '../charts/plot';
import { Choice } from '../parts/choice';
import { Card, Facts, Page, type Fact } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';
import type { Formats } from '../words/formats';
import type { Translate } from '../words/translate';

type By = Money['by'];
const NANOS = 1_000_000_000;

/** What was paid, earned and saved against the grid's tariff, by day and by month. */
export function MoneyPage(): JSX.Element {
    const { t } = useWords();
    const [by, setBy] = useState<By>('day');
    const resource = useResource<Money>(`money?by=${by}`, ['bill']);
    return (
        <Page title={t('money.title')}>
            <Choice
                label={t('money.by')}
                value={by}
                options={[
                    ['day', t('money.byDay')],
                    ['month', t('money.byMonth')],
                ]}
                onChange={setBy}
            />
            <Shown resource={resource}>
                {(money) => (money.total === null ? <Empty>{t('money.none')}</Empty> : <MoneyShown money={money} />)}
            </Shown>
        </Page>
    );
}

function MoneyShown({ money: { by, periods, total, account } }: { readonly money: Money }): JSX.Element {
    const { t, f } = useWords();
    const name = ({ from, to }: MoneyPeriod): string => (by === 'month' ? f.month(from) : f.days(from, to));
    return (
        <>
            {total !== null && (
                <Card title={t('money.sum', { days: f.days(total.from, total.to) })}>
                    <Facts facts={totalFacts(total, t, f)} />
                    {total.provisional && <p class="tag">{t('money.provisional')}</p>}
                </Card>
            )}
            {account !== null && (
                <Card title={t('money.account')}>
                    <Facts
                        facts={[
                            { label: t('money.available'), value: f.money(account.availableNanos) },
                            { label: t('money.reserved'), value: f.money(account.reservedNanos) },
                        ]}
                    />
                </Card>
            )}
            <Card title={t('money.over')}>
                <Over periods={periods} name={name} />
            </Card>
        </>
    );
}

function totalFacts(total: MoneyPeriod, t: Translate, f: Formats): Fact[] {
    const saved = BigInt(total.savedNanos);
    return [
        { label: t('money.due'), value: f.money(total.dueNanos) },
        { label: t('money.tariff'), value: f.money(total.tariffDueNanos) },
        {
            label: saved < 0n ? t('money.lost') : t('money.saved'),
            value: f.money(saved < 0n ? -saved : saved),
            tone: saved < 0n ? 'bad' : 'good',
        },
        {
            label: t('money.paid'),
            value: f.money(total.paidNanos),
            note: f.energy(BigInt(total.boughtWh) + BigInt(total.importedWh)),
        },
        {
            label: t('money.earned'),
            value: f.money(total.earnedNanos),
            note: f.energy(BigInt(total.soldWh) + BigInt(total.exportedWh)),
        },
        { label: t('money.charges'), value: f.money(total.chargesNanos) },
    ];
}

interface OverProps {
    readonly periods: readonly MoneyPeriod[];
    readonly name: (period: MoneyPeriod) => string;
}

function Over({ periods, name }: OverProps): JSX.Element {
    const { t, f } = useWords();
    const plot = useMemo(() => moneyPlot(periods, name, t, f), [periods, t, f]);
    const table = (
        <Table
            caption={t('money.over')}
            rows={periods}
            keyOf={({ from }) => from}
            columns={[
                { title: t('money.period'), cell: name },
                { title: t('money.taken'), isNumber: true, cell: ({ takenWh }) => f.energy(takenWh) },
                { title: t('money.given'), isNumber: true, cell: ({ givenWh }) => f.energy(givenWh) },
                { title: t('money.paid'), isNumber: true, cell: ({ paidNanos }) => f.money(paidNanos) },
                { title: t('money.earned'), isNumber: true, cell: ({ earnedNanos }) => f.money(earnedNanos) },
                { title: t('money.due'), isNumber: true, cell: ({ dueNanos }) => f.money(dueNanos) },
                { title: t('money.tariff'), isNumber: true, cell: ({ tariffDueNanos }) => f.money(tariffDueNanos) },
                { title: t('money.saved'), isNumber: true, cell: ({ savedNanos }) => f.money(savedNanos) },
            ]}
        />
    );
    return <Chart title={t('money.savedOver')} summary={t('money.chartSummary')} plot={plot} table={table} />;
}

/** The newest come first in lists, and last in charts. */
function moneyPlot(periods: readonly MoneyPeriod[], name: OverProps['name'], t: Translate, f: Formats): Plot {
    const inTime = periods.toSorted((one, other) => (one.from < other.from ? -1 : 1));
    const values = (of: (period: MoneyPeriod) => string): number[] => inTime.map((each) => Number(of(each)) / NANOS);
    return {
        x: inTime.map((_, index) => index),
        series: [
            { label: t('money.due'), kind: 'bars', tone: 'one', values: values(({ dueNanos }) => dueNanos) },
            {
                label: t('money.tariff'),
                kind: 'line',
                tone: 'two',
                values: values(({ tariffDueNanos }) => tariffDueNanos),
            },
        ],
        formatX: (index) => {
            const period = inTime[index];
            return period === undefined ? '' : name(period);
        },
        formatY: (amount) => f.axisMoney(amount),
    };
}
