import { describe, expect, it } from '@jest/globals';
import { manipulation, type Liar } from './manipulation';

describe.each(['generator', 'buyer'] satisfies Liar[])('a %s that lies', (liar) => {
    it('gains in a small community, at the cost of the other side and of all together', async () => {
        const alone = await manipulation(liar, 1);
        expect(alone.liarGains).toBeGreaterThan(0);
        expect(alone.otherSideGains).toBeLessThan(-alone.liarGains);
        expect(alone.welfareLoss).toBeGreaterThan(0);
    });

    it('gains less the larger the community is', async () => {
        const gains = await Promise.all([1, 3, 10].map(async (pairs) => (await manipulation(liar, pairs)).liarGains));
        expect([...gains].sort((a, b) => b - a)).toEqual(gains);
        expect(gains[2]).toBeLessThan((gains[0] ?? 0) / 5);
    });

    it('moves the price no further than to the tariffs', async () => {
        const { price } = await manipulation(liar, 1);
        expect(price).toBeGreaterThanOrEqual(0.1 - 1e-3);
        expect(price).toBeLessThanOrEqual(0.3 + 1e-3);
    });
});
