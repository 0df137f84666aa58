import type { Charter, RoundRecord } from '@commonwatt/chaincode/api/records';
import { committeeAgents, householdAgent, operatorAgent } from '../../community/trade';
import type { CommunityMembers, MemberAccess } from '../../community/members';
import { chosenDay, meterData } from '../../commands/day-choice';
import { netsOf, registersOf, type MeterDay } from '../../data/meter-day';
import { concurrently } from '../../day/concurrently';
import type { HouseholdAgent } from '../../household/agent';
import { meteredSlots, readingRecord } from '../../household/records';
import { servingCommittee } from '../../market/endorsers';
import { Metering } from '../../market/metering';
import { median, hundredths } from '../statistics';

/** A slot from sealed orders to readings, of a community of so many households. */
export interface SlotFigures {
    readonly households: number;
    /** The middle of all slots measured, in seconds. */
    readonly seconds: number;
    readonly ofEachSlot: readonly number[];
    /** The middle of each phase. */
    readonly phases: Readonly<Record<string, number>>;
    readonly transactions: number;
    readonly invalid: number;
}

/** What became of one slot. */
export interface PassedSlot {
    readonly round: RoundRecord;
    readonly seconds: number;
    readonly phases: Readonly<Record<string, number>>;
}

/** Panels and loads are both at work, so that every household has something to order. */
const FROM_SLOT_OF_DAY = 44;
const COVERS_AT_ONCE = 6;

/** A day that is open and covered, of which slots can be run one by one; everybody sends at the same moment. */
export class OpenDay {
    readonly #charter: Charter;
    readonly #metered: MeterDay;
    readonly #members: CommunityMembers;
    readonly #agents: readonly { readonly member: MemberAccess; readonly agent: HouseholdAgent }[];
    #next = FROM_SLOT_OF_DAY;

    private constructor(members: CommunityMembers, charter: Charter) {
        this.#members = members;
        this.#charter = charter;
        this.#metered = meterData(members.topology, chosenDay({})).metered;
        const request = { charter, metered: this.#metered, progress: { report: () => undefined } };
        this.#agents = members.households.map((member) => ({
            member,
            agent: householdAgent(members, member, request),
        }));
    }

    static async of(members: CommunityMembers): Promise<OpenDay> {
        const charter = await members.operator.calls.query('charter:document', {});
        const opened = new OpenDay(members, charter);
        const witness = members.households[0]?.calls.mspId ?? members.operator.calls.mspId;
        await operatorAgent(members, charter).openDay(opened.#metered.day, true, witness);
        await concurrently(opened.#agents, COVERS_AT_ONCE, ({ agent }) => agent.cover());
        return opened;
    }

    /** The next slot: sealed orders, close, openings (seats first), clearing, readings. */
    async runSlot(): Promise<PassedSlot> {
        const slot = this.#metered.firstSlot + this.#next;
        this.#next += 1;
        const operator = operatorAgent(this.#members, this.#charter);
        const committee = committeeAgents(this.#members, this.#charter);
        const phases: Record<string, number> = {};
        const timed = async <R>(phase: string, work: () => Promise<R>): Promise<R> => {
            const begin = performance.now();
            const result = await work();
            phases[phase] = hundredths((performance.now() - begin) / 1000);
            return result;
        };
        const open = await operator.round(slot);
        const seats = new Set(servingCommittee(this.#charter, open).seats.map(({ mspId }) => mspId));
        const agents = this.#agents.map(({ agent }) => agent);
        const begin = performance.now();
        await timed('orders', () => Promise.all(agents.map((agent) => agent.order([slot]))));
        const closed = await timed('close', () => committee.close(open));
        const reveal = (isSeat: boolean): Promise<unknown> =>
            Promise.all(agents.filter(({ mspId }) => seats.has(mspId) === isSeat).map((each) => each.reveal([closed])));
        await timed('openings of seats', () => reveal(true));
        await timed('openings of others', () => reveal(false));
        const round = await timed('clear', () => committee.clear(closed));
        await timed('readings', () => Promise.all(this.#agents.map(({ member }) => this.#record(member, slot))));
        return { round, seconds: hundredths((performance.now() - begin) / 1000), phases };
    }

    async #record({ calls, keys, meter, organisation: { id } }: MemberAccess, slot: number): Promise<void> {
        const { day, firstSlot } = this.#metered;
        const registers = registersOf(this.#metered, id);
        const metered = meteredSlots(calls.mspId, day, firstSlot, registers)[slot - firstSlot];
        if (metered === undefined || meter === undefined) {
            throw new Error(`${id} has no meter value of slot ${slot}`);
        }
        const reading = readingRecord(keys, meter, metered, netsOf(registers)[slot - firstSlot] ?? 0n);
        await new Metering(calls).recordReadings([reading], this.#members.operator.calls.mspId);
    }
}

const WARM_UP = 2;
const MEASURED = 5;

/** The middle of some slots, one after the other. */
export async function measureSlots(members: CommunityMembers): Promise<SlotFigures> {
    const day = await OpenDay.of(members);
    const passed: PassedSlot[] = [];
    let before = 0;
    for (let i = 0; i < WARM_UP + MEASURED; i += 1) {
        if (i === WARM_UP) {
            before = members.log.outcomes.length;
        }
        passed.push(await day.runSlot());
    }
    const measured = passed.slice(WARM_UP);
    const outcomes = members.log.outcomes.slice(before);
    const names = Object.keys(measured[0]?.phases ?? {});
    return {
        households: members.households.length,
        seconds: hundredths(median(measured.map(({ seconds }) => seconds))),
        ofEachSlot: measured.map(({ seconds }) => seconds),
        phases: Object.fromEntries(
            names.map((name) => [name, hundredths(median(measured.map(({ phases }) => phases[name] ?? 0)))]),
        ),
        transactions: outcomes.length,
        invalid: outcomes.filter(({ validationCode }) => validationCode !== 'VALID').length,
    };
}

/** For people. */
export function slotText({ households, seconds, ofEachSlot, phases, transactions, invalid }: SlotFigures): string {
    const parts = Object.entries(phases).map(([phase, took]) => `${phase} ${took}`);
    return [
        `  ${households} households: ${seconds} s (${ofEachSlot.join(', ')}), ${transactions} transactions, ${invalid} invalid`,
        `    ${parts.join(', ')}`,
    ].join('\n');
}
