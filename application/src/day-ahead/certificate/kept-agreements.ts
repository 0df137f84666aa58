import { submissionRecord, type SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { appendRecords, readRecords } from '../../household/kept-records';

const OTHERWISE =
    'is no agreement: restore the file, or remove it; of a day that was agreed on the grid operator has it, too (commonwatt restore)';

/**
 * What an agent has agreed to of a day. A certificate names an agreement by its hash and leaves the record with grid operator and some seats, so the
 * household would depend on them to settle its own day: each is on the disk before anybody gets it. One line for each, added and never changed; only one
 * of them can stand in the schedule.
 */
export class KeptAgreements {
    readonly #path: string;

    /** Nothing is read or made before it is needed. */
    constructor(path: string) {
        this.#path = path;
    }

    /** In the order in which they were made. */
    get all(): readonly SubmissionRecord[] {
        return readRecords(this.#path, submissionRecord, OTHERWISE);
    }

    /** Back only when it would survive a power cut. */
    keep(agreement: SubmissionRecord): void {
        // Cuts off what was half written before.
        if (this.all.every(({ signature }) => signature !== agreement.signature)) {
            appendRecords(this.#path, [agreement]);
        }
    }
}
