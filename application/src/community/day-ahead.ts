import { join } from 'node:path';
import type { BusPrices, Charter, ScheduleRecord, SubmissionRecord } from '@commonwatt/chaincode/api/records';
import { SECONDS_PER_SLOT, slot, slotStart } from '@commonwatt/chaincode/domain/slot';
import { busesOf, dayAheadOn } from '@commonwatt/chaincode/domain/schedule/terms';
import { gridOperator, households, type Organisation } from '@commonwatt/network/topology/topology';
import { Coordinator } from '../day-ahead/coordinator';
import { DayAhead } from '../day-ahead/day-ahead';
import { KeptAgreements } from '../day-ahead/certificate/kept-agreements';
import { KeptAnswer } from '../day-ahead/kept-answer';
import { ownSubmission } from '../day-ahead/own-submission';
import { ScheduleAgent } from '../day-ahead/schedule-agent';
import type { DayAheadOutcome } from '../day-ahead/plan';
import { OwnScheduledDay, type HomeForecast } from '../day-ahead/own-schedule';
import { Seats } from '../day-ahead/seats';
import { differences, fixedLoadOf, registersOf, type MeterDay } from '../data/meter-day';
import { termsOn } from '../day/trading-day';
import { committeeOf, operatorAndCommittee, quorumShare, servingCommittee } from '../market/endorsers';
import { HomeMoney } from '../household/home-money';
import { Accounts } from '../market/accounts';
import { Auction } from '../market/auction';
import { Schedule } from '../market/schedule';
import { communityHome, movableBy } from '../schedule/community-home';
import { homeModel } from '../schedule/models/home';
import { isActiveOn } from './admission';
import { exchangeTransport } from './exchange-transport';
import type { CommunityMembers, MemberAccess } from './members';

export interface AheadRequest {
    readonly charter: Charter;
    readonly day: string;
    /** What each home's agent expects. */
    readonly forecast: (home: string) => HomeForecast;
    /** Organisations whose agents run here; all where it is not said. */
    readonly as?: readonly string[] | undefined;
    /** Homes whose agents do nothing. */
    readonly silent?: readonly string[] | undefined;
    /** What the first iteration's prices are, where not the middle of the tariffs: nanos/kWh by bus and slot. */
    readonly firstPrices?: BusPrices[] | undefined;
    readonly report: (what: string) => void;
}

const QUARTERS = 4n;
const NANOS_PER_MICRO = 1000n;

/** The agents of a day ahead of which we have the keys, ready to run. The day has to be open. */
export async function dayAhead(members: CommunityMembers, request: AheadRequest): Promise<DayAhead> {
    const { charter, day, as, silent = [] } = request;
    const runsHere = ({ id }: Organisation): boolean => as === undefined || as.includes(id);
    // Others' keys need not be here.
    const operator = gridOperator(members.topology);
    const here = households(members.topology)
        .filter((each) => runsHere(each) && isActiveOn(charter, each.mspId, day) && !silent.includes(each.id))
        .map(({ id }) => members.member(id));
    const operatorHere = runsHere(operator) ? [members.operator] : [];
    const witness = operatorHere[0] ?? here[0] ?? members.operator;
    const rounds = await new Auction(witness.calls).rounds(day);
    const [first] = rounds;
    if (first === undefined) {
        throw new Error(`${day} has no rounds`);
    }
    const seats = servingCommittee(charter, first).seats.map(({ mspId }) => mspId);
    const ranked = [operator.mspId, ...seats].flatMap((mspId, rank) => {
        const member = [...operatorHere, ...here].find(({ calls }) => calls.mspId === mspId);
        return member === undefined ? [] : [{ coordinator: new Coordinator(member.calls), rank }];
    });
    return new DayAhead({
        day,
        operator: operator.mspId,
        households: here.map((member) => scheduleAgent(members, member, request)),
        coordinators: ranked,
        // All days begin with another seat: who sees answers changes from day to day, and not within one.
        seats: new Seats(quorumShare(servingCommittee(charter, first), Math.floor(first.slot / 96))),
        openers: operatorAndCommittee(charter, first),
        enders: committeeOf(charter, first),
        firstPrices: request.firstPrices ?? firstPrices(charter, day, rounds.length),
        openBy: openBy(charter, day, first.slot),
        witness: new Schedule(witness.calls),
        // Where all organisations' agents run in this process nobody is asked elsewhere.
        transport: as === undefined ? undefined : exchangeTransport(members, seats),
        report: request.report,
    });
}

export function scheduleAgent(
    { topology, layout }: CommunityMembers,
    member: MemberAccess,
    { charter, day, forecast }: Pick<AheadRequest, 'charter' | 'day' | 'forecast'>,
): ScheduleAgent {
    const { organisation, calls, keys } = member;
    const { id, home } = organisation;
    if (home === undefined) {
        throw new Error(`${id} is not a household`);
    }
    const { load, generation, unattended = [] } = forecast(id);
    return new ScheduleAgent({
        home: id,
        operator: gridOperator(topology).mspId,
        calls,
        keys,
        // By the owner's key, as orders are kept.
        kept: new KeptAnswer(join(layout.agentFolder(id), `schedule-${day}-${keys.fingerprint}.json`)),
        agreements: keptAgreements(layout, member, day),
        money: charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined,
        model: homeModel(communityHome(id, home, { load, pv: generation }), load.length),
        firstReference: load.map((energy, slot) =>
            Number(energy + (unattended[slot] ?? 0n) - (generation[slot] ?? 0n)),
        ),
    });
}

/** By the owner's key, too. */
export const keptAgreements = (
    layout: CommunityMembers['layout'],
    { organisation, keys }: Pick<MemberAccess, 'organisation' | 'keys'>,
    day: string,
): KeptAgreements =>
    new KeptAgreements(join(layout.agentFolder(organisation.id), `agreements-${day}-${keys.fingerprint}.jsonl`));

/** @throws Error where neither the home's peer nor its agent has it. */
export const submissionOf = (
    { layout }: CommunityMembers,
    member: MemberAccess,
    record: ScheduleRecord,
): Promise<SubmissionRecord | undefined> =>
    ownSubmission(
        {
            home: member.organisation.id,
            mspId: member.calls.mspId,
            schedule: new Schedule(member.calls),
            agreements: keptAgreements(layout, member, record.day),
        },
        record,
    );

/** What was agreed for a home, from its own peer or its own agent. */
export async function ownScheduledDay(
    members: CommunityMembers,
    mspId: string,
    { record, problem }: DayAheadOutcome,
    forecast: AheadRequest['forecast'],
): Promise<OwnScheduledDay> {
    const found = households(members.topology).find((each) => each.mspId === mspId);
    const member = found && members.member(found.id);
    const home = found?.home;
    if (member === undefined || home === undefined) {
        throw new Error(`${mspId} is not a household`);
    }
    if (problem === undefined) {
        throw new Error(`${record.day} has no agreed schedule`);
    }
    const { importLimitW, exportLimitW } = home.connection;
    return new OwnScheduledDay(mspId, record, problem, {
        submission: await submissionOf(members, member, record),
        devices: {
            ...movableBy(home),
            limits: { importWh: ofSlot(importLimitW), exportWh: ofSlot(exportLimitW) },
            forecast: forecast(member.organisation.id),
        },
    });
}

const ofSlot = (watts: number): bigint => BigInt(watts) / QUARTERS;

/** What homes expect, from the day as they expect it. */
export const forecastFrom =
    (metered: MeterDay) =>
    (home: string): HomeForecast => {
        const registers = registersOf(metered, home);
        return {
            load: fixedLoadOf(registers),
            generation: differences(registers.produced),
            unattended: registers.unattendedWh,
        };
    };

/** The middle between the tariffs, within floor and cap: what was scarce yesterday need not be today (decision 0058). */
function firstPrices(charter: Charter, day: string, slots: number): BusPrices[] {
    const { retail, feedIn, floor, cap } = termsOn(charter, day);
    const middle = ((retail + feedIn) * NANOS_PER_MICRO) / 2n;
    const [least, most] = [floor * NANOS_PER_MICRO, cap * NANOS_PER_MICRO];
    const held = middle < least ? least : middle > most ? most : middle;
    return busesOf(dayAheadOn(charter.dayAhead, day)?.feeder).map((bus) => ({
        bus,
        pricesNanos: Array.from({ length: slots }, () => held),
    }));
}

/** When a run that nobody could open is given up: before the day begins, as governed; of a day that is replayed, after the time a run may take. */
function openBy(charter: Charter, day: string, firstSlot: number): number {
    const { deadlineSlots = 0, runSeconds = 0 } = dayAheadOn(charter.dayAhead, day) ?? {};
    const now = Math.floor(Date.now() / 1000);
    const end = slotStart(slot(firstSlot)) - deadlineSlots * SECONDS_PER_SLOT;
    return end > now ? Math.min(end, now + runSeconds) : now + runSeconds;
}
