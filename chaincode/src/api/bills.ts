import { BILL_LAYOUT, billComponents, type BillToCommit } from '../domain/commitment/bill-layout';
import { elementToHex } from '../domain/commitment/group';
import { blindingOf, commitmentTo, sumOfBlindings, sumOfComponents } from '../domain/commitment/pedersen';
import { fromHex, sha256Hex } from '../domain/digest';
import { compareStrings, minorUnits, nanos } from '../domain/quantity';
import type { BillCommitment, BillMarker, BillRecord, BillSumsRecord } from './records';
import { encodeBytes } from './wire';

type Blinded = Pick<BillRecord, 'key' | 'version' | 'salt'>;

const blindingOfBill = ({ salt, key, version }: Blinded): bigint => blindingOf(fromHex(salt), key, version);

/** What the marker of a bill commits to. */
export function commitmentOfBill(bill: BillToCommit, record: Blinded): BillCommitment {
    const element = commitmentTo(BILL_LAYOUT, billComponents(bill), blindingOfBill(record));
    return { layout: BILL_LAYOUT, element: elementToHex(element) };
}

/** The marker of a bill, for its owner to sign: `ownerStatement` of it. */
export function markerOfBill(bill: BillRecord): Omit<BillMarker, 'signature'> {
    const { version, mspId, from, to, signedBy, provisional, commitment } = bill;
    return { hash: sha256Hex(encodeBytes(bill)), version, mspId, from, to, signedBy, provisional, commitment };
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

const committed = ({ mspId, settledNanos, dueMinor, postings }: BillRecord): BillToCommit => ({
    mspId,
    settled: nanos(settledNanos),
    due: minorUnits(dueMinor),
    postings: postings.map(({ account, amountNanos }) => ({ account: account as never, amount: nanos(amountNanos) })),
});
