import { describe, expect, it } from '@jest/globals';
import { newsOf } from './news';

describe('what pages are told of a fact', () => {
    it.each(['RoundClosed', 'RoundCleared', 'RoundVoided'])('is the round of %s', (type) => {
        const fact = JSON.stringify({ type, day: '2014-10-03', slot: '1570080', more: 'x' });
        expect(newsOf({ type, fact })).toEqual({ name: 'round', day: '2014-10-03', slot: 1_570_080 });
    });

    it('is the bill of its household', () => {
        const bill = { mspId: 'H1MSP', from: '2014-10-01', to: '2014-10-31' };
        const fact = JSON.stringify({ type: 'BillIssued', ...bill });
        expect(newsOf({ type: 'BillIssued', fact })).toEqual({ name: 'bill', ...bill });
    });

    it.each([
        { what: 'of another kind', type: 'OrderSubmitted', fact: '{"day":"2014-10-03","slot":"1570080"}' },
        { what: 'without a kind', type: null, fact: '{"day":"2014-10-03","slot":"1570080"}' },
        { what: 'that says nothing', type: 'RoundClosed', fact: '{"type":"RoundClosed"}' },
        { what: 'with a long day', type: 'RoundClosed', fact: `{"day":"${'9'.repeat(100_000)}","slot":"1"}` },
        { what: 'with a slot that is none', type: 'RoundVoided', fact: '{"day":"2014-10-03","slot":"-1"}' },
        { what: 'with a number for a slot', type: 'RoundCleared', fact: '{"day":"2014-10-03","slot":1}' },
        { what: 'with lists in lists', type: 'RoundClosed', fact: '['.repeat(100_000) + ']'.repeat(100_000) },
        { what: 'with a prototype', type: 'RoundClosed', fact: '{"__proto__":{"day":"2014-10-03","slot":"1"}}' },
        { what: 'that is null', type: 'RoundClosed', fact: 'null' },
        { what: 'that is no JSON', type: 'BillIssued', fact: '{' },
        { what: 'of a bill of nobody', type: 'BillIssued', fact: '{"from":"2014-10-01","to":"2014-10-31"}' },
        { what: 'of a bill of no days', type: 'BillIssued', fact: '{"mspId":"H1MSP","from":"<b>","to":"x"}' },
    ])('is nothing of one $what', ({ type, fact }) => {
        expect(newsOf({ type, fact })).toBeUndefined();
    });
});
