import type { ListedDocument } from '@commonwatt/chaincode/api/records';
import { creditOf } from '@commonwatt/chaincode/domain/billing/credit-note';
import type { Invoicing } from '../market/invoicing';

/** A final document with its amount, as only its household and the grid operator know it. */
export interface Item {
    readonly document: ListedDocument;
    /** Minor units: positive is paid by the household. Undefined where the private record is no longer there. */
    readonly dueMinor: bigint | undefined;
}

export const isBill = ({ id }: ListedDocument): boolean => id === 'bill';
export const isPaid = ({ paid, paidFromAccount }: ListedDocument): boolean =>
    paid !== undefined || paidFromAccount === true;

/** Final documents with their amounts out of the caller's own collection, by number. */
export async function itemsOf(invoicing: Invoicing, mspId?: string): Promise<Item[]> {
    const items: Item[] = [];
    for (const document of await invoicing.documents(mspId)) {
        items.push({ document, dueMinor: await dueOf(invoicing, document) });
    }
    return items;
}

async function dueOf(invoicing: Invoicing, document: ListedDocument): Promise<bigint | undefined> {
    if (isBill(document)) {
        return (await invoicing.bill(document))?.dueMinor;
    }
    const notes = await invoicing.creditNotes(document);
    const note = notes.find(({ id }) => id === document.id);
    return note === undefined ? undefined : 0n - creditOf(note.parts);
}

/** Days from when a document was due to `day`; none where it is not overdue. */
export const overdueDays = ({ dueDay }: ListedDocument, day: string): number =>
    Math.max(0, Math.round((Date.parse(day) - Date.parse(dueDay)) / 86_400_000));

/** A bill and the credit notes to it, as far as they are open: what is left between the community and the home. */
export interface OpenClaim {
    readonly mspId: string;
    readonly from: string;
    readonly to: string;
    /** Numbers of the open documents, rising. */
    readonly numbers: readonly number[];
    /** Minor units: positive is asked of the home, negative is paid out to it. */
    readonly netMinor: bigint;
}

/**
 * Open documents, each bill together with its credit notes: nobody is asked for what was taken back, and a credit note to a bill that is open is not
 * paid out, but lowers what is asked. Documents whose amounts are gone are left out.
 */
export function openClaims(items: readonly Item[]): OpenClaim[] {
    const claims = new Map<string, OpenClaim>();
    for (const { document, dueMinor } of items) {
        if (dueMinor !== undefined && !isPaid(document)) {
            const { mspId, from, to, number } = document;
            const name = [mspId, from, to].join('/');
            const known = claims.get(name) ?? { mspId, from, to, numbers: [], netMinor: 0n };
            const numbers = [...known.numbers, number].sort((a, b) => a - b);
            claims.set(name, { ...known, numbers, netMinor: known.netMinor + dueMinor });
        }
    }
    return [...claims.values()];
}
