import { describe, expect, it } from '@jest/globals';
import { encode } from '@commonwatt/chaincode/api/wire';
import { secretsIn, shared, textsIn } from './secrets';

const SALT = 'ab'.repeat(32);
const SIGNATURE = `${'Qk'.repeat(46)}0A==`;
const RECORD = {
    key: 'order/001938640/H1MSP/o1',
    slot: 1_938_640n,
    energyWh: 217_137n,
    limit: -170_003n,
    salt: SALT,
    signature: SIGNATURE,
    spans: [{ fromSlot: 1_938_640n, slots: 1n, startWh: 1_000_011_111n }],
    lines: [{ price: 165_000n, rounds: [1_938_640n, 1_938_641n], amountNanos: -35_000_000_000n }],
};
const SECRETS = ['217137', '170003', SALT, SIGNATURE, '1000011111', '35000000000'];

describe('what is looked for', () => {
    it('is every figure, salt and signature of a record, and nothing that is public', () => {
        expect([...secretsIn(RECORD)].sort()).toEqual([...SECRETS].sort());
    });
});

describe('what is found', () => {
    it.each([
        [
            'a record among bytes',
            Buffer.concat([Buffer.from([0, 255, 7]), Buffer.from(encode(RECORD)), Buffer.from([9])]),
        ],
        ['a record in a string of JSON', Buffer.from(JSON.stringify({ payload: encode(RECORD) }))],
        ['words of a log', Buffer.from(`took ${SECRETS.join(', ')}.\n`)],
    ])('is all of it in %s', (_, bytes) => {
        expect(shared(new Set(SECRETS), textsIn(bytes)).sort()).toEqual([...SECRETS].sort());
    });

    it('is no part of a longer number or word', () => {
        const bytes = Buffer.from('"12171370","a217137","3.217137","217137Wh"');
        expect(shared(new Set(['217137']), textsIn(bytes))).toEqual([]);
    });
});
