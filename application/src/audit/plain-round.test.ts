import { describe, expect, it } from '@jest/globals';
import { plainRound, type PlainOrder, type PlainTerms } from './plain-round';

const OPEN: PlainTerms = {
    retail: 1_000_000n,
    feedIn: -1_000_000n,
    gridFee: 0n,
    communityFee: 0n,
    k: { numerator: 1n, denominator: 2n },
};

/** `3000@28 2000@22 / 2500@8`: bids, then asks. */
function orders(text: string): PlainOrder[] {
    const sides = text.split(' / ').map((side) => side.split(' ').map((each) => each.split('@')));
    return sides.flatMap((side, index) =>
        side.map(([wh = '', limit = ''], position): PlainOrder => {
            const name = `${index === 0 ? 'b' : 's'}${position + 1}`;
            return {
                name,
                owner: name,
                side: index === 0 ? 'buy' : 'sell',
                wh: BigInt(wh),
                limit: BigInt(limit),
                salt: position.toString(16).padStart(64, index === 0 ? 'a' : 'b'),
            };
        }),
    );
}

const units = (...limits: number[]): string => limits.map((limit) => `1@${limit}`).join(' ');

describe('the plain auction gives the results of the worked vectors', () => {
    it.each([
        { id: 'AUC-1', book: '1@3 2@4 5@1 / 4@2 1@1 5@6', volume: 3n, price: 2n },
        { id: 'AUC-5', book: `${units(1, 2, 3, 4, 5, 6, 7)} / ${units(1, 2, 3, 4, 5, 6, 7)}`, volume: 4n, price: 4n },
        { id: 'AUC-7', book: `${units(1, 2, 3, 4, 5, 6, 7)} / ${units(2, 3, 3, 5, 6, 7, 8)}`, volume: 3n, price: 4n },
        {
            id: 'AUC-8',
            book: `${units(1, 2, 3, 4, 10, 10, 10)} / ${units(10, 10, 10, 10, 10, 10, 10)}`,
            volume: 3n,
            price: 10n,
        },
        { id: 'AUC-9', book: `${units(5, 5, 5, 5, 5, 5, 5)} / ${units(1, 2, 5, 5, 5, 6, 7)}`, volume: 5n, price: 5n },
        {
            id: 'AUC-12',
            book: '3000@28 2000@22 1000@22 2500@15 / 2500@8 1500@12 1000@20 4000@24',
            volume: 5000n,
            price: 22n,
        },
        {
            id: 'AUC-13',
            book: '3000@28 2000@22 1000@22 2500@15 / 2500@8 3500@12 1000@20 4000@24',
            volume: 6000n,
            price: 17n,
        },
        { id: 'AUC-14', book: '1000@30 / 700@10 700@10 700@10', volume: 1000n, price: 10n },
    ])('$id', ({ book, volume, price }) => {
        expect(plainRound(orders(book), OPEN)).toMatchObject({ volume, price });
    });

    it('AUC-12 order by order', () => {
        const { fills } = plainRound(orders('3000@28 2000@22 1000@22 2500@15 / 2500@8 1500@12 1000@20 4000@24'), OPEN);
        expect(Object.fromEntries([...fills].filter(([, wh]) => wh > 0n))).toEqual({
            b1: 3000n,
            b2: 1333n,
            b3: 667n,
            s1: 2500n,
            s2: 1500n,
            s3: 1000n,
        });
    });

    it('AUC-14: one of three equal asks gets the last watt-hour', () => {
        const { fills } = plainRound(orders('1000@30 / 700@10 700@10 700@10'), OPEN);
        expect(['s1', 's2', 's3'].map((name) => fills.get(name) ?? 0n).sort()).toEqual([333n, 333n, 334n]);
    });
});

describe('the plain auction keeps to the grid', () => {
    const terms: PlainTerms = { ...OPEN, retail: 300n, feedIn: 80n, gridFee: 40n, communityFee: 30n };
    it.each([
        { why: 'between the tariffs', book: '100@230 / 100@80', price: 155n },
        { why: 'at feed-in or above where nobody else sets the lower end', book: '100@200 / 200@10', price: 80n },
        { why: 'at retail less fees or below', book: '200@400 / 100@80', price: 230n },
    ])('$why', ({ book, price }) => {
        expect(plainRound(orders(book), terms).price).toBe(price);
    });

    it('trades nothing where feed-in is above retail less fees', () => {
        expect(plainRound(orders('1@290 / 1@80'), { ...terms, feedIn: 231n }).volume).toBe(0n);
    });
});
