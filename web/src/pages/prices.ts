import type { SlotPrice } from '@commonwatt/application/server/schemas/now';
import type { Plot } from '../charts/plot';
import type { Formats } from '../words/formats';
import type { Translate } from '../words/translate';

const MICROS = 1_000_000;
const asNumber = (micros: string): number => Number(micros) / MICROS;

type Priced = Pick<SlotPrice, 'slot' | 'price' | 'retail' | 'feedIn'>;

/** Prices over time: the neighbours' between what the grid takes and gives. */
export function pricePlot(prices: readonly Priced[], t: Translate, f: Formats): Plot {
    return {
        x: prices.map(({ slot }) => Number(slot)),
        series: [
            {
                label: t('market.localPrice'),
                kind: 'steps',
                tone: 'one',
                values: prices.map(({ price }) => (price === null ? null : asNumber(price))),
            },
            {
                label: t('now.retail'),
                kind: 'steps',
                tone: 'two',
                values: prices.map(({ retail }) => asNumber(retail)),
            },
            {
                label: t('now.feedIn'),
                kind: 'steps',
                tone: 'three',
                values: prices.map(({ feedIn }) => asNumber(feedIn)),
            },
        ],
        formatX: (slot) => f.slotTime(Math.round(slot)),
        formatY: (price) => f.axisMoney(price),
    };
}

const STATUS = {
    open: 'market.open',
    closed: 'market.closed',
    cleared: 'market.noTrade',
    void: 'market.void',
    scheduled: 'market.scheduled',
} as const;

/** Why a slot has no price of its own. */
export const statusText = (status: SlotPrice['status'], t: Translate): string => t(STATUS[status]);
