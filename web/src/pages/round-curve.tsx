import type { RoundDetail } from '@commonwatt/application/server/schemas/market';
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Chart } from '../charts/chart';
import { curvesOf } from '../charts/merit-order';
import type { Plot } from '../charts/plot';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';
import type { Formats } from '../words/formats';
import type { Translate } from '../words/translate';

const MICROS = 1_000_000;
const WH_PER_KWH = 1_000;

/** The merit-order curve of a round, asked for by itself. */
export function RoundCurve({ slot }: { readonly slot: string }): JSX.Element {
    const resource = useResource<RoundDetail>(`market/rounds/${slot}`, ['round']);
    return <Shown resource={resource}>{(round) => <CurveShown round={round} />}</Shown>;
}

/** What would be bought and sold at which price, and where the two meet. Says whose orders it shows. */
export function CurveShown({ round }: { readonly round: RoundDetail }): JSX.Element {
    const { t, f } = useWords();
    const plot = useMemo(() => curvePlot(round, t, f), [round, t, f]);
    const { bids, asks, knows } = round.curve;
    if (bids.length + asks.length === 0) {
        return <Empty>{t('market.noCurve')}</Empty>;
    }
    const rows = [
        ...bids.map((step) => ({ ...step, side: 'buy' as const })),
        ...asks.map((step) => ({ ...step, side: 'sell' as const })),
    ].map((step, index) => ({ ...step, index }));
    const table = (
        <Table
            caption={t('market.curve')}
            rows={rows}
            keyOf={({ index }) => index}
            columns={[
                { title: t('market.side'), cell: ({ side }) => t(side === 'buy' ? 'market.buy' : 'market.sell') },
                {
                    title: t('market.limit'),
                    isNumber: true,
                    cell: ({ limit }) => (limit === null ? t('market.anyPrice') : f.price(limit)),
                },
                { title: t('market.energy'), isNumber: true, cell: ({ energyWh }) => f.energy(energyWh) },
                { title: t('market.mine'), isNumber: true, cell: ({ ownWh }) => f.energy(ownWh) },
            ]}
        />
    );
    return (
        <>
            <Chart title={t('market.curve')} summary={summaryOf(round, t, f)} plot={plot} table={table} />
            <p class="quiet">{t(knows === 'whole' ? 'market.knowsAll' : 'market.knowsOwn')}</p>
        </>
    );
}

function curvePlot({ curve, price, volumeWh, retail, feedIn }: RoundDetail, t: Translate, f: Formats): Plot {
    const limits = [...curve.bids, ...curve.asks].flatMap(({ limit }) => (limit === null ? [] : [BigInt(limit)]));
    const highest = limits.reduce((one, other) => (other > one ? other : one), BigInt(retail));
    const lowest = limits.reduce((one, other) => (other < one ? other : one), BigInt(feedIn));
    const { x, bids, asks } = curvesOf(curve, { highest, lowest });
    const mark =
        price === null || volumeWh === null || curve.knows === 'own'
            ? undefined
            : { x: Number(volumeWh) / WH_PER_KWH, y: Number(price) / MICROS };
    return {
        x,
        series: [
            { label: t('market.bids'), kind: 'steps', tone: 'one', values: bids },
            { label: t('market.asks'), kind: 'steps', tone: 'two', values: asks },
        ],
        formatX: (energy) => f.axisEnergy(energy),
        formatY: (amount) => f.axisMoney(amount),
        mark,
    };
}

const summaryOf = ({ price, volumeWh }: RoundDetail, t: Translate, f: Formats): string =>
    price === null
        ? t('market.noCrossing')
        : t('market.crossing', {
              price: f.price(price),
              volume: volumeWh === null ? t('market.notTold') : f.energy(volumeWh),
          });
