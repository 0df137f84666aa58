import type { BilledCorrections } from '../domain/billing/corrected';
import {
    BILL_CORRECTIONS_LAYOUT,
    BILL_LAYOUT,
    billComponents,
    billCorrectionsComponents,
    type BillToCommit,
} from '../domain/commitment/bill-layout';
import { elementToHex } from '../domain/commitment/group';
import { blindingOf, commitmentTo, sumOfBlindings, sumOfComponents } from '../domain/commitment/pedersen';
import { fromHex, sha256Hex } from '../domain/digest';
import { summed, type Account, type Posting } from '../domain/postings';
import { compareStrings, minorUnits, nanos, negated } from '../domain/quantity';
import type { BillCommitment, BillCorrectionsCommitment, BillMarker, BillRecord, BillSumsRecord } from './records';
import { encodeBytes } from './wire';

type Blinded = Pick<BillRecord, 'key' | 'version' | 'salt'>;

const blindingOfBill = ({ salt, key, version }: Blinded): bigint => blindingOf(fromHex(salt), key, version);

/** What the marker of a bill commits to. */
export function commitmentOfBill(bill: BillToCommit, record: Blinded): BillCommitment {
    const element = commitmentTo(BILL_LAYOUT, billComponents(bill), blindingOfBill(record));
    return { layout: BILL_LAYOUT, element: elementToHex(element) };
}

/** What the marker commits to of the corrections on a bill, under a blinding of its own. */
export function commitmentOfCorrections(
    mspId: string,
    corrections: BilledCorrections,
    { key, ...record }: Blinded,
): BillCorrectionsCommitment {
    const blinding = blindingOfBill({ ...record, key: `${key}/corrections` });
    const element = commitmentTo(
        BILL_CORRECTIONS_LAYOUT,
        billCorrectionsComponents({ mspId, ...corrections }),
        blinding,
    );
    return { layout: BILL_CORRECTIONS_LAYOUT, element: elementToHex(element) };
}

/** The marker of a bill, for its owner to sign: `ownerStatement` of it. */
export function markerOfBill(bill: BillRecord): Omit<BillMarker, 'signature'> {
    const { version, mspId, from, to, signedBy, provisional, commitment, corrections } = bill;
    const hash = sha256Hex(encodeBytes(bill));
    return {
        ...{ hash, version, mspId, from, to, signedBy, provisional, commitment },
        ...(corrections === undefined
            ? {}
            : { corrections: { of: corrections.of, commitment: corrections.commitment } }),
    };
}

/** The sums over bills of a period, by who knows all of them. */
export function sumsOfBills(bills: readonly BillRecord[]): BillSumsRecord {
    const sums = sumOfComponents(bills.map((bill) => billComponents(committed(bill))));
    const accounts = [...sums].flatMap(([name, amountNanos]) =>
        name.startsWith('account/') && amountNanos !== 0n
            ? [{ account: name.slice('account/'.length), amountNanos }]
            : [],
    );
    return {
        settledNanos: sums.get('settled') ?? 0n,
        dueMinor: sums.get('due') ?? 0n,
        postings: accounts.sort((one, other) => compareStrings(one.account, other.account)),
        blinding: sumOfBlindings(bills.map(blindingOfBill)).toString(16).padStart(64, '0'),
    };
}

/** Of the bill's own days: corrections are committed to apart. */
const committed = ({ mspId, settledNanos, dueMinor, postings, corrections }: BillRecord): BillToCommit => ({
    mspId,
    settled: nanos(settledNanos),
    due: minorUnits(dueMinor - (corrections?.dueMinor ?? 0n)),
    postings: summed([
        ...postings.map(postingOf),
        ...(corrections?.postings ?? []).map(postingOf).map((each) => ({ ...each, amount: negated(each.amount) })),
    ]),
});

const postingOf = ({ account, amountNanos }: BillRecord['postings'][number]): Posting => ({
    account: account as Account,
    amount: nanos(amountNanos),
});
