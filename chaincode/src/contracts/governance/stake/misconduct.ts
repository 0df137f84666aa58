import { keyName, readingKey } from '../../../api/keys';
import type { Charter, Member } from '../../../api/records';
import { ownerStatement, spanStatement } from '../../../api/statements';
import type { ArgsOf } from '../../../api/transactions';
import { verifySignature } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { doubleReadingFlaw } from '../../../domain/stake/misconduct';
import { findDayOf } from '../../clock';

type DoubleReading = ArgsOf<'stake:reportMisconduct'>;
type Reading = DoubleReading['one'];

/** The local day of a reading's slot. Refuses EVIDENCE_INVALID where there is none. */
export const dayOfReading = (charter: Charter, { slot }: Reading): string =>
    findDayOf(charter, slot)?.day ?? refuse('EVIDENCE_INVALID', `slot ${slot} lies on no day`);

/**
 * Two readings prove a misconduct of the member's if they contradict each other and both are signed: by the member's own key, and
 * span by span by its meters. Refuses EVIDENCE_INVALID.
 */
export function requireDoubleReading(charter: Charter, member: Member, { one, other }: DoubleReading): void {
    const flaw = doubleReadingFlaw(one, other);
    if (flaw !== undefined) {
        refuse('EVIDENCE_INVALID', flaw);
    }
    for (const reading of [one, other]) {
        requireSigned(charter, member, reading);
    }
}

function requireSigned(charter: Charter, { mspId, ownerKey, meters }: Member, reading: Reading): void {
    const key = keyName(readingKey(mspId, dayOfReading(charter, reading), reading.slot));
    if (reading.mspId !== mspId || reading.key !== key) {
        refuse('EVIDENCE_INVALID', `a reading does not stand for ${key}`);
    }
    if (!verifySignature(ownerKey, ownerStatement(reading), reading.signature)) {
        refuse('EVIDENCE_INVALID', `a reading is not signed by ${mspId}`);
    }
    const isMetered = reading.spans.every((span) =>
        meters.some(
            ({ id, key: meter }) =>
                id === span.meterId && verifySignature(meter, spanStatement(mspId, span), span.signature),
        ),
    );
    if (!isMetered) {
        refuse('EVIDENCE_INVALID', 'a span is not signed by its meter');
    }
}
