import { z } from 'zod';
import { day, hash, mspId, note, slot, version } from '../wire';
import * as record from '../records';
import { query, readings, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const readingSlots = z
    .array(z.strictObject({ slot, version, kind: record.readingKind, reason: note.optional() }))
    .min(1)
    .max(100);
const slotRange = z.strictObject({ from: slot, to: slot, mspId: mspId.optional() });
export const METERING_TRANSACTIONS = {
    'metering:recordReadings': specify({
        ...submit,
        name: 'metering:recordReadings',
        does: "record up to a day's readings of a household, signed by its meter and its owner",
        args: z.strictObject({ mspId, slots: readingSlots }),
        transient: { readings },
        response: z.strictObject({ recorded: z.array(hash) }),
        events: ['ReadingsRecorded'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'MEMBER_UNKNOWN',
            'MEMBER_NOT_ACTIVE',
            'READINGS_OUT_OF_ORDER',
            'READING_IN_FUTURE',
            'CORRECTION_WITHOUT_REASON',
            'RECORD_WRONG',
            'READING_KIND_WRONG',
            'METER_UNKNOWN',
            'METER_DISAGREES',
            'SIGNATURE_INVALID',
            'READING_ENERGY_WRONG',
            'READING_ABOVE_LIMIT',
            'READING_VERSION_EXISTS',
            'READING_VERSION_SKIPPED',
            'TOO_MANY_VERSIONS',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
        attested: 'Are these readings what the meter shows?',
    }),
    'metering:estimateReadings': specify({
        ...submit,
        name: 'metering:estimateReadings',
        does: 'after the deadline: the grid operator estimates readings, signed by it and flagged',
        args: z.strictObject({ mspId, slots: readingSlots }),
        transient: { readings },
        response: z.strictObject({ recorded: z.array(hash) }),
        events: ['ReadingsRecorded'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'MEMBER_UNKNOWN',
            'READINGS_OUT_OF_ORDER',
            'READING_IN_FUTURE',
            'DEADLINE_OPEN',
            'CORRECTION_WITHOUT_REASON',
            'RECORD_WRONG',
            'READING_KIND_WRONG',
            'SIGNATURE_INVALID',
            'READING_ABOVE_LIMIT',
            'READING_VERSION_EXISTS',
            'READING_VERSION_SKIPPED',
            'TOO_MANY_VERSIONS',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
        ],
        endorsers: 'grid operator and a quorum of the committee',
    }),
    'metering:markers': specify({
        ...query,
        name: 'metering:markers',
        does: 'which readings of a household and day are on the ledger',
        args: z.strictObject({ mspId, day }),
        response: z.array(record.readingMarker),
        refusals: [...ALWAYS],
    }),
    'metering:ownReadings': specify({
        ...query,
        name: 'metering:ownReadings',
        does: "readings of a range of slots, both ends included, from the caller's own collection: its own, or for the grid operator any household's",
        args: slotRange,
        response: z.array(record.readingRecord),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN'],
    }),
} as const;
