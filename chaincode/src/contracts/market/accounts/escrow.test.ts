import { beforeEach, describe, expect, it } from '@jest/globals';
import { escrowKey, escrowReceiptKey } from '../../../api/keys';
import type { Escrow } from '../../../api/records';
import { encodeBytes } from '../../../api/wire';
import { bothPolicy, escrowPolicy } from '../../../ledger/market-policies';
import { DSO, FIRST, household, ownerKey, TestCommunity } from '../../../testing/community';
import { signedEscrow, TestAccount, withBank } from '../../../testing/market/money';
import { compositeKey } from '../../../testing/memory-network';
import { placeOf } from '../../../testing/memory-stub';
import { escrowEnd } from './escrow-rows';

const [BUYER, SELLER, STRANGER] = [household(1), household(2), household(3)];
const held: Omit<Escrow, 'signature'> = {
    contract: 'c1',
    buyer: BUYER,
    seller: SELLER,
    amountNanos: 30n,
    feeNanos: 2n,
    slot: FIRST + 40,
    charterVersion: 4,
    status: 'held',
};
const row = signedEscrow(held);
const ENDERS = [DSO, BUYER, SELLER];

let community: TestCommunity;
let seller: TestAccount;
let buyer: TestAccount;

beforeEach(async () => {
    community = await TestCommunity.trading(3);
    await withBank(community);
    seller = new TestAccount(community, SELLER);
    buyer = new TestAccount(community, BUYER);
});

/** As buying does, or as modified chaincode of the grid operator and another household would. */
async function written(escrow: Escrow, by: readonly string[], policy?: Uint8Array): Promise<void> {
    const charter = await community.query('charter:document', {});
    const { type, parts } = escrowKey(escrow.contract, escrow.buyer);
    const place = placeOf('market', compositeKey(type, parts));
    const policies = new Map([[place, policy ?? escrowPolicy(charter, held)]]);
    const writes = new Map([[place, encodeBytes(escrow)]]);
    const { contract, buyer } = escrow;
    for (const receiver of [buyer, escrow.seller]) {
        const receipt = escrowReceiptKey(contract, buyer, receiver);
        const at = placeOf('market', compositeKey(receipt.type, receipt.parts));
        writes.set(at, encodeBytes({ contract, buyer, receiver }));
        policies.set(at, bothPolicy(charter, receiver));
    }
    expect(community.network.forge({ writes, policies }, by)).toBe('VALID');
}

describe('what has left escrow', () => {
    it.each([
        { status: 'paid' as const, receiver: () => seller, other: () => buyer, amount: 28n },
        { status: 'refunded' as const, receiver: () => buyer, other: () => seller, amount: 30n },
    ])('when it is $status goes to one of the two, once', async ({ status, receiver, other, amount }) => {
        await written({ ...row, status }, ENDERS);
        const ended = { ...row, status };
        expect(await other().refusal('accounts:takeIn', {}, { escrows: [ended] })).toBe('ESCROW_OPEN');
        expect(await receiver().submit('accounts:takeIn', {}, { escrows: [ended] })).toMatchObject({
            availableNanos: amount,
            turnover: { receivedNanos: amount },
        });
        expect(await receiver().refusal('accounts:takeIn', {}, { escrows: [ended] })).toBe('ESCROW_TAKEN');
        const escrows = await community.query('accounts:escrows', {});
        expect(escrows).toEqual([{ escrow: ended, isTakenIn: true }]);
    });

    it('is not taken in twice by two transactions at once, nor twice by one', async () => {
        const ended = { ...row, status: 'paid' as const };
        await written(ended, ENDERS);
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [ended, ended] })).toBe('OPENING_UNKNOWN');
        const one = await seller.endorse('accounts:takeIn', {}, { escrows: [ended] });
        const other = await seller.endorse('accounts:takeIn', {}, { escrows: [ended] });
        expect(community.network.commit(one, [SELLER, DSO])).toBe('VALID');
        expect(community.network.commit(other, [SELLER, DSO])).toBe('MVCC_READ_CONFLICT');
    });

    it('stays where it is while it is held, and where there is none', async () => {
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [row] })).toBe('ESCROW_UNKNOWN');
        await written(row, ENDERS);
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [row] })).toBe('ESCROW_OPEN');
        expect(await buyer.refusal('accounts:takeIn', {}, { escrows: [row] })).toBe('ESCROW_OPEN');
    });
});

describe('nobody makes money by an escrow', () => {
    it('that its buyer has not signed', async () => {
        const forged = { ...signedEscrow(held, ownerKey(STRANGER)), status: 'paid' as const };
        await written(forged, [DSO, STRANGER]);
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [forged] })).toBe('SIGNATURE_INVALID');
    });

    it.each([
        { what: 'another amount', change: { amountNanos: 31n } },
        { what: 'a smaller fee', change: { feeNanos: 0n } },
        { what: 'another slot', change: { slot: FIRST + 41 } },
    ])('for $what than its buyer has signed', async ({ change }) => {
        const forged = { ...row, ...change, status: 'paid' as const };
        await written(forged, [DSO, STRANGER]);
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [forged] })).toBe('SIGNATURE_INVALID');
    });

    it('that stands under another policy, or under the key of another', async () => {
        const charter = await community.query('charter:document', {});
        const ended = { ...row, status: 'paid' as const };
        await written(ended, [DSO, STRANGER], bothPolicy(charter, SELLER));
        expect(await seller.refusal('accounts:takeIn', {}, { escrows: [ended] })).toBe('KEY_POLICY_WRONG');
    });

    it('that the grid operator ends with one of its parties alone', async () => {
        await written(row, ENDERS);
        const { type, parts } = escrowKey(row.contract, row.buyer);
        const writes = new Map([
            [placeOf('market', compositeKey(type, parts)), encodeBytes({ ...row, status: 'paid' })],
        ]);
        for (const endorsers of [[DSO], [DSO, SELLER], [SELLER, STRANGER], [DSO, STRANGER]]) {
            // The committee has the buyer and the seller as its seats here: both with the operator are a quorum, too.
            expect(community.network.forge({ writes }, endorsers)).toBe('ENDORSEMENT_POLICY_FAILURE');
        }
        expect(community.network.forge({ writes }, ENDERS)).toBe('VALID');
    });

    it('that has ended already', () => {
        expect(escrowEnd(row, 'refunded')).toEqual({ ...row, status: 'refunded' });
        expect(() => escrowEnd({ ...row, status: 'paid' }, 'refunded')).toThrow('ESCROW_ENDED');
    });
});
