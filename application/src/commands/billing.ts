import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { encode } from '@commonwatt/chaincode/api/wire';
import type { Charter, ListedDocument, PostingRecord } from '@commonwatt/chaincode/api/records';
import type { RefusalCode } from '@commonwatt/chaincode/api/refusals';
import { governorsNow } from '../community/admission';
import type { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { isBill, isPaid, itemsOf, openClaims, overdueDays } from '../invoicing/ledger-of-bills';
import { creditTransferXml, TransferInvalid } from '../invoicing/sepa';
import { TransactionRefused } from '../gateway/failures';
import { Accounts } from '../market/accounts';
import { Auction } from '../market/auction';
import { Billing } from '../market/billing';
import { operatorAndCommittee } from '../market/endorsers';
import { unlessRefused } from '../market/governance';
import { Invoicing } from '../market/invoicing';
import { openItemsText, previewText, statementText, type AccountSum } from '../report/billing-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf } from './look';

/** What the grid operator, who keeps the community's books, does with bills. */
export const BILLING_PARTS = [
    'preview',
    'final',
    'open',
    'statement',
    'remind',
    'paid',
    'collect',
    'credit-note',
    'sepa',
] as const;
export type BillingPart = (typeof BILLING_PARTS)[number];

export interface BillingOptions extends CommonOptions {
    readonly from?: string;
    readonly to?: string;
    readonly month?: string;
    readonly due?: string;
    readonly asOf?: string;
    readonly number?: string;
    readonly reference?: string;
    readonly id?: string;
    readonly amount?: string;
    readonly payee?: 'supplier' | 'grid' | 'community';
    readonly vat?: string;
    readonly reason?: string;
    readonly accounts?: string;
}

interface Work {
    readonly members: CommunityMembers;
    readonly invoicing: Invoicing;
    readonly charter: Charter;
    readonly options: BillingOptions;
    /** Home of an MSP. */
    readonly home: (mspId: string) => string;
    readonly lastDay: string | undefined;
}

/** What a part answers: as text, and as an object for programs. */
interface Answer {
    readonly text: string;
    readonly json: object;
}

export async function billing(part: BillingPart, options: BillingOptions): Promise<number> {
    const context = contextOf(options);
    return withMembers(context, async (members) => {
        const { calls } = members.operator;
        const homes = new Map(members.topology.organisations.map(({ id, mspId }) => [mspId, id]));
        const answer = await PARTS[part]({
            members,
            invoicing: new Invoicing(calls),
            charter: await charterOf(calls),
            options,
            home: (mspId) => homes.get(mspId) ?? mspId,
            lastDay: rememberedDay(context.layout)?.day,
        });
        print(options.json === true ? encode(answer.json) : answer.text);
        return EXIT.done;
    });
}

const PARTS: Readonly<Record<BillingPart, (work: Work) => Promise<Answer>>> = {
    preview: async (work) => {
        const found = await work.invoicing.preview(periodOf(work));
        return { text: previewText(found, work.home), json: found };
    },
    final: async (work) => {
        const found = await work.invoicing.preview(periodOf(work));
        if (found.documents.length === 0) {
            throw new NotNow(previewText(found, work.home));
        }
        const due = dayGiven('--due', work.options.due);
        const run = await work.invoicing.finalise(found, due, await governorsNow(work.members));
        const last = run.firstNumber + run.count - 1;
        const text = `Run ${run.run} is final: numbers ${run.firstNumber} to ${last}, due on ${run.dueDay}.`;
        return { text, json: run };
    },
    open: async (work) => {
        const day = asOf(work);
        const items = await itemsOf(work.invoicing);
        const open = items.filter(({ document }) => !isPaid(document));
        return { text: openItemsText(items, day, currencyOf(work), work.home), json: { day, items: open } };
    },
    statement: async (work) => {
        const month = work.options.month ?? work.lastDay?.slice(0, 7) ?? '';
        if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
            throw new InputError({ file: '--month' }, `'${month}' is not a month; write it as 2025-04`);
        }
        const items = (await itemsOf(work.invoicing)).filter(({ document }) => document.to.startsWith(month));
        const { accounts, closedDays } = await accountsOf(work, month);
        const parts = { month, items, accounts, closedDays };
        return { text: statementText(parts, currencyOf(work), work.home), json: parts };
    },
    remind: async (work) => {
        const day = asOf(work);
        const items = await itemsOf(work.invoicing);
        const owing = openClaims(items).filter(({ netMinor }) => netMinor > 0n);
        const isOwed = ({ number }: ListedDocument): boolean => owing.some(({ numbers }) => numbers.includes(number));
        const asked: ListedDocument[] = [];
        for (const { document, dueMinor = 0n } of items) {
            const isDue = dueMinor > 0n && isOwed(document) && overdueDays(document, day) > 0;
            if (isDue && document.reminders.length < 3) {
                await work.invoicing.remind(document);
                asked.push(document);
            }
        }
        const numbers = asked.map(({ number }) => number);
        return { text: `Asked again for ${numbers.join(', ') || 'nothing'}.`, json: { numbers } };
    },
    paid: async (work) => {
        const { document } = await numbered(work);
        const { reference = `payment-${document.number}` } = work.options;
        await work.invoicing.recordPayment(document, asOf(work), reference);
        return { text: `Number ${document.number} is paid.`, json: { number: document.number, reference } };
    },
    collect: collectDue,
    'credit-note': credit,
    sepa: payOut,
};

/** From every home that signed a bill and has not paid it so long after it was due: what is reserved for it, never more than it asks for. */
async function collectDue({ members, invoicing, charter }: Work): Promise<Answer> {
    const auction = new Auction(members.operator.calls);
    const collected: { number: number; nanos: bigint }[] = [];
    const left: { number: number; why: string }[] = [];
    for (const document of (await invoicing.documents()).filter((each) => isBill(each) && !isPaid(each))) {
        const { number, from } = document;
        const [round] = await auction.rounds(from);
        if (round === undefined) {
            throw new Error(`no round of ${from}`);
        }
        try {
            const nanos = await invoicing.collect(document, operatorAndCommittee(charter, round));
            collected.push({ number, nanos });
        } catch (error) {
            left.push({ number, why: whyLeft(error) });
        }
    }
    const numbers = collected.map((each) => each.number).join(', ') || 'nothing';
    const others = left.map(({ number, why }) => `number ${number}: ${why}`);
    return { text: [`Collected: ${numbers}.`, ...others].join('\n'), json: { collected, left } };
}

/** Not yet, or not at all: said, and left to the other ways of getting what is owed. */
const LEFT: readonly RefusalCode[] = ['DEADLINE_OPEN', 'NOTHING_RESERVED', 'BILL_COLLECTED', 'BILL_PAID'];

function whyLeft(error: unknown): string {
    if (error instanceof TransactionRefused && LEFT.includes(error.refusal.code)) {
        return error.refusal.code;
    }
    throw error;
}

async function credit(work: Work): Promise<Answer> {
    const { document } = await numbered(work);
    const {
        id = `c${document.number}`,
        amount = '',
        payee = 'supplier',
        vat = '0',
        reason = 'correction',
    } = work.options;
    const part = { payee, ppm: decimalOf('--vat', vat, 4), grossMinor: decimalOf('--amount', amount, 2) };
    const { mspId, from, to, number } = document;
    const asked = { mspId, from, to, id, corrects: number, reason, parts: [part] };
    const note = await work.invoicing.issueCreditNote(work.members.operator.keys, asked);
    const taken = await takenIn(work, document);
    const said = taken > 0 ? ` It is on the account of ${work.home(mspId)}.` : '';
    return {
        text: `Credit note ${id} to number ${number}; it gets its own number in the next run.${said}`,
        json: note,
    };
}

/** The home's agent takes credits into its account; to a bill that is open they wait. Returns how many. */
async function takenIn({ members, charter, home }: Work, { mspId, from, to }: ListedDocument): Promise<number> {
    const id = home(mspId);
    if (charter.rules.coverRequired !== true || !members.topology.homes.includes(id)) {
        return 0;
    }
    const { calls, keys } = members.member(id);
    const accounts = new Accounts(calls, keys, charter);
    return (await accounts.isPaid(from, to)) ? accounts.takeCredits(from, to) : 0;
}

const party = z.strictObject({ name: z.string(), iban: z.string(), bic: z.string().optional() });
const accountsFile = z.strictObject({ debtor: party, homes: z.record(z.string(), party) });

/** The order of payment for all that is owed to homes and not paid from or into accounts of the market. */
async function payOut(work: Work): Promise<Answer> {
    const file = work.options.accounts;
    if (file === undefined) {
        throw new InputError({ file: '--accounts' }, 'say which file has the bank accounts: see the guide');
    }
    const accounts = accountsFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (!accounts.success) {
        throw new InputError({ file }, accounts.error.issues[0]?.message ?? 'is no list of bank accounts');
    }
    const claims = openClaims(await itemsOf(work.invoicing)).filter(({ netMinor }) => netMinor < 0n);
    const transfers = claims.map(({ mspId, from, to, numbers, netMinor }) => {
        const home = work.home(mspId);
        const creditor = accounts.data.homes[home];
        if (creditor === undefined) {
            throw new InputError({ file }, `has no account of ${home}`);
        }
        const remittance = `Document ${numbers.join(', ')}, ${from} to ${to}`;
        return { endToEndId: `D-${numbers.join('-')}`, creditor, cents: 0n - netMinor, remittance };
    });
    const now = new Date().toISOString();
    try {
        const xml = creditTransferXml({
            messageId: `payout-${now.replaceAll(/\D/g, '').slice(0, 14)}`,
            createdAt: now.slice(0, 19),
            executionDay: asOf(work),
            debtor: accounts.data.debtor,
            transfers,
        });
        return { text: xml.trimEnd(), json: { xml } };
    } catch (error) {
        if (error instanceof TransferInvalid) {
            throw new InputError({ file }, error.message);
        }
        throw error;
    }
}

async function numbered({ invoicing, options }: Work): Promise<{ readonly document: ListedDocument }> {
    const document = (await invoicing.documents()).find(({ number }) => String(number) === options.number);
    if (document === undefined) {
        throw new InputError({ file: '--number' }, `no document has the number '${options.number ?? ''}'`);
    }
    return { document };
}

/** What the accounts of the month's closed days received, as the channel says it. */
async function accountsOf({ members }: Work, month: string): Promise<{ accounts: AccountSum[]; closedDays: number }> {
    const market = new Billing(members.operator.calls);
    const sums = new Map<string, bigint>();
    let closedDays = 0;
    for (const day of daysOfMonth(month)) {
        const postings = await closedPostings(market, day);
        closedDays += postings === undefined ? 0 : 1;
        for (const { account, amountNanos } of postings ?? []) {
            sums.set(account, (sums.get(account) ?? 0n) + amountNanos);
        }
    }
    const accounts = [...sums].map(([account, nanos]) => ({ account, nanos }));
    return { accounts: accounts.sort((a, b) => (a.account < b.account ? -1 : 1)), closedDays };
}

function daysOfMonth(month: string): string[] {
    const [year = 0, number = 1] = month.split('-').map(Number);
    const length = new Date(Date.UTC(year, number, 0)).getUTCDate();
    return Array.from({ length }, (_, i) => `${month}-${String(i + 1).padStart(2, '0')}`);
}

/** Undefined of a day that is not closed, or was never opened. */
async function closedPostings(market: Billing, day: string): Promise<PostingRecord[] | undefined> {
    try {
        return (await market.totals(day)).sums?.postings;
    } catch (error) {
        unlessRefused('DAY_UNKNOWN', error);
        return undefined;
    }
}

function periodOf({ options, lastDay }: Work): { from: string; to: string } {
    const from = dayGiven('--from', options.from ?? lastDay);
    return { from, to: dayGiven('--to', options.to ?? from) };
}

const asOf = ({ options }: Work): string =>
    options.asOf === undefined ? new Date().toISOString().slice(0, 10) : dayGiven('--as-of', options.asOf);

function dayGiven(name: string, text: string | undefined): string {
    if (text === undefined || !isDay(text)) {
        throw new InputError({ file: name }, `'${text ?? ''}' is not a day; write it as 2025-04-30`);
    }
    return text;
}

/** A decimal number in whole units of so many decimals. */
function decimalOf(name: string, text: string, decimals: number): bigint {
    const [, sign = '', whole = '', part = ''] = /^(-?)(\d{1,12})(?:\.(\d+))?$/.exec(text) ?? [];
    if (whole === '' || part.length > decimals) {
        throw new InputError({ file: name }, `'${text}' is no number with at most ${decimals} decimals`);
    }
    return BigInt(`${sign}${whole}${part.padEnd(decimals, '0')}`);
}

const currencyOf = ({ charter }: Work): string => charter.rules.currency;
