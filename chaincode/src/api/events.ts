import { z } from 'zod';
import { count, day, mspId, recordId, slot, version } from './wire';
import { readingKind } from './records/market';

/**
 * Facts that the chaincodes announce. Fabric keeps one event of a transaction, so they leave in one envelope named
 * `governance.v1` or `market.v1`: canonical JSON `{"version":"1","events":[…]}`.
 */
export const EVENTS = {
    CommunityEstablished: {
        doc: 'the community exists',
        schema: z.strictObject({ type: z.literal('CommunityEstablished'), name: z.string() }),
    },
    MembersAdmitted: {
        doc: 'applications were granted',
        schema: z.strictObject({ type: z.literal('MembersAdmitted'), mspIds: z.array(mspId) }),
    },
    StandingChanged: {
        doc: 'a member was suspended or reinstated, or leaves',
        schema: z.strictObject({ type: z.literal('StandingChanged'), mspId, status: z.string(), fromDay: day }),
    },
    MeterReplaced: {
        doc: 'another meter counts for a member from a slot on',
        schema: z.strictObject({ type: z.literal('MeterReplaced'), mspId, slot, meterId: recordId }),
    },
    RoleAssigned: {
        doc: 'a role counts for another organisation from now on',
        schema: z.strictObject({ type: z.literal('RoleAssigned'), role: z.string(), mspId }),
    },
    TermsScheduled: {
        doc: 'tariffs and market parameters apply on a range of days',
        schema: z.strictObject({ type: z.literal('TermsScheduled'), fromDay: day, toDay: day.nullable() }),
    },
    CommitteeAppointed: {
        doc: 'a committee serves from a slot on',
        schema: z.strictObject({ type: z.literal('CommitteeAppointed'), fromSlot: slot, mspIds: z.array(mspId) }),
    },
    DayOpened: {
        doc: 'the rounds of a day take orders',
        schema: z.strictObject({ type: z.literal('DayOpened'), day, first: slot, count, replay: z.boolean() }),
    },
    OrderSubmitted: {
        doc: 'an order stands in the book of a round; what it says is private',
        schema: z.strictObject({ type: z.literal('OrderSubmitted'), slot, mspId, id: recordId }),
    },
    RoundClosed: {
        doc: 'a round takes no more orders',
        schema: z.strictObject({ type: z.literal('RoundClosed'), day, slot, count }),
    },
    RoundCleared: {
        doc: 'a round has a result; orders read theirs from the masked outcomes',
        schema: z.strictObject({ type: z.literal('RoundCleared'), day, slot, price: z.string().nullable() }),
    },
    RoundVoided: {
        doc: 'a round ends without trades',
        schema: z.strictObject({ type: z.literal('RoundVoided'), day, slot, reason: z.string() }),
    },
    ReadingsRecorded: {
        doc: 'readings of a household are on the ledger; their energy is private',
        schema: z.strictObject({
            type: z.literal('ReadingsRecorded'),
            mspId,
            slots: z.array(z.strictObject({ slot, version, kind: readingKind })),
        }),
    },
    DaySettled: {
        doc: "a household's day is settled",
        schema: z.strictObject({ type: z.literal('DaySettled'), day, mspId, version, provisional: z.boolean() }),
    },
    DayClosed: {
        doc: 'the sums of a day agree and are on the channel',
        schema: z.strictObject({ type: z.literal('DayClosed'), day }),
    },
    BillIssued: {
        doc: 'a bill exists',
        schema: z.strictObject({ type: z.literal('BillIssued'), mspId, from: day, to: day, version }),
    },
} as const;

export type EventType = keyof typeof EVENTS;
export type MarketEvent = { [T in EventType]: z.output<(typeof EVENTS)[T]['schema']> }[EventType];

export const EVENT_NAMES = { governance: 'governance.v1', market: 'market.v1' } as const;

export const eventEnvelope = z.strictObject({
    version: z.literal('1'),
    events: z.array(
        z.discriminatedUnion('type', [
            EVENTS.CommunityEstablished.schema,
            EVENTS.MembersAdmitted.schema,
            EVENTS.StandingChanged.schema,
            EVENTS.MeterReplaced.schema,
            EVENTS.RoleAssigned.schema,
            EVENTS.TermsScheduled.schema,
            EVENTS.CommitteeAppointed.schema,
            EVENTS.DayOpened.schema,
            EVENTS.OrderSubmitted.schema,
            EVENTS.RoundClosed.schema,
            EVENTS.RoundCleared.schema,
            EVENTS.RoundVoided.schema,
            EVENTS.ReadingsRecorded.schema,
            EVENTS.DaySettled.schema,
            EVENTS.DayClosed.schema,
            EVENTS.BillIssued.schema,
        ]),
    ),
});
