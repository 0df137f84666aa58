import { beforeAll, describe, expect, it } from '@jest/globals';
import { TRANSACTIONS } from '../api/transactions';
import { DSO, FIRST, household, NOW, order, TestCommunity } from '../testing/community';
import { parseRefusal } from '../domain/refusals';
import { CHAINCODES } from './chaincodes';

const H1 = household(1);
let community: TestCommunity;

beforeAll(async () => {
    community = await TestCommunity.trading(3);
});

const refused = async (
    name: string,
    args: readonly string[],
    transient: Record<string, unknown> = {},
): Promise<string | undefined> => {
    const error: unknown = await community.network
        .endorse(name, args, { by: H1, endorsers: [H1, DSO], transient, time: NOW })
        .catch((thrown: unknown) => thrown);
    expect(community.network.hasWritten).toBe(false);
    return error instanceof Error ? parseRefusal(error.message)?.code : undefined;
};

describe('arguments', () => {
    const slot = (text: string): string[] => [`{"slot":${text}}`];
    it.each([
        { what: 'none', args: [] },
        { what: 'two', args: ['{"slot":"1"}', '{}'] },
        { what: 'no JSON', args: ['slot=1'] },
        { what: 'nothing', args: [''] },
        { what: 'null', args: ['null'] },
        { what: 'a list', args: ['[]'] },
        { what: 'an unknown field', args: ['{"slot":"1","price":"1"}'] },
        { what: 'a missing field', args: ['{}'] },
        { what: 'a JSON number', args: slot('1') },
        { what: 'a leading zero', args: slot('"01"') },
        { what: 'an exponent', args: slot('"1e3"') },
        { what: 'minus zero', args: slot('"-0"') },
        { what: 'a plus', args: slot('"+1"') },
        { what: 'a blank', args: slot('" 1"') },
        { what: 'hexadecimal', args: slot('"0x1"') },
        { what: 'a fraction', args: slot('"1.0"') },
        { what: '2^64', args: slot('"18446744073709551616"') },
        { what: 'a negative slot', args: slot('"-1"') },
        { what: 'nothing in it', args: slot('""') },
        { what: 'digits of another script', args: slot('"١"') },
    ])('refuse $what as MALFORMED', async ({ args }) => {
        expect(await refused('auction:closeRound', args)).toBe('MALFORMED');
    });

    it('refuse what is too large before it is parsed', async () => {
        expect(await refused('auction:closeRound', [`{"slot":"1"${' '.repeat(64 * 1024)}}`])).toBe('TOO_LARGE');
    });

    it.each(Object.keys(TRANSACTIONS))('%s refuses what it does not take', async (name) => {
        expect(await refused(name, ['{"unknown":"1"}'])).toBe('MALFORMED');
    });
});

describe('private inputs', () => {
    const args = [JSON.stringify({ orders: [{ slot: FIRST.toString(), id: 'o1' }], to: [H1] })];
    const given = order({ mspId: H1, slot: FIRST });

    it.each([
        { code: 'TRANSIENT_MISSING', transient: {} },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: Buffer.from('no JSON') } },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: [{ ...given, energyWh: '01' }] } },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: [{ ...given, energyWh: 2n ** 64n }] } },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: [{ ...given, energyWh: -1n }] } },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: [{ ...given, salt: 'ab' }] } },
        { code: 'TRANSIENT_MALFORMED', transient: { openings: [{ ...given, secret: '1' }] } },
        { code: 'TOO_LARGE', transient: { openings: Buffer.alloc(16 * 1024 * 1024 + 1, ' ') } },
    ])('are refused with $code', async ({ code, transient }) => {
        expect(await refused('auction:revealOrders', args, transient)).toBe(code);
    });

    it('that may be left out are refused where they are no JSON, not taken as left out', async () => {
        const period = [JSON.stringify({ mspId: H1, from: '2014-10-03', to: '2014-10-03' })];
        const bill = { settlements: [], salt: '00'.repeat(32), readings: [], corrections: Buffer.from('no JSON') };
        expect(await refused('billing:draftBill', period, bill)).toBe('TRANSIENT_MALFORMED');
    });

    it('are never quoted in a refusal', async () => {
        const transient = { openings: [{ ...given, 'the price is 4711': '1', limit: '4711x' }] };
        const request = { by: H1, endorsers: [H1, DSO], transient, time: NOW };
        await expect(community.network.endorse('auction:revealOrders', args, request)).rejects.not.toThrow(/4711/);
    });
});

describe('the catalogue', () => {
    it('lists what the contracts have, and nothing else', () => {
        const found = Object.entries(CHAINCODES).flatMap(([chaincode, contracts]) =>
            contracts.flatMap((Contract) =>
                Object.getOwnPropertyNames(Contract.prototype)
                    .filter((verb) => verb !== 'constructor')
                    .map((verb) => `${chaincode} ${new Contract().getName()}:${verb}`),
            ),
        );
        const listed = Object.values(TRANSACTIONS).map(({ chaincode, name }) => `${chaincode} ${name}`);
        expect(found.sort()).toEqual(listed.sort());
    });

    it.each(Object.entries(TRANSACTIONS))('names %s as its key does', (name, specification) => {
        expect(specification.name).toBe(name satisfies string);
        expect(new Set(specification.refusals).size).toBe(specification.refusals.length);
    });
});
