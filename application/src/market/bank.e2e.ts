import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Charter } from '@commonwatt/chaincode/api/records';
import { governorsNow } from '../community/admission';
import type { MemberAccess } from '../community/members';
import { TransactionRefused } from '../gateway/failures';
import { testNetwork, type TestNetwork } from '../testing/network';
import { Accounts, Bank } from './accounts';
import { Community, Governance } from './governance';

/** An organisation that is not the grid operator keeps the money: it sees what it has to pay out, and nobody's account. */
const BANK = 'H4';
const DEPOSIT = 1_234_567_890_123n;
/** What the supplier stated when it was the bank, in the demonstration's founding. */
const OPENING = 1_000_000_000_000n;
const ASKED = 777_000_000_000n;

let network: TestNetwork;
let charter: Charter;

beforeAll(async () => {
    network = await testNetwork(4, 16_550);
    const { members } = network;
    const community = new Community(members.operator.calls, await governorsNow(members));
    await community.assignRole('bank', members.member(BANK).calls.mspId);
    expect(await members.shared()).toEqual([]);
    charter = (await new Governance(members.operator.calls).charter()) ?? network.charter;
}, 300_000);
afterAll(() => network.stop(), 300_000);

const member = (id: string): MemberAccess => network.members.member(id);
const bankBy = (id: string): Bank => new Bank(member(id).calls, member(id).keys, charter);
const accountOf = (id: string): Accounts => new Accounts(member(id).calls, member(id).keys, charter);
/** What one organisation did is read at another's peer only once all have it. */
const settled = async (): Promise<void> => {
    expect(await network.members.shared()).toEqual([]);
};

async function refusalOf(action: Promise<unknown>): Promise<string> {
    try {
        await action;
    } catch (error) {
        return error instanceof TransactionRefused ? error.refusal.code : `another failure: ${String(error)}`;
    }
    return 'none';
}

describe('a bank that is an organisation of its own', () => {
    it('states what came in, once for a reference, and nobody else does, the supplier neither', async () => {
        await bankBy(BANK).deposit('H1MSP', 'r1', DEPOSIT);
        expect(await refusalOf(bankBy(BANK).deposit('H1MSP', 'r1', DEPOSIT))).toBe('STATEMENT_EXISTS');
        expect(await refusalOf(bankBy('DSO').deposit('H1MSP', 'r2', DEPOSIT))).toBe('FORBIDDEN');
        expect(await refusalOf(bankBy('H1').deposit('H1MSP', 'r2', DEPOSIT))).toBe('FORBIDDEN');
        await settled();
        await accountOf('H1').takeIn();
        expect((await accountOf('H1').money()).account?.turnover.depositedNanos).toBe(OPENING + DEPOSIT);
    }, 300_000);

    it('is told what it has to pay, and finds nothing of the account at its own peer', async () => {
        await settled();
        await accountOf('H1').withdraw('w1', ASKED);
        await settled();
        const { calls } = member(BANK);
        const seen = await calls.query('accounts:own', { mspId: 'H1MSP' });
        expect(seen).toMatchObject({ account: null, statements: [], withdrawals: [{ id: 'w1', amountNanos: ASKED }] });
        const holds = (await accountOf('H1').money()).account?.holds;
        expect(holds).toEqual([{ kind: 'withdrawal', subject: 'w1', amountNanos: ASKED }]);
        const other = member('H2').calls.query('accounts:own', { mspId: 'H1MSP' });
        expect(await refusalOf(other)).toBe('FORBIDDEN');
    }, 300_000);

    it('answers each withdrawal once; then the money is gone from the account, and nothing is reserved', async () => {
        const [asked, ...others] = await bankBy(BANK).openWithdrawals('H1MSP');
        expect(others).toEqual([]);
        if (asked === undefined) {
            throw new Error('the bank was not told');
        }
        expect(await refusalOf(bankBy('DSO').confirm(asked, 'paidOut'))).toBe('FORBIDDEN');
        await bankBy(BANK).confirm(asked, 'paidOut');
        for (const kind of ['paidOut', 'returned'] as const) {
            expect(await refusalOf(bankBy(BANK).confirm(asked, kind))).toBe('STATEMENT_EXISTS');
        }
        await settled();
        await accountOf('H1').takeIn();
        expect((await accountOf('H1').money()).account).toMatchObject({
            availableNanos: OPENING + DEPOSIT - ASKED,
            holds: [],
            turnover: { withdrawnNanos: ASKED },
        });
    }, 300_000);
});
