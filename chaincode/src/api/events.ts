import { z } from 'zod';
import { DAY_AHEAD_MODES } from '../domain/schedule/terms';
import { count, day, mspId, recordId, slot, version } from './wire';
import { bankStatementKind } from './records/accounts';
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
    StakeParametersSet: {
        doc: 'parameters of stake apply from a day on',
        schema: z.strictObject({ type: z.literal('StakeParametersSet'), fromDay: day }),
    },
    EpochOpened: {
        doc: 'an epoch takes commitments and published energy',
        schema: z.strictObject({ type: z.literal('EpochOpened'), epoch: day, energyDay: day, mspIds: z.array(mspId) }),
    },
    EnergyPublished: {
        doc: "a household's matched energy is on the channel, in coarse steps",
        schema: z.strictObject({ type: z.literal('EnergyPublished'), epoch: day, mspId, tokens: z.string() }),
    },
    SeedCommitted: {
        doc: 'a member has committed itself to its part of the seed',
        schema: z.strictObject({ type: z.literal('SeedCommitted'), epoch: day, mspId }),
    },
    WeightsFixed: {
        doc: 'commitments and weights of an epoch are fixed; secrets may be revealed',
        schema: z.strictObject({ type: z.literal('WeightsFixed'), epoch: day, mspIds: z.array(mspId) }),
    },
    SeedRevealed: {
        doc: 'a member has revealed its part of the seed',
        schema: z.strictObject({ type: z.literal('SeedRevealed'), epoch: day, mspId }),
    },
    EpochClosed: {
        doc: 'the seed of an epoch is known and the draw is made; without seats nobody was elected',
        schema: z.strictObject({ type: z.literal('EpochClosed'), epoch: day, mspIds: z.array(mspId) }),
    },
    CommitteeElected: {
        doc: 'a committee that was drawn, or a substitute in it, serves from a slot on',
        schema: z.strictObject({
            type: z.literal('CommitteeElected'),
            fromSlot: slot,
            epoch: day,
            mspIds: z.array(mspId),
        }),
    },
    DepositChanged: {
        doc: "a member's deposit was paid in or out",
        schema: z.strictObject({ type: z.literal('DepositChanged'), mspId, depositNanos: z.string() }),
    },
    MisconductPunished: {
        doc: 'a misconduct was proved and cost deposit and reputation',
        schema: z.strictObject({ type: z.literal('MisconductPunished'), mspId, kind: z.string(), subject: z.string() }),
    },
    ProducersConfirmed: {
        doc: 'a member has confirmed who produced which blocks',
        schema: z.strictObject({ type: z.literal('ProducersConfirmed'), epoch: day, mspId }),
    },
    IncomeCounted: {
        doc: 'what a closed day brought the community is on its account',
        schema: z.strictObject({ type: z.literal('IncomeCounted'), day }),
    },
    RewardsPaid: {
        doc: 'blocks and rounds up to a block are rewarded',
        schema: z.strictObject({ type: z.literal('RewardsPaid'), epoch: day, to: count }),
    },
    DayOpened: {
        doc: 'the rounds of a day take orders',
        schema: z.strictObject({ type: z.literal('DayOpened'), day, first: slot, count, replay: z.boolean() }),
    },
    OrderSubmitted: {
        doc: 'a sealed order stands in the book of a round; what it says its owner alone knows',
        schema: z.strictObject({ type: z.literal('OrderSubmitted'), slot, mspId, id: recordId }),
    },
    OrderCancelled: {
        doc: 'an order takes no part in its round',
        schema: z.strictObject({ type: z.literal('OrderCancelled'), slot, mspId, id: recordId }),
    },
    OrdersRevealed: {
        doc: 'seats of the committee hold the openings of orders',
        schema: z.strictObject({
            type: z.literal('OrdersRevealed'),
            mspId,
            orders: z.array(z.strictObject({ slot, id: recordId })),
            to: z.array(mspId),
        }),
    },
    RevealsCalled: {
        doc: 'the orders of a closed round that are not revealed were called for: the time to reveal runs',
        schema: z.strictObject({ type: z.literal('RevealsCalled'), day, slot }),
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
    DayAheadScheduled: {
        doc: 'from a day on days are run by auction, by schedule or by certificate',
        schema: z.strictObject({ type: z.literal('DayAheadScheduled'), fromDay: day, mode: z.enum(DAY_AHEAD_MODES) }),
    },
    ScheduleOpened: {
        doc: 'households may answer to the first prices of a day',
        schema: z.strictObject({ type: z.literal('ScheduleOpened'), day, households: count }),
    },
    ScheduleAnswered: {
        doc: 'a household has answered in an iteration; what it answered is private',
        schema: z.strictObject({ type: z.literal('ScheduleAnswered'), day, mspId, iteration: count }),
    },
    ScheduleStepped: {
        doc: 'an iteration of a schedule is closed: there are new prices',
        schema: z.strictObject({ type: z.literal('ScheduleStepped'), day, iteration: count }),
    },
    ScheduleEnded: {
        doc: 'a schedule has come to its end: it is agreed, or the day is traded by auction',
        schema: z.strictObject({
            type: z.literal('ScheduleEnded'),
            day,
            status: z.enum(['converged', 'notConverged']),
        }),
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
    PoolStated: {
        doc: 'which imbalance price holds in each slot of a scheduled day is stated; settlements under an earlier statement are made again',
        schema: z.strictObject({ type: z.literal('PoolStated'), day, version }),
    },
    DayClosed: {
        doc: 'the sums of a day agree and are on the channel',
        schema: z.strictObject({ type: z.literal('DayClosed'), day }),
    },
    DayCorrected: {
        doc: "readings of a household's settled day changed; what they add is settled",
        schema: z.strictObject({ type: z.literal('DayCorrected'), day, mspId, number: count }),
    },
    CorrectionsPublished: {
        doc: 'what corrections of several households came to is on the channel',
        schema: z.strictObject({ type: z.literal('CorrectionsPublished'), run: recordId, households: count }),
    },
    FeederCompared: {
        doc: "a day's meters are compared with the feeder's",
        schema: z.strictObject({ type: z.literal('FeederCompared'), day, fits: z.boolean() }),
    },
    SuspicionTold: {
        doc: 'a household was told something about its meter',
        schema: z.strictObject({ type: z.literal('SuspicionTold'), day, mspId }),
    },
    DisputeChanged: {
        doc: 'a dispute was opened or goes on',
        schema: z.strictObject({ type: z.literal('DisputeChanged'), mspId, id: recordId, status: z.string() }),
    },
    StorageScheduled: {
        doc: 'a storage system and the terms of its contracts apply from a day on',
        schema: z.strictObject({ type: z.literal('StorageScheduled'), fromDay: day, mspId }),
    },
    EnergyAttested: {
        doc: 'the storage system has taken in energy of a prosumer',
        schema: z.strictObject({ type: z.literal('EnergyAttested'), day, slot, id: recordId, prosumer: mspId }),
    },
    ContractOffered: {
        doc: 'energy in the storage system is for sale: the offer is public',
        schema: z.strictObject({ type: z.literal('ContractOffered'), day, slot, id: recordId, version }),
    },
    ContractWithdrawn: {
        doc: 'an offer is taken back',
        schema: z.strictObject({ type: z.literal('ContractWithdrawn'), day, slot, id: recordId, version }),
    },
    ContractBought: {
        doc: 'an offer is bought, its price lies in escrow',
        schema: z.strictObject({ type: z.literal('ContractBought'), day, slot, id: recordId, version, buyer: mspId }),
    },
    ContractReleased: {
        doc: 'the storage system gives the energy out',
        schema: z.strictObject({ type: z.literal('ContractReleased'), day, slot, id: recordId, version }),
    },
    ContractConfirmed: {
        doc: 'the energy is given out, the seller is paid',
        schema: z.strictObject({ type: z.literal('ContractConfirmed'), day, slot, id: recordId, version }),
    },
    ContractRefunded: {
        doc: 'the energy did not come in time, the buyer has its money back',
        schema: z.strictObject({ type: z.literal('ContractRefunded'), day, slot, id: recordId, version }),
    },
    DocumentsNumbered: {
        doc: 'a billing run is final: its documents have numbers from the first to the last',
        schema: z.strictObject({ type: z.literal('DocumentsNumbered'), run: count, firstNumber: count, count }),
    },
    CreditNoteIssued: {
        doc: 'a part of a bill is taken back',
        schema: z.strictObject({ type: z.literal('CreditNoteIssued'), mspId, corrects: count, id: recordId }),
    },
    DocumentPaid: {
        doc: 'a bill or credit note was paid',
        schema: z.strictObject({ type: z.literal('DocumentPaid'), mspId, number: count }),
    },
    DocumentReminded: {
        doc: 'the payment of a bill was asked for again',
        schema: z.strictObject({ type: z.literal('DocumentReminded'), mspId, number: count }),
    },
    RecordsPurged: {
        doc: "a party has removed its private records of a household's day; their hashes stay",
        schema: z.strictObject({ type: z.literal('RecordsPurged'), by: mspId, mspId, day }),
    },
    BillIssued: {
        doc: 'a bill exists',
        schema: z.strictObject({ type: z.literal('BillIssued'), mspId, from: day, to: day, version }),
    },
    BillsPublished: {
        doc: 'what all bills of a period come to is on the channel, proved by their commitments',
        schema: z.strictObject({ type: z.literal('BillsPublished'), from: day, to: day }),
    },
    BankStatementRecorded: {
        doc: "the bank has stated something of a member's money; how much is private",
        schema: z.strictObject({
            type: z.literal('BankStatementRecorded'),
            mspId,
            kind: bankStatementKind,
            reference: recordId,
        }),
    },
    AccountChanged: {
        doc: "a member's account has a new version",
        schema: z.strictObject({ type: z.literal('AccountChanged'), mspId, version }),
    },
    AccountLimited: {
        doc: 'what a member may have on its account is another amount',
        schema: z.strictObject({ type: z.literal('AccountLimited'), mspId }),
    },
    WithdrawalRequested: {
        doc: 'a member asks its bank to pay out',
        schema: z.strictObject({ type: z.literal('WithdrawalRequested'), mspId, id: recordId }),
    },
    DayCovered: {
        doc: "a member's trading on a day is covered",
        schema: z.strictObject({ type: z.literal('DayCovered'), day, mspId }),
    },
    CoverReleased: {
        doc: 'of the cover of a day no more is kept than is owed',
        schema: z.strictObject({ type: z.literal('CoverReleased'), day, mspId }),
    },
    BillCollected: {
        doc: 'what was reserved for a bill that its household does not pay is collected',
        schema: z.strictObject({ type: z.literal('BillCollected'), mspId, from: day, to: day }),
    },
    CreditTaken: {
        doc: 'a credit note is on the account of its household',
        schema: z.strictObject({ type: z.literal('CreditTaken'), mspId, from: day, to: day, id: recordId }),
    },
    BillPaid: {
        doc: 'a bill was paid, from the account or into it',
        schema: z.strictObject({ type: z.literal('BillPaid'), mspId, from: day, to: day }),
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
            EVENTS.StakeParametersSet.schema,
            EVENTS.EpochOpened.schema,
            EVENTS.EnergyPublished.schema,
            EVENTS.SeedCommitted.schema,
            EVENTS.WeightsFixed.schema,
            EVENTS.SeedRevealed.schema,
            EVENTS.EpochClosed.schema,
            EVENTS.CommitteeElected.schema,
            EVENTS.DepositChanged.schema,
            EVENTS.MisconductPunished.schema,
            EVENTS.ProducersConfirmed.schema,
            EVENTS.IncomeCounted.schema,
            EVENTS.RewardsPaid.schema,
            EVENTS.DayOpened.schema,
            EVENTS.OrderSubmitted.schema,
            EVENTS.OrderCancelled.schema,
            EVENTS.OrdersRevealed.schema,
            EVENTS.RevealsCalled.schema,
            EVENTS.RoundClosed.schema,
            EVENTS.RoundCleared.schema,
            EVENTS.RoundVoided.schema,
            EVENTS.DayAheadScheduled.schema,
            EVENTS.ScheduleOpened.schema,
            EVENTS.ScheduleAnswered.schema,
            EVENTS.ScheduleStepped.schema,
            EVENTS.ScheduleEnded.schema,
            EVENTS.ReadingsRecorded.schema,
            EVENTS.DaySettled.schema,
            EVENTS.PoolStated.schema,
            EVENTS.DayClosed.schema,
            EVENTS.DayCorrected.schema,
            EVENTS.CorrectionsPublished.schema,
            EVENTS.FeederCompared.schema,
            EVENTS.SuspicionTold.schema,
            EVENTS.DisputeChanged.schema,
            EVENTS.StorageScheduled.schema,
            EVENTS.EnergyAttested.schema,
            EVENTS.ContractOffered.schema,
            EVENTS.ContractWithdrawn.schema,
            EVENTS.ContractBought.schema,
            EVENTS.ContractReleased.schema,
            EVENTS.ContractConfirmed.schema,
            EVENTS.ContractRefunded.schema,
            EVENTS.BillIssued.schema,
            EVENTS.BillsPublished.schema,
            EVENTS.DocumentsNumbered.schema,
            EVENTS.CreditNoteIssued.schema,
            EVENTS.DocumentPaid.schema,
            EVENTS.DocumentReminded.schema,
            EVENTS.RecordsPurged.schema,
            EVENTS.BankStatementRecorded.schema,
            EVENTS.AccountChanged.schema,
            EVENTS.AccountLimited.schema,
            EVENTS.WithdrawalRequested.schema,
            EVENTS.DayCovered.schema,
            EVENTS.CoverReleased.schema,
            EVENTS.BillPaid.schema,
            EVENTS.BillCollected.schema,
            EVENTS.CreditTaken.schema,
        ]),
    ),
});
