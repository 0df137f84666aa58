import type { KeyType } from '@commonwatt/chaincode/api/catalogue/keys';
import type { PublicWriteOf } from '../blocks/writes';
import { bill, document, payment } from './bills';
import type { Changes } from './changes';
import { charter, epoch } from './community';
import { day, round, schedule, totals } from './market';
import type { Place, Projection } from './projection';

/** Kinds of records of which there are projections; the others are found by `record` and `history`. */
const PROJECTIONS: { readonly [K in KeyType]?: Projection } = {
    charter,
    epoch,
    day,
    round,
    totals,
    schedule,
    bill,
    payment,
    document,
};

/**
 * Takes a write of a valid transaction into the projections.
 *
 * @returns why it cannot be, where the record is not what its key says: whoever may write a key may write anything, and a page shows nothing rather
 * than that. Undefined otherwise.
 */
export function project(write: PublicWriteOf, place: Place, changes: Changes): string | undefined {
    const projection = write.kind === undefined ? undefined : PROJECTIONS[write.kind];
    if (projection === undefined) {
        return undefined;
    }
    try {
        projection(write.parts, write.value === undefined ? undefined : JSON.parse(write.value), changes, place);
        return undefined;
    } catch (error) {
        if (!(error instanceof Error)) {
            throw error;
        }
        projection(write.parts, undefined, changes, place);
        return `not a ${write.kind ?? 'record'}`;
    }
}
