import type { PriceHistory, Rounds, RoundSummary } from '@commonwatt/application/server/schemas/market';
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { go, Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Chart } from '../charts/chart';
import type { Plot } from '../charts/plot';
import { Card, Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';
import type { Formats } from '../words/formats';
import type { Translate } from '../words/translate';
import { OrdersTable } from './orders';
import { pricePlot, statusText } from './prices';
import { RoundCurve } from './round-curve';

/** Prices and volumes of a day's rounds, the newest curve, the home's own orders, and until when orders are taken. */
export function MarketPage({ place }: PageProps): JSX.Element {
    const { t } = useWords();
    const day = place.query.get('day');
    const path = day === null ? 'market/rounds' : `market/rounds?day=${encodeURIComponent(day)}`;
    const resource = useResource<Rounds>(path, ['round']);
    return (
        <Page title={t('market.title')}>
            <Shown resource={resource}>
                {(rounds) =>
                    rounds.day === null ? (
                        <Empty>{t('market.none')}</Empty>
                    ) : (
                        <MarketShown rounds={rounds} day={rounds.day} />
                    )
                }
            </Shown>
        </Page>
    );
}

function MarketShown({
    rounds: { rounds, days, gate, replay },
    day,
}: {
    readonly rounds: Rounds;
    readonly day: string;
}): JSX.Element {
    const { t, f } = useWords();
    const newest = rounds.findLast(({ status, price }) => status === 'cleared' && price !== null);
    const own = rounds.flatMap((round) => round.own);
    return (
        <>
            <p class="lead">
                {f.day(day)}
                {replay && <span class="tag">{t('now.replay')}</span>}
            </p>
            {days.length > 1 && <DayChoice day={day} days={days} />}
            {gate !== null && <Countdown slot={gate.slot} closesAt={Number(gate.closesAt)} />}
            <Card title={t('market.history')}>
                <History day={day} />
            </Card>
            {newest !== undefined && (
                <Card title={t('market.newest', { time: f.slotSpan(newest.slot) })}>
                    <RoundCurve slot={newest.slot} />
                    <p>
                        <Link to={pathTo('round', { slot: newest.slot })}>{t('market.more')}</Link>
                    </p>
                </Card>
            )}
            <Card title={t('market.own')}>
                {own.length === 0 ? <Empty>{t('market.noOrders')}</Empty> : <OrdersTable orders={own.toReversed()} />}
            </Card>
            <Card title={t('market.rounds')}>
                <RoundsTable rounds={rounds} />
            </Card>
        </>
    );
}

function DayChoice({ day, days }: { readonly day: string; readonly days: readonly string[] }): JSX.Element {
    const { t, f } = useWords();
    return (
        <p class="field inline">
            <label for="day">{t('market.day')}</label>
            <select
                id="day"
                value={day}
                onChange={({ currentTarget }) => {
                    go(`${pathTo('market')}?day=${encodeURIComponent(currentTarget.value)}`);
                }}
            >
                {days.map((each) => (
                    <option key={each} value={each}>
                        {f.day(each)}
                    </option>
                ))}
            </select>
        </p>
    );
}

const TICK_MS = 1_000;

/** The time that is left, to be seen; screen readers are told the end once, not every second. */
function Countdown({ slot, closesAt }: { readonly slot: string; readonly closesAt: number }): JSX.Element {
    const { t, f } = useWords();
    const left = (): number => Math.max(0, closesAt - Math.floor(Date.now() / TICK_MS));
    const [seconds, setSeconds] = useState(left);
    useEffect(() => {
        setSeconds(left());
        const timer = setInterval(() => {
            setSeconds(left());
        }, TICK_MS);
        return () => {
            clearInterval(timer);
        };
    }, [closesAt]);
    const digits = (n: number): string => String(n).padStart(2, '0');
    return (
        <section class="card countdown" aria-label={t('market.gate')}>
            <p>{t('market.gateOf', { time: f.slotSpan(slot), end: f.timeOfDay(closesAt) })}</p>
            <p class="big" role="timer" aria-live="off">
                {digits(Math.floor(seconds / 60))}:{digits(seconds % 60)}
            </p>
        </section>
    );
}

function History({ day }: { readonly day: string }): JSX.Element {
    const { t, f } = useWords();
    const resource = useResource<PriceHistory>(`market/prices?from=${day}&to=${day}`, ['round']);
    return (
        <Shown resource={resource}>
            {({ prices }) =>
                prices.length === 0 ? (
                    <Empty>{t('market.noPrices')}</Empty>
                ) : (
                    <HistoryShown prices={prices} f={f} t={t} />
                )
            }
        </Shown>
    );
}

interface HistoryProps {
    readonly prices: PriceHistory['prices'];
    readonly t: Translate;
    readonly f: Formats;
}

function HistoryShown({ prices, t, f }: HistoryProps): JSX.Element {
    const plot = useMemo(() => pricePlot(prices, t, f), [prices, t, f]);
    const volumes = useMemo(() => volumePlot(prices, t, f), [prices, t, f]);
    const known = prices.flatMap(({ price }) => (price === null ? [] : [BigInt(price)]));
    const [low, high] = [known.reduce(least, known[0] ?? 0n), known.reduce(most, known[0] ?? 0n)];
    const table = (
        <Table
            caption={t('market.history')}
            rows={prices}
            keyOf={({ slot }) => slot}
            columns={[
                { title: t('market.time'), cell: ({ slot }) => f.slotSpan(slot) },
                {
                    title: t('market.localPrice'),
                    isNumber: true,
                    cell: ({ price }) => (price === null ? '–' : f.price(price)),
                },
                {
                    title: t('market.volume'),
                    isNumber: true,
                    cell: ({ volumeWh }) => (volumeWh === null ? t('market.notTold') : f.energy(volumeWh)),
                },
            ]}
        />
    );
    const summary =
        known.length === 0
            ? t('market.noTradeAtAll')
            : t('market.historySummary', { count: f.count(known.length), low: f.price(low), high: f.price(high) });
    return (
        <>
            <Chart title={t('market.prices')} summary={summary} plot={plot} table={table} />
            {prices.some(({ volumeWh }) => volumeWh !== null) ? (
                <Chart title={t('market.volumes')} summary={t('market.volumeSummary')} plot={volumes} table={table} />
            ) : (
                <Empty>{t('market.noVolumes')}</Empty>
            )}
        </>
    );
}

const least = (one: bigint, other: bigint): bigint => (other < one ? other : one);
const most = (one: bigint, other: bigint): bigint => (other > one ? other : one);
const WH_PER_KWH = 1_000;

function volumePlot(prices: PriceHistory['prices'], t: Translate, f: Formats): Plot {
    return {
        x: prices.map(({ slot }) => Number(slot)),
        series: [
            {
                label: t('market.volume'),
                kind: 'bars',
                tone: 'one',
                values: prices.map(({ volumeWh }) => (volumeWh === null ? null : Number(volumeWh) / WH_PER_KWH)),
            },
        ],
        formatX: (slot) => f.slotTime(Math.round(slot)),
        formatY: (energy) => f.axisEnergy(energy),
    };
}

function RoundsTable({ rounds }: { readonly rounds: readonly RoundSummary[] }): JSX.Element {
    const { t, f } = useWords();
    return (
        <Table
            caption={t('market.rounds')}
            rows={rounds}
            keyOf={({ slot }) => slot}
            columns={[
                {
                    title: t('market.time'),
                    cell: ({ slot }) => <Link to={pathTo('round', { slot })}>{f.slotSpan(slot)}</Link>,
                },
                {
                    title: t('market.localPrice'),
                    isNumber: true,
                    cell: ({ price, status }) => (price === null ? statusText(status, t) : f.price(price)),
                },
                {
                    title: t('market.volume'),
                    isNumber: true,
                    cell: ({ volumeWh, status }) =>
                        volumeWh === null ? (status === 'cleared' ? t('market.notTold') : '–') : f.energy(volumeWh),
                },
                {
                    title: t('market.orders'),
                    isNumber: true,
                    cell: ({ orders }) => (orders === null ? '–' : f.count(orders)),
                },
            ]}
        />
    );
}
