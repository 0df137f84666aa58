import { describe, expect, it } from '@jest/globals';
import { pathTo, placeOf } from './routes';

describe('paths', () => {
    it.each([
        { path: '/', page: 'now', parts: {} },
        { path: '/bills', page: 'bills', parts: {} },
        { path: '/bills/2025-04-01_2025-04-30', page: 'bill', parts: { id: '2025-04-01_2025-04-30' } },
        { path: '/market/1938680', page: 'round', parts: { slot: '1938680' } },
        { path: '/explorer/blocks/7', page: 'block', parts: { number: '7' } },
        { path: '/explorer/transactions/%3Cb%3E', page: 'transaction', parts: { id: '<b>' } },
        { path: '/explorer/transactions/%', page: 'transaction', parts: { id: '%' } },
    ])('$path leads to $page', ({ path, page, parts }) => {
        expect(placeOf(path)).toMatchObject({ page, parts });
    });

    it.each(['/nothing', '/bills/', '/bills/a/b', '//', '/explorer/blocks'])('%s leads nowhere', (path) => {
        expect(placeOf(path)).toBeUndefined();
    });

    it('are made of their parts, whatever stands in them', () => {
        const id = 'a/b?c#d <e>';
        expect(placeOf(pathTo('transaction', { id }))).toMatchObject({ page: 'transaction', parts: { id } });
    });
});
