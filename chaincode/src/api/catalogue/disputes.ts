import { z } from 'zod';
import * as record from '../records';
import { hash, mspId, recordId } from '../wire';
import { query, submit } from './market';
import { ALWAYS, HOUSEHOLD_AND_OPERATOR, PRIVATE, specify } from './specification';

const named = z.strictObject({ mspId, id: recordId });
const evidence = z.array(hash).max(20);
const statement = { statement: record.disputeRecord } as const;

export const DISPUTE_TRANSACTIONS = {
    'disputes:open': specify({
        ...submit,
        name: 'disputes:open',
        does: 'contest a reading, settlement, correction, bill or suspicion of its own, with a reason and the hashes of evidence; the reason is private',
        args: z.strictObject({ mspId, id: recordId, about: record.disputed, evidence }),
        transient: statement,
        response: z.strictObject({ hash }),
        events: ['DisputeChanged'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'MEMBER_UNKNOWN',
            'RECORD_WRONG',
            'SIGNATURE_INVALID',
            'NOT_FOUND',
            'DISPUTE_EXISTS',
            'COMMITTEE_MISSING',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'disputes:answer': specify({
        ...submit,
        name: 'disputes:answer',
        does: 'answer a dispute, or add to the answer; only member and grid operator see the text',
        args: z.strictObject({ mspId, id: recordId, evidence }),
        transient: statement,
        response: z.strictObject({ hash }),
        events: ['DisputeChanged'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'DISPUTE_UNKNOWN',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'DISPUTE_OVER',
            'RECORD_WRONG',
            'SIGNATURE_INVALID',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'disputes:resolve': specify({
        ...submit,
        name: 'disputes:resolve',
        does: 'end a dispute for the member or against it: both parties together, or the grid operator with a quorum of the committee',
        args: named.extend({ upheld: z.boolean() }),
        response: z.strictObject({ status: record.disputeMarker.shape.status }),
        events: ['DisputeChanged'],
        refusals: [
            ...ALWAYS,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'DISPUTE_UNKNOWN',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'DISPUTE_OVER',
            'DISPUTE_NOT_ANSWERED',
        ],
        endorsers: 'household and grid operator, or grid operator and a quorum of the committee',
    }),
    'disputes:withdraw': specify({
        ...submit,
        name: 'disputes:withdraw',
        does: 'take a dispute back',
        args: named,
        response: z.strictObject({ status: record.disputeMarker.shape.status }),
        events: ['DisputeChanged'],
        refusals: [
            ...ALWAYS,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'DISPUTE_UNKNOWN',
            'COMMITTEE_MISSING',
            'KEY_POLICY_WRONG',
            'DISPUTE_OVER',
        ],
        endorsers: HOUSEHOLD_AND_OPERATOR,
    }),
    'disputes:list': specify({
        ...query,
        name: 'disputes:list',
        does: 'the disputes there are, of all members or of one: who contests what, and how it stands',
        args: z.strictObject({ mspId: mspId.optional() }),
        response: z.array(record.disputeMarker),
        refusals: [...ALWAYS],
    }),
    'disputes:own': specify({
        ...query,
        name: 'disputes:own',
        does: "the statements of a dispute from the caller's own collection: its own, or for the grid operator any household's",
        args: named,
        response: z.array(record.disputeRecord),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN'],
    }),
} as const;
