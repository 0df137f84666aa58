import type { Now, SlotPrice } from '@commonwatt/application/server/schemas/now';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import { Chart } from '../charts/chart';
import { EnergyFlowPicture, flowText } from '../charts/energy-flow';
import { Journal } from '../parts/journal';
import { Card, Facts, Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';
import { pricePlot, statusText } from './prices';

/** Where energy goes, what it costs now and next, and what the agent does about it. */
export function NowPage(): JSX.Element {
    const { t } = useWords();
    const resource = useResource<Now>('now', ['round', 'bill', 'agent']);
    return (
        <Page title={t('now.title')}>
            <Shown resource={resource}>
                {(now) => (now.day === null ? <Empty>{t('now.noDay')}</Empty> : <NowShown now={now} />)}
            </Shown>
        </Page>
    );
}

function NowShown({ now }: { readonly now: Now }): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <p class="lead">
                {now.slot === null ? f.day(now.day ?? '') : f.slotDayAndTime(now.slot)}
                {now.replay && <span class="tag">{t('now.replay')}</span>}
            </p>
            <div class="columns">
                <Card title={t('now.flow')}>
                    {now.flow === null ? <Empty>{t('now.noReading')}</Empty> : <Flow flow={now.flow} />}
                </Card>
                <div>
                    <Card title={t('now.price')}>
                        {now.price === null ? <Empty>{t('now.noPrice')}</Empty> : <PriceNow price={now.price} />}
                    </Card>
                    {now.today !== null && <Today today={now.today} />}
                    <Card title={t('now.agent')}>
                        <AgentState state={now.agent} />
                        <Journal entries={whatMatters(now.journal)} />
                        <p>
                            <Link to={pathTo('agent')}>{t('now.agentMore')}</Link>
                        </p>
                    </Card>
                </div>
            </div>
            <Card title={t('now.next')}>
                {now.next.length === 0 ? <Empty>{t('now.noNext')}</Empty> : <NextPrices prices={now.next} />}
            </Card>
        </>
    );
}

/** What it orders and why, and what came of it; the steps between are for the page of the agent. */
const STEPS: readonly Now['journal'][number]['kind'][] = ['opened', 'read', 'roundClosed', 'roundCleared', 'elected'];
const AT_MOST = 4;

function whatMatters(journal: Now['journal']): Now['journal'] {
    const main = journal.filter(({ kind }) => !STEPS.includes(kind));
    return (main.length === 0 ? journal : main).slice(0, AT_MOST);
}

function Flow({ flow }: { readonly flow: NonNullable<Now['flow']> }): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <EnergyFlowPicture flow={flow} />
            <p class="quiet">{flowText(flow, t, f)}</p>
            {flow.readingKind === 'estimated' && <p class="tag">{t('now.estimated')}</p>}
        </>
    );
}

function PriceNow({ price }: { readonly price: SlotPrice }): JSX.Element {
    const { t, f } = useWords();
    const { retail, feedIn, fees } = price;
    const local = price.price === null ? undefined : BigInt(price.price) + BigInt(fees);
    return (
        <>
            <p class="big">{local === undefined ? statusText(price.status, t) : f.price(local)}</p>
            <p class="quiet">
                {local === undefined ? t('now.onlyGrid') : t('now.priceParts', { fees: f.price(fees) })}
            </p>
            <Facts
                facts={[
                    { label: t('now.retail'), value: f.price(retail) },
                    { label: t('now.feedIn'), value: f.price(feedIn) },
                ]}
            />
        </>
    );
}

function Today({ today }: { readonly today: NonNullable<Now['today']> }): JSX.Element {
    const { t, f } = useWords();
    return (
        <Card title={t('now.today')}>
            <Facts
                facts={[
                    { label: t('money.paid'), value: f.money(today.paidNanos) },
                    { label: t('money.earned'), value: f.money(today.earnedNanos) },
                    { label: t('money.saved'), value: f.money(today.savedNanos), tone: 'good' },
                ]}
            />
        </Card>
    );
}

function AgentState({ state }: { readonly state: Now['agent'] }): JSX.Element {
    const { t, f } = useWords();
    if (state === null) {
        return <p class="quiet">{t('now.agentNever')}</p>;
    }
    return (
        <p class={state.trouble === null ? 'quiet' : 'failed-text'}>
            {state.trouble === null
                ? t('now.agentSince', { time: f.timeOfDay(state.at) })
                : t('now.agentTrouble', { time: f.timeOfDay(state.at) })}
        </p>
    );
}

function NextPrices({ prices }: { readonly prices: readonly SlotPrice[] }): JSX.Element {
    const { t, f } = useWords();
    const plot = useMemo(() => pricePlot(prices, t, f), [prices, t, f]);
    const [first, last] = [prices[0], prices.at(-1)];
    const summary = t('now.nextSummary', {
        from: f.slotTime(first?.slot ?? '0'),
        to: f.slotTime(Number(last?.slot ?? '0') + 1),
    });
    return (
        <Chart
            title={t('now.nextPrices')}
            summary={summary}
            plot={plot}
            table={
                <Table
                    caption={t('now.nextPrices')}
                    rows={prices}
                    keyOf={({ slot }) => slot}
                    columns={[
                        { title: t('market.time'), cell: ({ slot }) => f.slotSpan(slot) },
                        {
                            title: t('market.localPrice'),
                            isNumber: true,
                            cell: ({ price, status }) => (price === null ? statusText(status, t) : f.price(price)),
                        },
                        { title: t('now.retail'), isNumber: true, cell: ({ retail }) => f.price(retail) },
                        { title: t('now.feedIn'), isNumber: true, cell: ({ feedIn }) => f.price(feedIn) },
                    ]}
                />
            }
        />
    );
}
