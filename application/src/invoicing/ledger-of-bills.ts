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
