import { keyName, statementKey } from '../../api/keys';
import type { DisputeRecord } from '../../api/records';
import { ownerStatement } from '../../api/statements';
import type { TransactionName } from '../../api/transactions';
import { nanos } from '../../domain/quantity';
import { escrowName } from '../../contracts/market/storage/buying';
import { DAY, DSO, household, NOW, OPERATOR_KEY, ownerKey, SEATS } from '../community';
import { testSalt } from '../identities';
import { BANK, inputsOf, signedEscrow, statement, TestAccount, withBank, withdrawal } from '../market/money';
import {
    attestation,
    deliveryStatement,
    EVENING,
    NOON,
    offer,
    offering,
    purchaseStatement,
    STORAGE,
    STORAGE_TERMS,
    storageCommunity,
} from '../market/storage';
import * as actions from '../model/actions';
import { billedDays } from '../model/billed-days';
import { BillingProposals, type BillingAction } from '../model/billing-proposals';
import { Market } from '../model/market';
import { SHORT_DAY, shortDay } from '../model/short-day';
import { Recorder, type Accepted } from './tried';

const [H1, H2, H3] = [household(1), household(2), household(3)];
const HOMES = [H1, H2, H3];
const [FIRST_SLOT = 0, SECOND_SLOT = 0, THIRD_SLOT = 0, LAST_SLOT = 0] = SHORT_DAY;

/** A day of four rounds, from orders to a correction: one is called for, one is void, one home is silent. */
export async function tradingDay(): Promise<ReadonlyMap<string, Accepted>> {
    const market = new Market(await shortDay());
    const recorder = new Recorder(market.community);
    const act = async (action: actions.Action, draft?: TransactionName): Promise<void> => {
        const given = await action.prepare(market);
        await recorder.submit({ ...given, ...(draft === undefined ? {} : { draft }) });
    };
    const ordered = (mspId: string, slot: number, side: 'buy' | 'sell', id = 'o1'): Promise<void> =>
        act(actions.submits({ mspId, slot, id, side, energyWh: 3n, limit: 100_000n }));
    await ordered(H1, FIRST_SLOT, 'buy');
    await ordered(H2, FIRST_SLOT, 'sell');
    await ordered(H3, FIRST_SLOT, 'buy');
    await ordered(H3, SECOND_SLOT, 'buy');
    await ordered(H3, SECOND_SLOT, 'sell', 'o2');
    await act(actions.cancels(H3, SECOND_SLOT, 'o2'));
    for (const slot of [FIRST_SLOT, SECOND_SLOT, LAST_SLOT]) {
        await act(actions.closes(slot));
    }
    for (const mspId of HOMES) {
        await act(actions.reveals(mspId, FIRST_SLOT, 'o1'));
    }
    await act(actions.clears(FIRST_SLOT, false));
    await act(actions.calls(SECOND_SLOT));
    await act(actions.clears(SECOND_SLOT, false));
    await act(actions.voids(THIRD_SLOT));
    await act(actions.clears(LAST_SLOT, false));
    for (const slot of SHORT_DAY) {
        await act(actions.reads(H1, slot, -2n, 1));
        await act(actions.reads(H2, slot, 3n, 1));
        await act(actions.estimates(H3, slot, 1n));
    }
    const held = await market.community.query(
        'auction:openings',
        { from: FIRST_SLOT, to: FIRST_SLOT },
        { by: SEATS[0] },
    );
    await recorder.submit({
        name: 'auction:handOver',
        args: { day: DAY, mspId: H3 },
        by: SEATS[0],
        endorsers: [DSO],
        transient: { openings: held.filter(({ mspId }) => mspId === H3) },
    });
    await act(actions.settles(H1, false), 'billing:draftSettlement');
    await act(actions.settles(H2, false));
    await act(actions.settles(H3, true));
    await act(actions.closesDay(HOMES));
    await act(actions.reads(H1, FIRST_SLOT, -1n, 1));
    await act(actions.corrects(H1), 'corrections:draft');
    await disputed(recorder);
    return recorder.accepted;
}

function said(id: string, version: number, by: 'member' | 'operator'): DisputeRecord {
    const key = keyName(statementKey(H1, id, version));
    const unsigned = { key, version, mspId: H1, id, by, salt: testSalt(key), text: 'It is not so.', evidence: [] };
    return { ...unsigned, signature: (by === 'member' ? ownerKey(H1) : OPERATOR_KEY).sign(ownerStatement(unsigned)) };
}

async function disputed(recorder: Recorder): Promise<void> {
    const both = { by: H1, endorsers: [H1, DSO] };
    for (const id of ['d1', 'd2']) {
        const args = { mspId: H1, id, about: { kind: 'settlement', day: DAY }, evidence: [] };
        await recorder.submit({
            name: 'disputes:open',
            args,
            ...both,
            transient: { statement: said(id, 1, 'member') },
        });
    }
    await recorder.submit({
        name: 'disputes:answer',
        args: { mspId: H1, id: 'd1', evidence: [] },
        by: DSO,
        endorsers: [H1, DSO],
        transient: { statement: said('d1', 2, 'operator') },
    });
    const resolving = { mspId: H1, id: 'd1', upheld: true };
    await recorder.submit({ name: 'disputes:resolve', args: resolving, by: DSO, endorsers: [H1, DSO] });
    await recorder.submit({ name: 'disputes:withdraw', args: { mspId: H1, id: 'd2' }, ...both });
}

/** Two closed days, their bills and everything that money does. */
export async function billing(): Promise<ReadonlyMap<string, Accepted>> {
    const days = await billedDays();
    const proposals = new BillingProposals(days);
    const recorder = new Recorder(days.community);
    const act = async (action: BillingAction, draft?: TransactionName): Promise<void> => {
        const given = await proposals.of(action);
        await recorder.submit({ ...given, ...(draft === undefined ? {} : { draft }) });
    };
    await act({ kind: 'deposit', member: 1, reference: 0, isSmall: false });
    await act({ kind: 'takeIn', member: 1 });
    for (const member of [1, 2]) {
        await act({ kind: 'reserve', member, day: 0 });
    }
    await withdrawn(recorder);
    const bill = { kind: 'bill', isProvisional: false, withEarlier: false } as const;
    await act({ kind: 'correct', member: 1, day: 0, wh: 70 });
    await act({ ...bill, member: 1, period: 0 }, 'billing:draftBill');
    await act({ ...bill, member: 0, period: 0 });
    await act({ ...bill, member: 2, period: 0, isProvisional: true });
    await act({ ...bill, member: 2, period: 0 });
    await act({ kind: 'publish', period: 0 });
    await act({ kind: 'finalise', most: 3 });
    await act({ kind: 'release', member: 1, day: 0 });
    await act({ kind: 'collect', member: 2, period: 0 });
    const reminding = { mspId: H1, from: DAY, to: DAY, id: 'bill' };
    const late = NOW + 20 * 86_400;
    await recorder.submit({ name: 'invoicing:remind', args: reminding, by: DSO, endorsers: [DSO, H1], time: late });
    await act({ kind: 'transfer', member: 0, period: 0, id: 0 });
    await act({ kind: 'pay', member: 1, period: 0 });
    await act({ kind: 'credit', member: 1, period: 0, id: 0, isAll: false });
    await act({ kind: 'takeCredit', member: 1, period: 0, id: 0 });
    for (const member of [0, 2]) {
        await act({ kind: 'correct', member, day: 0, wh: 70 });
    }
    return recorder.accepted;
}

async function withdrawn(recorder: Recorder): Promise<void> {
    const { community } = recorder;
    const known = await new TestAccount(community, H2).record();
    const asked = withdrawal(H2, 'w1', 400n);
    const use = { kind: 'hold' as const, hold: { kind: 'withdrawal' as const, subject: 'w1', amount: nanos(400n) } };
    await recorder.submit({
        name: 'accounts:withdraw',
        args: { id: 'w1' },
        by: H2,
        endorsers: [H2, DSO],
        transient: { account: inputsOf(H2, { known, use }), withdrawal: asked },
    });
    const telling = { by: H2, endorsers: [BANK], transient: { withdrawal: asked } };
    await recorder.submit({ name: 'accounts:tellBank', args: { mspId: H2, id: 'w1' }, ...telling });
    const paid = statement({ mspId: H2, kind: 'paidOut', reference: 'w1', amountNanos: 400n });
    await recorder.submit({
        name: 'accounts:confirmWithdrawal',
        args: { mspId: H2, reference: 'w1' },
        by: BANK,
        endorsers: [H2, DSO],
        transient: { statement: paid, withdrawal: asked },
    });
}

/** One lot that is stored, offered, taken back, offered again, bought and delivered; another that is bought and not delivered. */
export async function storedEnergy(): Promise<ReadonlyMap<string, Accepted>> {
    const community = await storageCommunity();
    await withBank(community);
    await new TestAccount(community, H3).fill(1_000_000_000_000n);
    const recorder = new Recorder(community);
    const byStorage = { by: STORAGE, endorsers: [STORAGE, DSO] };
    const attestations = [attestation({ id: 'a1' }), attestation({ id: 'a2', prosumer: H2 })];
    await recorder.submit({ name: 'contracts:attest', args: { day: DAY, attestations }, ...byStorage });
    const bySeller = { by: H1, endorsers: [H1, DSO] };
    const first = offer({});
    await recorder.submit({ name: 'contracts:offer', args: offering(first), ...bySeller });
    const named = { slot: NOON, id: 'a1' };
    await recorder.submit({ name: 'contracts:withdraw', args: { ...named, version: 1 }, ...bySeller });
    const second = offer({ version: 2 });
    await recorder.submit({ name: 'contracts:offer', args: offering(second), ...bySeller });
    const other = offer({ id: 'a2', prosumer: H2, deliverySlot: EVENING + 1 });
    const offered = { name: 'contracts:offer' as const, by: H2, endorsers: [H2, DSO] };
    await recorder.submit({ ...offered, args: offering(other, undefined, { id: 'a2' }) });
    for (const [lot, sold] of [
        [{ ...named, version: 2 }, second],
        [{ slot: NOON, id: 'a2', version: 1 }, other],
    ] as const) {
        await bought(recorder, lot, sold);
    }
    const delivered = (says: 'released' | 'confirmed') => ({
        purchases: [{ ...named, version: 2, statement: deliveryStatement(second, H3, says) }],
    });
    await recorder.submit({ name: 'contracts:release', args: delivered('released'), ...byStorage });
    const confirming = { args: delivered('confirmed'), by: STORAGE, endorsers: [DSO, H1, H2] };
    await recorder.submit({ name: 'contracts:confirm', ...confirming });
    const time = (EVENING + 2 + STORAGE_TERMS.refundSlots) * 900;
    const refunding = { args: { slot: NOON, id: 'a2', version: 1 }, by: DSO, endorsers: [DSO, H1, H2] };
    await recorder.submit({ name: 'contracts:refund', ...refunding, time: Math.max(time, NOW) });
    return recorder.accepted;
}

async function bought(
    recorder: Recorder,
    lot: { readonly slot: number; readonly id: string; readonly version: number },
    sold: ReturnType<typeof offer>,
): Promise<void> {
    const { community } = recorder;
    const { version: charterVersion } = await community.query('charter:document', {});
    const { seller, energyWh, price, feeNanos, deliverySlot: slot } = sold;
    const held = { contract: escrowName(lot), buyer: H3, seller, amountNanos: energyWh * price, feeNanos, slot };
    const row = signedEscrow({ ...held, charterVersion, status: 'held' });
    const known = await new TestAccount(community, H3).record();
    const use = { kind: 'escrow' as const, amount: nanos(row.amountNanos) };
    await recorder.submit({
        name: 'contracts:buy',
        args: { ...lot, statement: purchaseStatement(sold, H3) },
        by: H3,
        endorsers: [H3, DSO],
        transient: { account: inputsOf(H3, { known, use }), escrowSignature: row.signature },
    });
}
