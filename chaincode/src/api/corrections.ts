import { CORRECTION_LAYOUT, correctionComponents } from '../domain/commitment/correction-layout';
import { elementToHex } from '../domain/commitment/group';
import { blindingOf, commitmentTo, sumOfBlindings, sumOfComponents } from '../domain/commitment/pedersen';
import { fromHex, sha256Hex } from '../domain/digest';
import type { Account, Posting } from '../domain/postings';
import { nanos } from '../domain/quantity';
import type { CorrectionMarker, CorrectionRecord } from './records';
import { encodeBytes } from './wire';

const componentsOf = ({ mspId, postings }: CorrectionRecord): ReturnType<typeof correctionComponents> =>
    correctionComponents(
        mspId,
        postings.map(({ account, amountNanos }): Posting => ({
            account: account as Account,
            amount: nanos(amountNanos),
        })),
    );

const blindingOfRecord = ({ salt, key, version }: CorrectionRecord): bigint => blindingOf(fromHex(salt), key, version);

/** The marker of a correction, for its owner to sign: `ownerStatement` of it. */
export function markerOfCorrection(record: CorrectionRecord): Omit<CorrectionMarker, 'signature'> {
    const { version, mspId, day, number, corrects, provisional } = record;
    const element = commitmentTo(CORRECTION_LAYOUT, componentsOf(record), blindingOfRecord(record));
    const commitment = { layout: CORRECTION_LAYOUT, element: elementToHex(element) } as const;
    return { hash: sha256Hex(encodeBytes(record)), version, mspId, day, number, corrects, provisional, commitment };
}

/** What publishing these corrections takes, by who knows all of them. */
export function sumsToPublish(records: readonly CorrectionRecord[]): {
    readonly postings: { readonly account: string; readonly amountNanos: bigint }[];
    readonly blinding: string;
} {
    const sums = sumOfComponents(records.map(componentsOf));
    const postings = [...sums]
        .filter(([, amount]) => amount !== 0n)
        .map(([name, amountNanos]) => ({ account: name.slice('account/'.length), amountNanos }))
        .sort((one, other) => (one.account < other.account ? -1 : 1));
    return { postings, blinding: sumOfBlindings(records.map(blindingOfRecord)).toString(16).padStart(64, '0') };
}
