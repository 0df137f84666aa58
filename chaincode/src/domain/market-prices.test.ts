import { describe, expect, it } from '@jest/globals';
import { gridBounds } from './market-prices';
import { microsPerKwh } from './quantity';

const prices = (retail: bigint, feedIn: bigint) => ({
    retail: microsPerKwh(retail),
    feedIn: microsPerKwh(feedIn),
    gridFee: microsPerKwh(4n),
    communityFee: microsPerKwh(3n),
});

describe('gridBounds', () => {
    it.each([
        { retail: 30n, feedIn: 8n, bounds: { lowest: 8n, highest: 23n }, why: 'feed-in and retail less fees' },
        { retail: 15n, feedIn: 8n, bounds: { lowest: 8n, highest: 8n }, why: 'one price is still a price' },
        { retail: 14n, feedIn: 8n, bounds: undefined, why: 'no price is worth it for both sides' },
        { retail: 3n, feedIn: -9n, bounds: { lowest: -9n, highest: -4n }, why: 'prices may be negative' },
    ])('retail $retail, feed-in $feedIn: $why', ({ retail, feedIn, bounds }) => {
        expect(gridBounds(prices(retail, feedIn))).toEqual(bounds);
    });
});
