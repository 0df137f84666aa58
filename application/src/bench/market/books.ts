import { sha256Hex } from '@commonwatt/chaincode/domain/digest';
import type { Order, RoundRules } from '@commonwatt/chaincode/domain/auction/order';
import { fraction, microsPerKwh, wattHours } from '@commonwatt/chaincode/domain/quantity';
import { between, randomNumbers } from '../../data/random';

/** The terms of the sample community, as a round sees them; keys for the rules that need them. */
const GRID = { lowest: microsPerKwh(80_000n), highest: microsPerKwh(230_000n) };
const LOT = wattHours(500n);
/** Limits are whole thousandths of a cent, so that in a large book some are equal. */
const STEP = 10;

/**
 * A round of so many orders, half bids and half asks, each of a member of its own: energies up to a quarter hour at 4 kW, limits on both
 * sides of the grid's bounds. The same for the same number.
 */
export function bookOf(orders: number, energy?: bigint): readonly Order[] {
    const random = randomNumbers(`book of ${orders}`);
    return Array.from({ length: orders }, (_, i): Order => {
        const isBid = i % 2 === 0;
        const [low, high] = isBid ? [100_000, 300_000] : [50_000, 220_000];
        const member = `H${i}MSP`;
        return {
            id: `${member}/o1`,
            member,
            side: isBid ? 'buy' : 'sell',
            energy: wattHours(energy ?? BigInt(1 + Math.floor(between(random, 0, 1000)))),
            limit: microsPerKwh(BigInt(STEP * Math.floor(between(random, low, high) / STEP))),
            salt: sha256Hex(member),
        };
    });
}

/** What a rule may need besides the book: every second member has a key; a matrix has a row of the first producers for each consumer. */
export function rulesFor(needs: 'nothing' | 'lot' | 'keys' | 'matrix', book: readonly Order[]): RoundRules {
    const rules: RoundRules = { k: fraction(1n, 2n), grid: GRID, floor: microsPerKwh(0n), cap: microsPerKwh(500_000n) };
    const members = (side: Order['side']): string[] => book.filter((o) => o.side === side).map(({ member }) => member);
    switch (needs) {
        case 'nothing':
            return rules;
        case 'lot':
            return { ...rules, lot: LOT };
        case 'keys':
            return { ...rules, keys: new Map(members('buy').map((member, i) => [member, BigInt(1 + (i % 7))])) };
        case 'matrix': {
            const producers = members('sell');
            const pairs = members('buy').map((consumer, i): [string, bigint] => [
                `${producers[i % producers.length] ?? ''}/${consumer}`,
                1n,
            ]);
            return { ...rules, keys: new Map(pairs) };
        }
    }
}

/** A book that a rule can clear: where every order is one lot, all have its energy. */
export const bookFor = (needs: 'nothing' | 'lot' | 'keys' | 'matrix', orders: number): readonly Order[] =>
    bookOf(orders, needs === 'lot' ? LOT : undefined);
