import type { Terms } from '@commonwatt/chaincode/api/records';
import type { Preferences } from '../household/decide';
import type { AgentPreferences, Source } from './preferences';

/** What a kWh from the supplier costs at the meter, and what is added to a kWh of neighbours. Micros per kWh. */
export type Prices = Pick<Terms, 'retail' | 'gridFee' | 'communityFee'>;

/**
 * The worst prices at which the home's orders may be filled. Neighbours' energy that stands before the grid may cost what the home has stated; behind
 * the grid it is taken where it is cheaper than the grid by a micro at least.
 */
export function orderLimits(
    { buyUpTo, sellFrom, sources }: Pick<AgentPreferences, 'buyUpTo' | 'sellFrom' | 'sources'>,
    { retail, gridFee, communityFee }: Prices,
): Preferences {
    const cheaperThanGrid = retail - gridFee - communityFee - 1n;
    const isBehind = stands(sources, 'grid') < stands(sources, 'local');
    return {
        buyLimit: isBehind && cheaperThanGrid < buyUpTo ? cheaperThanGrid : buyUpTo,
        sellLimit: sellFrom,
    };
}

const stands = (sources: readonly Source[], source: Source): number => sources.indexOf(source);
