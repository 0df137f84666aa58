import type { Now, SlotPrice } from '@commonwatt/application/server/schemas/now';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { EventKind } from '../api/live';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Chart } from '../charts/chart';
import { EnergyFlowPicture, flowText } from '../charts/energy-flow';
import { Journal } from '../parts/journal';
import { Card, Facts, Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';
import { pricePlot, statusText } from './prices';

const EVENTS: readonly EventKind[] = ['round', 'bill', 'agent'];
const NONE: readonly EventKind[] = [];

/** Where energy goes, what it costs now and next, and what the agent does about it. */
export function NowPage({ place }: PageProps): JSX.Element {
    const { t } = useWords();
    const asked = place.query.get('slot');
    const slot = asked !== null && /^\d{1,10}$/.test(asked) ? asked : null;
    // What was does not change; what is does.
    const resource = useResource<Now>(slot === null ? 'now' : `now?slot=${slot}`, slot === null ? EVENTS : NONE);
    return (
        <Page title={t('now.title')}>
            <Shown resource={resource}>
                {(now) =>
                    now.day === null ? <Empty>{t('now.noDay')}</Empty> : <NowShown now={now} isPast={slot !== null} />
                }
            </Shown>
        </Page>
    );
}

interface ShownProps {
    readonly now: Now;
    readonly isPast: boolean;
}

function NowShown({ now, isPast }: ShownProps): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <p class="lead">
                {now.slot === null ? f.day(now.day ?? '') : f.slotDayAndTime(now.slot)}
                {now.replay && <span class="tag">{t('now.replay')}</span>}
            </p>
            {now.slot !== null && <Steps slot={Number(now.slot)} isPast={isPast} />}
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

/** A quarter of an hour back or on, and back to now. */
function Steps({ slot, isPast }: { readonly slot: number; readonly isPast: boolean }): JSX.Element {
    const { t } = useWords();
    const to = (other: number): string => `${pathTo('now')}?slot=${other}`;
    return (
        <nav class="actions" aria-label={t('now.otherTimes')}>
            <Link to={to(slot - 1)} class="button">
                {t('now.earlier')}
            </Link>
            {isPast && (
                <>
                    <Link to={to(slot + 1)} class="button">
                        {t('now.later')}
                    </Link>
                    <Link to={pathTo('now')} class="button">
                        {t('now.toNow')}
                    </Link>
                </>
            )}
        </nav>
    );
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
