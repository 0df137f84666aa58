import type { RoundRecord } from '@commonwatt/chaincode/api/records';
import { kilowattHours, price } from './decimal';

const STATUS: Readonly<Record<RoundRecord['status'], string>> = {
    open: 'takes orders',
    closed: 'is closed and waits to be cleared',
    cleared: 'is cleared',
    void: 'is void',
};

/** What the channel says of a round. Who ordered what, and what became of it, only the orders' owners can read. */
export function roundText(round: RoundRecord, day: string, time: string, currency: string): string {
    const { slot, status, closed = [], dropped = [], reason } = round;
    return [
        `The round of ${day} ${time} (slot ${slot}) ${STATUS[status]}.`,
        ...(status === 'open' ? [] : [`Orders: ${closed.length}, of which dropped: ${dropped.length}.`]),
        ...(status === 'cleared' ? [tradeText(round, currency)] : []),
        ...(reason === undefined ? [] : [`Reason: ${reason}`]),
    ].join('\n');
}

function tradeText({ price: at, volumeWh, mechanism }: RoundRecord, currency: string): string {
    const isUniform = mechanism.startsWith('uniform-price/');
    if ((at === null || at === undefined) && isUniform) {
        return 'Nothing was traded.';
    }
    const volume =
        volumeWh === undefined
            ? 'the volume is not published, because fewer than three households stand on a side'
            : `${kilowattHours(volumeWh)} kWh were traded`;
    return at === null || at === undefined
        ? `No price for all, as each order has its own (${mechanism}), or nothing was traded; ${volume}.`
        : `Price${isUniform ? '' : ' of the buyers'}: ${price(at)} ${currency}/kWh; ${volume}.`;
}
