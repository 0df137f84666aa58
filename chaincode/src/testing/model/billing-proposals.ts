import { keptOfCover } from '../../api/accounts';
import { creditNoteKey, keyName, readingKey } from '../../api/keys';
import type { AccountRecord, BillRecord, CreditNoteRecord, SettlementRecord } from '../../api/records';
import { sumsOfBills } from '../../api/bills';
import { ownerStatement } from '../../api/statements';
import type { Use } from '../../domain/accounts/account';
import { nanos } from '../../domain/quantity';
import { DAY, DSO, NOW, OPERATOR_KEY, ownerKey, reading, span, type TestCommunity } from '../community';
import { testSalt } from '../identities';
import { CLOSERS, signedBill } from '../market/closing';
import { signedCorrection } from '../market/correcting';
import { BANK, inputsOf, statement } from '../market/money';
import type { Proposal } from './actions';
import { CENT, COLLECT_DAYS, FIRST_SLOTS, MEMBERS, PERIODS, type BilledDays } from './billed-days';

const DUE_DAY = '2015-01-14';
/** More than `COLLECT_DAYS` after it. */
const COLLECTING = NOW + (13 + COLLECT_DAYS + 2) * 86_400;
const EVERYBODY = [DSO, ...MEMBERS];

/** What may be tried with bills and what follows from them. Members, days and periods are positions in the lists of `billed-days`. */
export type BillingAction = Readonly<
    | { kind: 'deposit'; member: number; reference: number; isSmall: boolean }
    | { kind: 'takeIn'; member: number }
    | { kind: 'reserve' | 'release'; member: number; day: number }
    | { kind: 'correct'; member: number; day: number; wh: number }
    | { kind: 'bill'; member: number; period: number; isProvisional: boolean; withEarlier: boolean }
    | { kind: 'finalise'; most: number }
    | { kind: 'credit'; member: number; period: number; id: number; isAll: boolean }
    | { kind: 'pay' | 'collect'; member: number; period: number }
    | { kind: 'takeCredit'; member: number; period: number; id: number }
    | { kind: 'transfer'; member: number; period: number; id: number }
    | { kind: 'publish'; period: number }
>;

export interface TimedProposal extends Proposal {
    readonly time?: number;
}

type Period = Readonly<Record<'from' | 'to', string>>;

const documentId = (id: number): string => (id === 0 ? 'bill' : `c${id}`);

/** Turns actions into what a client would send, from what its member and the grid operator have in their own collections. */
export class BillingProposals {
    readonly #community: TestCommunity;
    readonly #settlements: readonly SettlementRecord[];
    readonly #cover: bigint;

    constructor({ community, settlements, cover }: BilledDays) {
        this.#community = community;
        this.#settlements = settlements;
        this.#cover = cover;
    }

    of(action: BillingAction): Promise<TimedProposal> {
        if (action.kind === 'finalise') {
            return this.#finalising(action.most);
        }
        if (action.kind === 'publish') {
            return this.#publishing(PERIODS[action.period] ?? PERIODS[0]);
        }
        const mspId = MEMBERS[action.member] ?? '';
        if (action.kind === 'correct') {
            return this.#correcting(mspId, dayAt(action.day), BigInt(action.wh));
        }
        if (action.kind === 'bill') {
            return this.#billing(mspId, PERIODS[action.period] ?? PERIODS[0], action);
        }
        return 'period' in action
            ? this.#ofDocument(action, mspId, PERIODS[action.period] ?? PERIODS[0])
            : this.#ofAccount(action, mspId);
    }

    /** A slot of the day is read again, at once; what is proposed is to correct the day by it. */
    async #correcting(mspId: string, day: string, wh: bigint): Promise<TimedProposal> {
        const slot = (FIRST_SLOTS[day] ?? 0) + 40;
        const markers = await this.#community.query('metering:markers', { mspId, day });
        const version = (markers.find((each) => each.slot === slot)?.version ?? 0) + 1;
        const spans = [span(mspId, slot, { consumption: [0n, wh] })];
        const key = keyName(readingKey(mspId, day, slot));
        const given = reading(mspId, slot, -wh, spans, { key, version, reason: 'misread' });
        if (version <= MOST_READINGS) {
            await this.#community.recordReadings(mspId, [given]);
        }
        const asked = { day, mspId };
        const corrections = await this.#community.query('corrections:own', asked);
        const inputs = {
            settlement: this.#settled(mspId, day),
            corrections,
            readings: [given],
            salt: testSalt(`correction ${day} ${mspId} ${corrections.length}`),
        };
        const draft = await this.#community.query('corrections:draft', asked, { by: mspId, transient: inputs });
        const transient = { ...inputs, ...signedCorrection(draft).signatures };
        return { name: 'corrections:record', args: asked, by: mspId, endorsers: [mspId, DSO], transient };
    }

    async #billing(
        mspId: string,
        { from, to }: Period,
        { isProvisional, withEarlier }: { readonly isProvisional: boolean; readonly withEarlier: boolean },
    ): Promise<TimedProposal> {
        const days = Object.keys(FIRST_SLOTS).filter((day) => (withEarlier || from <= day) && day <= to);
        const corrections = [];
        for (const day of days) {
            corrections.push(...(await this.#community.query('corrections:own', { day, mspId })));
        }
        const period = { mspId, from, to };
        const inputs = {
            settlements: days.map((day) => this.#settled(mspId, day)),
            corrections,
            salt: testSalt(`bill ${mspId} ${from} ${to}`),
        };
        const by = isProvisional ? DSO : mspId;
        const draft = await this.#community.query('billing:draftBill', period, { by, transient: inputs });
        const { signatures } = signedBill(draft, isProvisional ? OPERATOR_KEY : ownerKey(mspId));
        return {
            name: isProvisional ? 'billing:issueBillProvisionally' : 'billing:issueBill',
            args: period,
            by,
            endorsers: isProvisional ? CLOSERS : [mspId, DSO],
            transient: { ...inputs, ...signatures },
        };
    }

    async #finalising(most: number): Promise<TimedProposal> {
        const range = { from: PERIODS[2].from, to: PERIODS[2].to };
        const { run, firstNumber, documents } = await this.#community.query('invoicing:preview', range);
        const args = { run, firstNumber, dueDay: DUE_DAY, documents: documents.slice(0, most) };
        return { name: 'invoicing:finalise', args, by: DSO, endorsers: EVERYBODY };
    }

    async #publishing({ from, to }: Period): Promise<TimedProposal> {
        const bills = [];
        for (const mspId of MEMBERS) {
            bills.push(await this.#bill(mspId, { from, to }));
        }
        const args = { from, to, sums: sumsOfBills(bills) };
        return { name: 'billing:publishBills', args, by: DSO, endorsers: CLOSERS };
    }

    async #ofAccount(
        action: Extract<BillingAction, { kind: 'deposit' | 'takeIn' | 'reserve' | 'release' }>,
        mspId: string,
    ): Promise<TimedProposal> {
        switch (action.kind) {
            case 'deposit': {
                const reference = `later${action.reference}`;
                const amountNanos = action.isSmall ? CENT : this.#cover;
                const transient = { statement: statement({ mspId, reference, amountNanos }) };
                const args = { mspId, reference };
                return { name: 'accounts:deposit', args, by: BANK, endorsers: [mspId, DSO], transient };
            }
            case 'takeIn':
                return this.#byOwner(mspId, { name: 'accounts:takeIn', args: {} });
            case 'reserve': {
                const day = dayAt(action.day);
                const hold = { kind: 'day' as const, subject: day, amount: nanos(this.#cover) };
                return this.#byOwner(mspId, {
                    name: 'accounts:reserveDay',
                    args: { day },
                    use: { kind: 'hold', hold },
                });
            }
            case 'release': {
                const day = dayAt(action.day);
                const settlement = this.#settled(mspId, day);
                const keep = keptOfCover({ rules: {} as never }, mspId, settlement);
                const use = { kind: 'release' as const, hold: { kind: 'day' as const, subject: day }, keep };
                return this.#byOwner(mspId, { name: 'accounts:releaseDay', args: { day }, use, more: { settlement } });
            }
        }
    }

    #ofDocument(
        action: Extract<BillingAction, { kind: 'credit' | 'pay' | 'collect' | 'takeCredit' | 'transfer' }>,
        mspId: string,
        period: Period,
    ): Promise<TimedProposal> {
        switch (action.kind) {
            case 'credit':
                return this.#crediting(mspId, period, documentId(action.id + 1), action.isAll);
            case 'pay':
                return this.#paying(mspId, period);
            case 'collect':
                return this.#collecting(mspId, period);
            case 'takeCredit':
                return this.#takingCredit(mspId, period, documentId(action.id + 1));
            case 'transfer': {
                const args = { mspId, ...period, id: documentId(action.id), day: DUE_DAY, reference: 'transfer' };
                return Promise.resolve({ name: 'invoicing:recordPayment', args, by: DSO, endorsers: [DSO, mspId] });
            }
        }
    }

    async #crediting(mspId: string, period: Period, id: string, isAll: boolean): Promise<TimedProposal> {
        const bill = await this.#bill(mspId, period);
        const numbered = await this.#community.query('invoicing:documents', { mspId });
        const found = numbered.find((each) => each.id === 'bill' && each.from === period.from && each.to === period.to);
        const corrects = found?.number ?? 1;
        const reference = { mspId, ...period, id };
        const key = keyName(creditNoteKey(reference));
        const grossMinor = isAll ? bill.dueMinor : bill.dueMinor < 0n ? -1n : 1n;
        const parts = [{ payee: 'supplier' as const, ppm: 0n, grossMinor }];
        const unsigned = { key, version: 1, ...reference, corrects, reason: 'too much', parts, salt: testSalt(key) };
        const note: CreditNoteRecord = { ...unsigned, signature: OPERATOR_KEY.sign(ownerStatement(unsigned)) };
        const earlier = await this.#community.query('invoicing:creditNotes', { mspId, ...period });
        return {
            name: 'invoicing:issueCreditNote',
            args: { ...reference, corrects },
            by: DSO,
            endorsers: [DSO, mspId],
            transient: { note, bill, earlier },
        };
    }

    async #paying(mspId: string, period: Period): Promise<TimedProposal> {
        const bill = await this.#bill(mspId, period);
        const { payments } = await this.#community.query('accounts:markers', { mspId });
        const payment = payments.find(
            (each) => each.id === 'bill' && each.from === period.from && each.to === period.to,
        );
        const due = payment?.status === 'transferred' ? (payment.collected?.amountNanos ?? 0n) : bill.dueMinor * CENT;
        const days = Object.keys(FIRST_SLOTS).filter((day) => period.from <= day && day <= period.to);
        const use = { kind: 'bill' as const, days, due: nanos(due) };
        return this.#byOwner(mspId, { name: 'accounts:payBill', args: { ...period }, use, more: { bill } });
    }

    async #takingCredit(mspId: string, period: Period, id: string): Promise<TimedProposal> {
        const notes = await this.#community.query('invoicing:creditNotes', { mspId, ...period }, { by: mspId });
        const note = notes.find((each) => each.id === id) ?? notes[0];
        const gross = note?.parts[0]?.grossMinor ?? 1n;
        const use = { kind: 'bill' as const, days: [], due: nanos(-gross * CENT) };
        return this.#byOwner(mspId, {
            name: 'accounts:takeCredit',
            args: { ...period, id },
            use,
            more: note === undefined ? {} : { note },
        });
    }

    async #collecting(mspId: string, period: Period): Promise<TimedProposal> {
        const transient = { account: await this.#account(mspId), bill: await this.#bill(mspId, period) };
        const args = { mspId, ...period };
        return { name: 'accounts:collect', args, by: DSO, endorsers: CLOSERS, transient, time: COLLECTING };
    }

    /** With every statement that waits. */
    async #byOwner(
        mspId: string,
        {
            name,
            args,
            use,
            more = {},
        }: Pick<Proposal, 'name' | 'args'> & { readonly use?: Use; readonly more?: object },
    ): Promise<TimedProposal> {
        const { account: known, statements } = await this.#community.query('accounts:own', {}, { by: mspId });
        const waiting = statements.filter(({ takenIn }) => takenIn === null).map((each) => each.statement);
        const account = inputsOf(mspId, { known, statements: waiting, ...(use === undefined ? {} : { use }) });
        return { name, args, by: mspId, endorsers: [mspId, DSO], transient: { account, ...more } };
    }

    async #account(mspId: string): Promise<AccountRecord | null> {
        return (await this.#community.query('accounts:own', {}, { by: mspId })).account;
    }

    /** From the grid operator's collection: a silent household has no copy. */
    #bill(mspId: string, { from, to }: Period): Promise<BillRecord> {
        return this.#community.query('billing:ownBill', { mspId, from, to });
    }

    #settled(mspId: string, day: string): SettlementRecord {
        const found = this.#settlements.find((each) => each.mspId === mspId && each.day === day);
        if (found === undefined) {
            throw new Error(`${mspId} was not settled on ${day}`);
        }
        return found;
    }
}

const MOST_READINGS = 20;
const dayAt = (day: number): string => Object.keys(FIRST_SLOTS)[day] ?? DAY;
