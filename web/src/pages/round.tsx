import type { RoundDetail } from '@commonwatt/application/server/schemas/market';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Link } from '../app/navigation';
import { pathTo } from '../app/routes';
import type { PageProps } from '../app/shell';
import { Card, Facts, Page, type Fact } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import type { Formats } from '../words/formats';
import { reasonText } from '../words/journal-text';
import type { Translate } from '../words/translate';
import { OrdersTable } from './orders';
import { statusText } from './prices';
import { CurveShown } from './round-curve';

/** One quarter hour of the market. */
export function RoundPage({ place }: PageProps): JSX.Element {
    const { t, f } = useWords();
    const slot = place.parts['slot'] ?? '';
    const resource = useResource<RoundDetail>(`market/rounds/${encodeURIComponent(slot)}`, ['round']);
    const isSlot = /^\d{1,10}$/.test(slot);
    return (
        <Page title={isSlot ? t('market.roundOf', { time: f.slotDayAndTime(slot) }) : t('market.round')}>
            <p>
                <Link to={pathTo('market')}>{t('market.title')}</Link>
            </p>
            <Shown resource={resource}>{(round) => <RoundShown round={round} />}</Shown>
        </Page>
    );
}

function RoundShown({ round }: { readonly round: RoundDetail }): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <Card title={t('market.result')}>
                <Facts facts={factsOf(round, t, f)} />
                {round.note !== null && <p>{round.note}</p>}
                {round.droppedFor.map(({ reason, orders }) => (
                    <p key={reason}>{t('market.dropped', { count: f.count(orders), reason: reasonText(reason, t) })}</p>
                ))}
                {round.transaction !== null && (
                    <p>
                        <Link to={pathTo('transaction', { id: round.transaction })}>{t('market.proof')}</Link>
                    </p>
                )}
            </Card>
            <Card title={t('market.curve')}>
                <CurveShown round={round} />
            </Card>
            <Card title={t('market.own')}>
                {round.own.length === 0 ? <Empty>{t('market.noOrders')}</Empty> : <OrdersTable orders={round.own} />}
            </Card>
        </>
    );
}

const factsOf = (round: RoundDetail, t: Translate, f: Formats): Fact[] => [
    {
        label: t('market.localPrice'),
        value: round.price === null ? statusText(round.status, t) : f.price(round.price),
    },
    {
        label: t('market.volume'),
        value: round.volumeWh === null ? t('market.notTold') : f.energy(round.volumeWh),
    },
    { label: t('market.orders'), value: round.orders === null ? '–' : f.count(round.orders) },
    { label: t('market.rule'), value: round.mechanism },
    { label: t('now.retail'), value: f.price(round.retail) },
    { label: t('now.feedIn'), value: f.price(round.feedIn) },
    { label: t('market.fees'), value: f.price(round.fees) },
];
