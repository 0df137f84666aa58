import { createHash } from 'node:crypto';
import { fraction, microsPerKwh, wattHours } from '../../domain/quantity';
import type { Order, RoundRules, Side } from '../../domain/auction/order';

/** No grid, no floor, no cap, k = 1/2. */
export const OPEN_MARKET: RoundRules = { k: fraction(1n, 2n), grid: 'none' };

/** A salt that a test can tell again: not random, but different for each name. */
export const saltOf = (name: string): string => createHash('sha256').update(`salt of ${name}`).digest('hex');

/** The rules of a market whose grid pays `feedIn` and sells, fees taken off, at `highest`. */
export const between = (feedIn: bigint, highest: bigint): RoundRules => ({
    ...OPEN_MARKET,
    grid: { lowest: microsPerKwh(feedIn), highest: microsPerKwh(highest) },
});

/** `1@3 2@4` as bids b1, b2 or asks a1, a2, each of a member of its own. Decimals are taken `times` energy or price. */
export function side(name: Side, text: string, times: { energy?: number; price?: number } = {}): Order[] {
    const prefix = name === 'buy' ? 'b' : 'a';
    return text
        .split(' ')
        .filter((word) => word !== '')
        .map((word, i) => {
            const [, energy, limit] = /^([\d.]+)@(-?[\d.]+)$/.exec(word) ?? [];
            if (energy === undefined || limit === undefined) {
                throw new Error(`not an order: ${word}`);
            }
            const id = `${prefix}${i + 1}`;
            return {
                id,
                member: `member of ${id}`,
                side: name,
                energy: wattHours(scaled(energy, times.energy)),
                limit: microsPerKwh(scaled(limit, times.price)),
                salt: saltOf(id),
            };
        });
}

/** `book('3000@28 2000@22', '2500@8')`: bids, then asks. */
export function book(bids: string, asks: string, times: { energy?: number; price?: number } = {}): Order[] {
    return [...side('buy', bids, times), ...side('sell', asks, times)];
}

const scaled = (text: string, times = 1): bigint => BigInt(Math.round(Number(text) * times));
