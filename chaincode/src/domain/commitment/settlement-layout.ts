import type { MarketPrices } from '../market-prices';
import { ALL_HOUSEHOLDS, householdAccount } from '../postings';
import type { DaySettlement } from '../settlement/position';
import type { Components } from './pedersen';

/** What a settlement's commitment holds, and in which places. Part of every generator's name: never changed, only followed by another. */
export const SETTLEMENT_LAYOUT = 'settlement/v1';

/**
 * The places of a settlement's commitment (docs/concepts/commitments.md); `i` is the slot's position in the day, from 0:
 *
 * - `metered/i`: what the meter saw, Wh, positive towards the grid: the reading, agreed on by household and grid operator;
 * - `traded/i`: sold less bought, and given less taken under contracts with storage, Wh: the fills;
 * - `short/i`: what was missing of the traded energy, Wh (the deviation where it is negative, without its sign);
 * - `bought/k`: what was bought in all slots of the day that have the k-th pair of fees, Wh: see `feeBands`;
 * - `received/k`: what was received as a buyer under contracts in these slots;
 * - `account/a`: what the account `a` received or (negative) paid, in nanos; `account/households` is the household's own,
 *   one place for all of them, so that their sum can be told and no single one.
 */
export function settlementComponents({ slots, postings, mspId }: DaySettlement): Components {
    const components = new Map<string, bigint>();
    const bands = feeBands(slots.map(({ prices }) => prices));
    for (const [i, each] of slots.entries()) {
        const { metered, sold, bought, contracted = 0n, received = 0n, deviation } = each;
        components.set(`metered/${i}`, metered);
        components.set(`traded/${i}`, sold - bought + contracted);
        components.set(`short/${i}`, deviation < 0n ? 0n - deviation : 0n);
        const add = (name: string, energy: bigint): void => {
            const component = `${name}/${bands.bandOf[i] ?? 0}`;
            components.set(component, (components.get(component) ?? 0n) + energy);
        };
        add('bought', bought);
        add('received', received);
    }
    for (const { account, amount } of postings) {
        components.set(`account/${account === householdAccount(mspId) ? ALL_HOUSEHOLDS : account}`, amount);
    }
    return components;
}

export interface FeeBands {
    /** Each pair of fees that a kWh bought locally costs on the day, in order of first appearance. */
    readonly bands: readonly Pick<MarketPrices, 'gridFee' | 'communityFee'>[];
    /** For each slot the position of its pair. */
    readonly bandOf: readonly number[];
}

/** What is bought in a single slot is told only where many trade in it; by the fees of a day it must add up. */
export function feeBands(prices: readonly MarketPrices[]): FeeBands {
    const bands: MarketPrices[] = [];
    const bandOf = prices.map((each) => {
        const isSame = (band: MarketPrices): boolean =>
            band.gridFee === each.gridFee && band.communityFee === each.communityFee;
        const known = bands.findIndex(isSame);
        return known === -1 ? bands.push(each) - 1 : known;
    });
    return { bands, bandOf };
}
